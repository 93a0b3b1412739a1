/**
 * What of a page is shown to the person who reads it, as the page's styles say: hidden text is no text, and neither are the words
 * of an icon font or the marks that lead to a note. What is only folded away (a closed `<details>`, the answer under a question)
 * is read: the person opens it with a click.
 */
(globalThis[Symbol.for("pith")] ??= {}).shown ??= (() => {
  const { dom } = globalThis[Symbol.for("pith")];
  const { localName, getAttribute, closest, querySelector, textContent, offsetWidth, offsetHeight } = dom;
  const { ownerDocument, parentElement, getBoundingClientRect } = dom;

  const NEVER_TEXT = new Set(
    ("script style noscript template head textarea select option datalist object embed canvas video audio meter progress svg " +
      "annotation annotation-xml rt rp").split(" "),
  );
  const HEADINGS = "h1, h2, h3, h4, h5, h6";
  const CLOSED_CONTROLS =
    ":is([aria-controls], [data-target], [data-bs-target])[aria-expanded=false]:not([aria-haspopup], [role=combobox])";
  const SITE_PARTS = "nav, header, footer, menu, [role=navigation], [role=menubar], [role=banner]";
  /** `[4]` and `(4)` are marks by themselves; a number or letter is one as a link to a note. */
  const BRACKETED_MARK = /^\s*(?:[[(]\s*(?:\d{1,3}|[a-z]|note \d+)\s*[\])]\s*)+$/i;
  const LINKED_MARK = /^\s*[[(]?\s*(?:\d{1,3}|[a-z*†‡])\s*[\])]?\s*$/i;
  /** Families of fonts that draw a picture for a word: `arrow_forward`. */
  const ICON_FONT = /^["']?(?:[\w -]*\bicons?\b|material symbols|font ?awesome|icomoon|glyphicons|[\w-]*-icons?\b)/i;
  /** Characters that mean something in one font only. */
  const ONLY_PRIVATE = /^[\s\ue000-\uf8ff]*$/;
  const CLIPPED_AWAY =
    /^rect\((?:(\d+)(?:px)?,? \1(?:px)?,? \1(?:px)?,? \1(?:px)?|[01]px,? [01]px,? [01]px,? [01]px)\)|^inset\((?:50|[6-9]\d|100)%|^circle\(0/;

  const iconFonts = new Map();
  const isIconFont = ({ fontFamily }) => {
    if (!iconFonts.has(fontFamily)) iconFonts.set(fontFamily, ICON_FONT.test(fontFamily));
    return iconFonts.get(fontFamily);
  };
  const isOutOfFlow = ({ position }) => position === "absolute" || position === "fixed";

  const isOffPage = (element) => {
    const { right, bottom, width, height } = getBoundingClientRect(element);
    const { scrollX = 0, scrollY = 0 } = ownerDocument(element).defaultView ?? {};
    return (width > 0 || height > 0) && (right + scrollX <= 0 || bottom + scrollY <= 0);
  };

  /** Text for machines and screen readers: one clipped pixel, or a place outside the page. */
  const isOutOfSight = (element, style) => {
    if (style.transform === "matrix(0, 0, 0, 0, 0, 0)" || Number.parseFloat(style.textIndent) < -500) return true;
    if (!isOutOfFlow(style)) return style.position === "relative" && isOffPage(element);
    if (Number(style.opacity) === 0 || CLIPPED_AWAY.test(style.clip) || CLIPPED_AWAY.test(style.clipPath)) return true;
    return (offsetWidth(element) <= 1 && offsetHeight(element) <= 1 && style.overflow !== "visible") || isOffPage(element);
  };

  /** In the flow and transparent: what fades in when it is scrolled to is read. */
  const isTransparent = (style) => {
    const fadesIn = /opacity|all/.test(style.transitionProperty) && style.transitionDuration !== "0s";
    return Number(style.opacity) === 0 && !fadesIn && style.animationName === "none" && style.willChange === "auto";
  };

  /** Whether it is the content of the page and takes a click to be seen. */
  const isFolded = (element, folded) =>
    getAttribute(element, "hidden") === "until-found" || folded.has(getAttribute(element, "id")) ||
    (localName(element) === "dd" && localName(parentElement(element) ?? element) === "dl");

  /** A permanent link in a heading that is a mere sign, or a link to the heading's editor. The engine leaves them out of the
   * article too: `src/text/article/hints.rs`. */
  const isHandle = (element, name) =>
    name === "a" && !/[\p{L}\p{N}]/u.test(textContent(element))
      ? closest(element, HEADINGS) !== null
      : /(?:^|[^a-z])editsection(?![a-z])/i.test(getAttribute(element, "class") ?? "");

  /** A mark that leads to a note: it would stand between the end of one sentence and the start of the next. */
  const isReference = (element, name) => {
    if (name === "a") return /\bdoc-noteref\b/.test(getAttribute(element, "role") ?? "");
    const text = name === "sup" ? textContent(element) : "";
    return BRACKETED_MARK.test(text) || (LINKED_MARK.test(text) && querySelector(element, "a[href*='#']") !== null);
  };

  return {
    HEADINGS,
    isOutOfFlow,

    /** What closed controls open, as the panels of accordions: their ids. @returns {Set<string>} */
    foldedIds() {
      const named = ["aria-controls", "data-target", "data-bs-target"];
      const controls = [...dom.allIn(document, CLOSED_CONTROLS)].filter((control) => !closest(control, SITE_PARTS));
      const ids = controls.flatMap((control) => named.map((name) => getAttribute(control, name) ?? "").join(" ").split(/\s+/));
      return new Set(ids.map((id) => id.replace(/^#/, "")).filter((id) => id !== ""));
    },

    /** Whether nothing inside the element is read. @param {Element} element @param {CSSStyleDeclaration | null} style
     * @param {Set<string>} folded ids of panels that are folded away */
    isLeftOut(element, style, folded) {
      const name = localName(element);
      if (NEVER_TEXT.has(name) || dom.own.has(element)) return true;
      const isNone = style?.display === "none";
      if ((isNone || style?.contentVisibility === "hidden") && !isFolded(element, folded)) return true;
      if (style && !isNone && (isOutOfSight(element, style) || isTransparent(style))) return true;
      return isReference(element, name) || isHandle(element, name);
    },

    /** Whether a text node's words are seen. @param {string} data @param {CSSStyleDeclaration | null} style of its parent */
    isSeen: (data, style) =>
      !style || (style.visibility === "visible" && Number.parseFloat(style.fontSize) >= 1 && !isIconFont(style) &&
        (data.trim() === "" || !ONLY_PRIVATE.test(data))),
  };
})();
