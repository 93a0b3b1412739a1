/**
 * The page as HTML for the engine, which looks for the article in it: the flattened tree in the order in which it is shown,
 * without what is not. Open shadow roots and same-origin frames are in it, and what is shown as a block is one.
 */
(globalThis[Symbol.for("pith")] ??= {}).HtmlWriter ??= (() => {
  const { localName, getAttribute, parentElement, allIn, documentElement } = globalThis[Symbol.for("pith")].dom;

  /** Of longer HTML the beginning is handed over, in UTF-16 units. */
  const MOST_HTML = 8 << 20;
  const MOST_HEAD = 1 << 20;
  /** What the engine looks at. A page's styles and scripts name no article. */
  const ATTRIBUTES = "class id role href rel lang dir itemprop itemtype property datetime pubdate aria-level".split(" ");
  const ABOUT_THE_PAGE = "title, meta, link[rel~=canonical], script[type='application/ld+json']";
  const INLINE = new Set(
    ("a abbr acronym b bdi bdo big button cite code data del dfn em font i ins kbd label mark nobr q rb ruby s samp small " +
      "span strike strong sub sup time tt u var").split(" "),
  );
  const VOID = new Set("area base br col embed hr img input link meta source track wbr".split(" "));
  const ESCAPES = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  const escaped = (text) => text.replace(/[&<>"]/g, (sign) => ESCAPES[sign]);

  /** What an element is called in the HTML. */
  const nameOf = (element, name, isBlock) => {
    // The engine reads no button; a heading's is the heading.
    if (name === "button" && /^h[1-6]$/.test(localName(parentElement(element) ?? element))) return "span";
    if (name === "a" || name === "button") return name;
    if (INLINE.has(name)) return isBlock ? "div" : name;
    if (/^i?frame$|^slot$|-/.test(name)) return isBlock ? "div" : "span";
    return /^(?:div|p|section)$/.test(name) && !isBlock ? "span" : name;
  };

  return class HtmlWriter {
    #parts = [];
    #length = 0;

    /** Begins with what the page says of itself for machines. */
    constructor() {
      const about = [...allIn(document, ABOUT_THE_PAGE)].map((element) => element.outerHTML).join("");
      const language = escaped(getAttribute(documentElement(document), "lang") ?? "");
      this.write(`<!doctype html><html lang="${language}"><head>${about.slice(0, MOST_HEAD)}</head>`);
    }

    /** @param {string} html */
    write(html) {
      if (this.#length >= MOST_HTML) return;
      this.#parts.push(html);
      this.#length += html.length;
    }

    /** @param {string} data */
    text(data) {
      this.write(escaped(data));
    }

    /** @param {Element} element @param {boolean} isBlock whether it is shown as one @returns {string} the end tags, to write */
    open(element, isBlock) {
      const name = localName(element);
      const written = nameOf(element, name, isBlock);
      let tag = written;
      for (const attribute of ATTRIBUTES) {
        const value = getAttribute(element, attribute);
        if (value !== null && value.length < 1000) tag += ` ${attribute}="${escaped(value)}"`;
      }
      // A link that is shown as a block stays a link.
      const wraps = isBlock && name === "a";
      this.write(wraps ? `<div><${tag}>` : `<${tag}>`);
      return VOID.has(written) ? "" : wraps ? "</a></div>" : `</${written}>`;
    }

    toString() {
      return this.#parts.join("");
    }
  };
})();
