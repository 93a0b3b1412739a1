/**
 * Marks: shows ranges of the page by the CSS Custom Highlight API and scrolls to them. The page's DOM is not touched;
 * the style rules live in an adopted style sheet, which `remove` takes out again.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.Marks) return;

  const { dom } = pith;

  const NAME = "pith-source";
  // The root's highlight style is inherited by every element's, through shadow roots too.
  // The browser paints the person's selection over every mark, so the selection turns pale once there is a mark.
  const RULE = `
    ::highlight(${NAME}) { background-color: #ffd76e; color: #221a05; }
    ::selection { background-color: color-mix(in srgb, Highlight 16%, transparent) !important; }
    @media (forced-colors: active) { ::highlight(${NAME}) { background-color: Mark; color: MarkText; } }`;

  pith.Marks = class Marks {
    /** @type {Map<Document, CSSStyleSheet>} */ #sheets = new Map();

    /** Marks these ranges and no others. @param {Range[]} ranges */
    show(ranges) {
      this.clear();
      for (const owner of new Set(ranges.map((range) => range.startContainer.ownerDocument))) {
        const view = owner.defaultView;
        if (!view?.CSS.highlights) continue;
        this.#adoptRule(owner, view);
        const here = ranges.filter((range) => range.startContainer.ownerDocument === owner);
        view.CSS.highlights.set(NAME, new view.Highlight(...here));
      }
    }

    clear() {
      for (const owner of this.#sheets.keys()) owner.defaultView?.CSS.highlights.delete(NAME);
    }

    remove() {
      this.clear();
      for (const [owner, sheet] of this.#sheets) {
        owner.adoptedStyleSheets = owner.adoptedStyleSheets.filter((other) => other !== sheet);
      }
      this.#sheets.clear();
    }

    /** @param {Document} owner @param {Window} view */
    #adoptRule(owner, view) {
      if (this.#sheets.has(owner)) return;
      const sheet = new view.CSSStyleSheet();
      sheet.replaceSync(RULE);
      owner.adoptedStyleSheets = [...owner.adoptedStyleSheets, sheet];
      this.#sheets.set(owner, sheet);
    }
  };

  /** Brings a range to the middle of the free part of the window, through nested scrollers and frames.
   * @param {Range} range @param {DOMRect} covered where the card lies
   */
  pith.scrollToRange = (range, covered) => {
    unfold(range);
    const element = range.startContainer.parentElement;
    let { top, bottom, left, right } = range.getBoundingClientRect();
    for (let inner = element; inner; inner = parentAcrossShadow(inner)) {
      const owner = dom.ownerDocument(inner);
      if (inner === owner.scrollingElement) break;
      const isTooHigh = dom.scrollHeight(inner) > dom.clientHeight(inner);
      if (!isTooHigh || !/auto|scroll/.test(owner.defaultView.getComputedStyle(inner).overflowY)) continue;
      const before = dom.scrollTop(inner);
      const box = dom.getBoundingClientRect(inner);
      dom.scrollBy(inner, { top: (top + bottom) / 2 - (box.top + box.bottom) / 2, behavior: "instant" });
      const scrolled = dom.scrollTop(inner) - before;
      top -= scrolled;
      bottom -= scrolled;
    }
    const isBeside = right <= covered.left || left >= covered.right;
    scrollWindow(dom.ownerDocument(element).defaultView, (top + bottom) / 2, isBeside ? null : covered);
  };

  /** @param {Window} view @param {number} middle of the range @param {DOMRect | null} covered what lies over it */
  function scrollWindow(view, middle, covered) {
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "instant" : "smooth";
    if (view !== window && view.frameElement) {
      view.scrollBy({ top: middle - view.innerHeight / 2, behavior: "instant" });
      view.frameElement.scrollIntoView({ block: "center", behavior });
      return;
    }
    window.scrollBy({ top: middle - middleOfFreeBand(covered), behavior });
  }

  /** The middle of the larger band above or below the card, or of the window. @param {DOMRect | null} covered */
  function middleOfFreeBand(covered) {
    const height = window.innerHeight;
    if (!covered) return height / 2;
    const [above, below] = [covered.top, height - covered.bottom];
    if (Math.max(above, below) < 80) return height / 2;
    return above >= below ? above / 2 : height - below / 2;
  }

  /** @param {Element} element @returns {Element | null} */
  function parentAcrossShadow(element) {
    return dom.parentElement(element) ?? dom.getRootNode(element).host ?? null;
  }

  /** Opens what the range is folded away in, as a search in the page does. @param {Range} range */
  function unfold(range) {
    for (let inner = range.startContainer.parentElement; inner; inner = parentAcrossShadow(inner)) {
      if (dom.localName(inner) === "details") inner.open = true;
      if (dom.getAttribute(inner, "hidden") === "until-found") inner.removeAttribute("hidden");
    }
  }

  /** Selects units `start` to `end` of a field's value and shows them.
   * @param {HTMLInputElement | HTMLTextAreaElement} field @param {number} start @param {number} end
   */
  pith.selectInField = (field, start, end) => {
    // A browser scrolls a field to its caret only when the field gets the focus: first the caret, then the selection.
    field.blur();
    field.setSelectionRange(start, start);
    field.focus();
    field.setSelectionRange(start, end);
    field.scrollIntoView({ block: "nearest", behavior: "instant" });
  };
})();
