/**
 * Places: where in the page a sentence of a snapshot stands now, the way there, and which of several is in view.
 */
(globalThis[Symbol.for("pith")] ??= {}).Places ??= (() => {
  const { dom, text, Marks } = globalThis[Symbol.for("pith")];

  /** After the page was searched for a sentence in vain, a sentence that is only pointed at has it searched no sooner. */
  const SEARCH_PAUSE_MS = 1000;

  /** @typedef {{text: string, start: number, end: number}} Sentence */
  const isIn = (ranges, sentence) => ranges.length > 0 && text.isSame(ranges.map(String).join(""), sentence.text);

  /** The places of the last snapshots. The page may have changed since they were taken, and a sentence may be of an earlier one:
   * a place counts only if the sentence's text is there, and is looked for in the page as it is now if it is not. */
  return class Places {
    /** Where the text of each scope came from. @type {{selection?: Source, page?: Source}} */ sources = {};
    /** The page as it was walked last. @type {((sentence: Sentence) => Range[]) | null} */ #search = null;
    #searchedAt = -Infinity;

    /** Lets go of the page's nodes. */
    forget() {
      [this.sources, this.#search] = [{}, null];
    }

    /** Where a sentence stands now. To walk the page takes a while, so a walk serves as long as what it finds is there.
     * @param {Sentence} sentence @param {{isUrgent?: boolean}} how whether the person waits for it, and does not just pass by
     * @returns {Range[]} none within a field */
    rangesOf(sentence, { isUrgent = false } = {}) {
      if (this.#fieldOf(sentence)) return [];
      for (const source of Object.values(this.sources)) {
        const known = text.rangesOf(source, sentence.start, sentence.end);
        if (isIn(known, sentence)) return known;
      }
      const found = this.#search?.(sentence) ?? [];
      if (isIn(found, sentence)) return found;
      if (!isUrgent && performance.now() - this.#searchedAt < SEARCH_PAUSE_MS) return [];
      this.#search = text.searchInPage();
      const ranges = this.#search(sentence);
      this.#searchedAt = performance.now();
      return ranges;
    }

    /** The field that a sentence was selected in, if it is still there. @param {Sentence} sentence */
    #fieldOf(sentence) {
      const { field, base } = this.sources.selection ?? {};
      const [start, end] = [base + sentence.start, base + sentence.end];
      return field?.isConnected && text.isSame(field.value.slice(start, end), sentence.text) ? { field, start, end } : null;
    }

    /** @param {Sentence} sentence @param {DOMRect} covered what lies over the page
     * @returns {Range[] | null} what is to be marked there, none within a field; null if the place is lost */
    jumpTo(sentence, covered) {
      const { field, start, end } = this.#fieldOf(sentence) ?? {};
      if (field) Marks.selectInField(field, start, end);
      const ranges = field ? [] : this.rangesOf(sentence, { isUrgent: true });
      if (ranges.length > 0) Marks.scrollTo(ranges[0], covered);
      return field || ranges.length > 0 ? ranges : null;
    }

    /** Tells which of these places is in view, now and after every change: the last one that begins above the window's middle, at
     * the page's end the last one that is in sight.
     * @param {Sentence[]} places @param {(index: number | null) => void} tell @param {AbortSignal} signal */
    follow(places, tell, signal) {
      // What stands before the first heading has no text that could be looked for.
      const before = ({ start }) => text.rangesOf(this.sources.page, start, start + 1);
      const starts = places.map((place) => (place.text === "" ? before(place) : this.rangesOf(place))[0]);
      let told;
      let isDue = false;
      const look = () => {
        isDue = false;
        if (signal.aborted) return;
        const height = document.scrollingElement?.scrollHeight ?? Infinity;
        const isAtEnd = scrollY > 0 && scrollY + innerHeight >= height - 1;
        const line = isAtEnd ? innerHeight : innerHeight / 2;
        const index = starts.findLastIndex((range) => range && range.getBoundingClientRect().top <= line);
        if (index !== told) tell(index < 0 ? null : index);
        told = index;
      };
      const lookSoon = () => {
        if (!isDue) requestAnimationFrame(look);
        isDue = true;
      };
      dom.listen(window, "scroll", lookSoon, { capture: true, passive: true, signal });
      dom.listen(window, "resize", lookSoon, { passive: true, signal });
      look();
    }
  };
})();
