/**
 * The page as HTML for the engine, which looks for the article in it: the flattened tree in the order in which it is
 * shown, without what is not. Open shadow roots and same-origin frames are in it, and what is shown as a block is one.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.HtmlWriter) return;

  const { localName, getAttribute, parentElement } = pith.dom;

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

  /** @param {string} text */
  function escaped(text) {
    return text.replace(/[&<>"]/g, (sign) => ESCAPES[sign]);
  }

  pith.HtmlWriter = class HtmlWriter {
    /** @type {string[]} */ #parts = [];
    #length = 0;

    /** @param {string} part */
    #push(part) {
      if (this.#length >= MOST_HTML) return;
      this.#parts.push(part);
      this.#length += part.length;
    }

    /** What the page says of itself for machines. @param {Document} page */
    head(page) {
      const about = [...page.querySelectorAll(ABOUT_THE_PAGE)].map((element) => element.outerHTML).join("");
      const language = escaped(page.documentElement.getAttribute("lang") ?? "");
      this.#push(`<!doctype html><html lang="${language}"><head>${about.slice(0, MOST_HEAD)}</head>`);
    }

    /** @param {string} data */
    text(data) {
      this.#push(escaped(data));
    }

    /** @param {Element} element @param {boolean} isBlock whether it is shown as one
     * @returns {string} the end tags, for `close`
     */
    open(element, isBlock) {
      const name = localName(element);
      const written = this.#nameOf(element, name, isBlock);
      let attributes = "";
      for (const attribute of ATTRIBUTES) {
        const value = getAttribute(element, attribute);
        if (value !== null && value.length < 1000) attributes += ` ${attribute}="${escaped(value)}"`;
      }
      // A link that is shown as a block stays a link.
      const wraps = isBlock && name === "a";
      this.#push(wraps ? `<div><a${attributes}>` : `<${written}${attributes}>`);
      if (VOID.has(written)) return "";
      return wraps ? "</a></div>" : `</${written}>`;
    }

    /** @param {Element} element @param {string} name @param {boolean} isBlock */
    #nameOf(element, name, isBlock) {
      if (name === "a") return name;
      // The engine reads no button; a heading's is the heading.
      if (name === "button" && /^h[1-6]$/.test(localName(parentElement(element) ?? element))) return "span";
      if (name === "button") return name;
      if (INLINE.has(name)) return isBlock ? "div" : name;
      if (/^(?:i?frame|slot)$/.test(name) || name.includes("-")) return isBlock ? "div" : "span";
      return /^(?:div|p|section)$/.test(name) && !isBlock ? "span" : name;
    }

    /** @param {string} tags */
    close(tags) {
      this.#push(tags);
    }

    toString() {
      return this.#parts.join("");
    }
  };
})();
