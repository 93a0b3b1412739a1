/**
 * Marks: shows ranges of the page by the CSS Custom Highlight API and scrolls to them. The page's DOM is not touched; the style
 * rules live in an adopted style sheet, which `remove` takes out again. A page can read both, so neither says whose they are: the
 * name is another one in every document, and the colours are those of any `<mark>`.
 */
(globalThis[Symbol.for("pith")] ??= {}).Marks ??= (() => {
  const { dom } = globalThis[Symbol.for("pith")];

  const NAME = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => String.fromCharCode(97 + (byte % 26))).join("");
  // The root's highlight style is inherited by every element's, through shadow roots too.
  // The browser paints the person's selection over every mark, so the selection turns pale once there is a mark.
  const RULE = `
    ::highlight(${NAME}) { background-color: Mark; color: MarkText; }
    ::selection { background-color: color-mix(in srgb, Highlight 16%, transparent) !important; }`;

  const parentAcrossShadow = (element) => dom.parentElement(element) ?? dom.getRootNode(element).host ?? null;
  function* around(range) {
    for (let outer = range.startContainer.parentElement; outer; outer = parentAcrossShadow(outer)) yield outer;
  }

  /** The middle of the larger band above or below the card, or of the window. @param {DOMRect | null} covered */
  const middleOfFreeBand = (covered) => {
    const [above, below] = covered ? [covered.top, innerHeight - covered.bottom] : [0, 0];
    if (Math.max(above, below) < 80) return innerHeight / 2;
    return above >= below ? above / 2 : innerHeight - below / 2;
  };

  return class Marks {
    /** @type {Map<Document, CSSStyleSheet>} */ #sheets = new Map();

    /** Marks these ranges and no others. @param {Range[]} ranges */
    show(ranges) {
      this.clear();
      for (const [owner, here] of Map.groupBy(ranges, (range) => range.startContainer.ownerDocument)) {
        const { defaultView: view } = owner;
        if (!view?.CSS.highlights) continue;
        if (!this.#sheets.has(owner)) {
          const sheet = new view.CSSStyleSheet();
          sheet.replaceSync(RULE);
          owner.adoptedStyleSheets.push(sheet);
          this.#sheets.set(owner, sheet);
        }
        view.CSS.highlights.set(NAME, new view.Highlight(...here));
      }
    }

    clear() {
      for (const { defaultView } of this.#sheets.keys()) defaultView?.CSS.highlights.delete(NAME);
    }

    /** Leaves nothing behind. */
    remove() {
      this.clear();
      for (const [owner, sheet] of this.#sheets) {
        owner.adoptedStyleSheets = owner.adoptedStyleSheets.filter((other) => other !== sheet);
      }
      this.#sheets.clear();
    }

    /** Brings a range to the middle of the free part of the window, through nested scrollers and frames, and opens what it is
     * folded away in, as a search in the page does. @param {Range} range @param {DOMRect} covered where the card lies */
    static scrollTo(range, covered) {
      for (const outer of around(range)) {
        if (dom.localName(outer) === "details") outer.open = true;
        if (dom.getAttribute(outer, "hidden") === "until-found") outer.removeAttribute("hidden");
      }
      const owner = range.startContainer.ownerDocument;
      const view = owner.defaultView;
      let { top, bottom, left, right } = range.getBoundingClientRect();
      for (const outer of around(range)) {
        if (outer === owner.scrollingElement) break;
        const isTooHigh = dom.scrollHeight(outer) > dom.clientHeight(outer);
        if (!isTooHigh || !/auto|scroll/.test(view.getComputedStyle(outer).overflowY)) continue;
        const before = dom.scrollTop(outer);
        const box = dom.getBoundingClientRect(outer);
        dom.scrollBy(outer, { top: (top + bottom - box.top - box.bottom) / 2, behavior: "instant" });
        top -= dom.scrollTop(outer) - before;
        bottom -= dom.scrollTop(outer) - before;
      }
      const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
      if (view !== window && view.frameElement) {
        view.scrollBy({ top: (top + bottom - view.innerHeight) / 2, behavior: "instant" });
        view.frameElement.scrollIntoView({ block: "center", behavior });
      } else {
        const isBeside = right <= covered.left || left >= covered.right;
        scrollBy({ top: (top + bottom) / 2 - middleOfFreeBand(isBeside ? null : covered), behavior });
      }
    }

    /** Selects units `start` to `end` of a field's value and shows them. @param {HTMLInputElement | HTMLTextAreaElement} field
     * @param {number} start @param {number} end */
    static selectInField(field, start, end) {
      // A browser scrolls a field to its caret only when the field gets the focus: first the caret, then the selection.
      field.blur();
      field.setSelectionRange(start, start);
      field.focus();
      field.setSelectionRange(start, end);
      field.scrollIntoView({ block: "nearest", behavior: "instant" });
    }
  };
})();
