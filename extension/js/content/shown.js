/**
 * What of a page is shown to the person who reads it, as the page's styles say: hidden text is no text, and neither are
 * the words of an icon font or the marks that lead to a note. What is only folded away (a closed `<details>`, the answer
 * under a question) is read: the person opens it with a click.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.shown) return;

  const { localName, getAttribute, closest, querySelector, textContent, offsetWidth, offsetHeight } = pith.dom;
  const { ownerDocument, parentElement, getBoundingClientRect } = pith.dom;

  const NEVER_TEXT = new Set(
    ("script style noscript template head textarea select option datalist object embed canvas video audio meter " +
      "progress svg annotation annotation-xml rt rp").split(" "),
  );
  const HEADINGS = "h1, h2, h3, h4, h5, h6";
  /** `[4]` and `(4)` are marks by themselves; a number or letter is one as a link to a note. */
  const BRACKETED_MARK = /^\s*(?:[[(]\s*(?:\d{1,3}|[a-z]|note \d+)\s*[\])]\s*)+$/i;
  const LINKED_MARK = /^\s*[[(]?\s*(?:\d{1,3}|[a-z*†‡])\s*[\])]?\s*$/i;
  /** Families of fonts that draw a picture for a word: `arrow_forward`. */
  const ICON_FONT = /^["']?(?:[\w -]*\bicons?\b|material symbols|font ?awesome|icomoon|glyphicons|[\w-]*-icons?\b)/i;
  /** Characters that mean something in one font only. */
  const ONLY_PRIVATE = /^[\s\ue000-\uf8ff]*$/;

  /** @type {Map<string, boolean>} */ const iconFonts = new Map();

  /** @param {CSSStyleDeclaration | null} style */
  function isIconFont(style) {
    const family = style?.fontFamily ?? "";
    if (!iconFonts.has(family)) iconFonts.set(family, ICON_FONT.test(family));
    return iconFonts.get(family);
  }

  /** @param {CSSStyleDeclaration} style */
  function isOutOfFlow(style) {
    return style.position === "absolute" || style.position === "fixed";
  }

  /** Text for machines and screen readers: one clipped pixel, or a place outside the page.
   * @param {Element} element @param {CSSStyleDeclaration} style
   */
  function isOutOfSight(element, style) {
    if (style.transform === "matrix(0, 0, 0, 0, 0, 0)" || Number.parseFloat(style.textIndent) < -500) return true;
    if (!isOutOfFlow(style)) return style.position === "relative" && isOffPage(element);
    if (Number(style.opacity) === 0) return true;
    if (offsetWidth(element) <= 1 && offsetHeight(element) <= 1 && style.overflow !== "visible") return true;
    if (/^rect\((?:(\d+)(?:px)?,? \1(?:px)?,? \1(?:px)?,? \1(?:px)?|[01]px,? [01]px,? [01]px,? [01]px)\)/.test(style.clip)) return true;
    if (/^(?:inset\((?:50|[6-9]\d|100)%|circle\(0)/.test(style.clipPath)) return true;
    return isOffPage(element);
  }

  /** @param {Element} element */
  function isOffPage(element) {
    const { right, bottom, width, height } = getBoundingClientRect(element);
    const view = ownerDocument(element).defaultView;
    if (width === 0 && height === 0) return false;
    return right + (view?.scrollX ?? 0) <= 0 || bottom + (view?.scrollY ?? 0) <= 0;
  }

  /** In the flow and transparent: what fades in when it is scrolled to is read.
   * @param {CSSStyleDeclaration} style
   */
  function isTransparent(style) {
    const fadesIn = /opacity|all/.test(style.transitionProperty) && style.transitionDuration !== "0s";
    return Number(style.opacity) === 0 && !fadesIn && style.animationName === "none" && style.willChange === "auto";
  }

  /** What a closed control opens: the panels of accordions, by their ids. @param {Document | ShadowRoot} root */
  function foldedIds(root) {
    const controls = root.querySelectorAll(
      ":is([aria-controls], [data-target], [data-bs-target])[aria-expanded=false]:not([aria-haspopup], [role=combobox])",
    );
    const ids = new Set();
    for (const control of controls) {
      if (closest(control, "nav, header, footer, menu, [role=navigation], [role=menubar], [role=banner]")) continue;
      const named = ["aria-controls", "data-target", "data-bs-target"].map((name) => getAttribute(control, name) ?? "");
      for (const id of named.join(" ").split(/\s+/)) ids.add(id.replace(/^#/, ""));
    }
    ids.delete("");
    return ids;
  }

  /** Whether it is the content of the page and takes a click to be seen. @param {Element} element @param {Set<string>} ids */
  function isFolded(element, ids) {
    if (getAttribute(element, "hidden") === "until-found" || ids.has(getAttribute(element, "id"))) return true;
    return localName(element) === "dd" && /^dl$/.test(localName(parentElement(element) ?? element));
  }

  /** A permanent link in a heading that is a mere sign, or a link to the heading's editor. The engine leaves them out of the
   * article too: `src/text/article/hints.rs`. @param {Element} element
   */
  function isHandle(element) {
    const isSign = localName(element) === "a" && !/[\p{L}\p{N}]/u.test(textContent(element));
    if (!isSign && !/(?:^|[^a-z])editsection(?![a-z])/i.test(getAttribute(element, "class") ?? "")) return false;
    return isSign ? closest(element, HEADINGS) !== null : true;
  }

  /** A mark that leads to a note: it would stand between the end of one sentence and the start of the next.
   * @param {Element} element @param {string} name
   */
  function isReference(element, name) {
    if (name === "a") return /\bdoc-noteref\b/.test(getAttribute(element, "role") ?? "");
    if (name !== "sup") return false;
    const text = textContent(element);
    return BRACKETED_MARK.test(text) || (LINKED_MARK.test(text) && querySelector(element, "a[href*='#']") !== null);
  }

  pith.shown = {
    HEADINGS,
    foldedIds,
    isOutOfFlow,

    /** Whether nothing inside the element is read. @param {Element} element @param {CSSStyleDeclaration | null} style
     * @param {Set<string>} folded ids of panels that are folded away
     */
    isLeftOut(element, style, folded) {
      const name = localName(element);
      if (NEVER_TEXT.has(name) || pith.own.has(element)) return true;
      if (style) {
        if (style.display === "none" && !isFolded(element, folded)) return true;
        if (style.contentVisibility === "hidden" && !isFolded(element, folded)) return true;
        if (style.display !== "none" && (isOutOfSight(element, style) || isTransparent(style))) return true;
      }
      return isReference(element, name) || isHandle(element);
    },

    /** Whether a text node's words are seen. @param {string} data @param {CSSStyleDeclaration | null} style of its parent */
    isSeen(data, style) {
      if (!style) return true;
      return (
        style.visibility === "visible" &&
        Number.parseFloat(style.fontSize) >= 1 &&
        !isIconFont(style) &&
        (data.trim() === "" || !ONLY_PRIVATE.test(data))
      );
    },
  };
})();
