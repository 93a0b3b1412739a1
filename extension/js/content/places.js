/**
 * Places: where in the page a sentence of a snapshot stands now, the way there, and which of several is in view.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.Places) return;

  const { listen } = pith;

  /** After the page was searched for a sentence in vain, a sentence that is only pointed at has it searched no sooner. */
  const SEARCH_PAUSE_MS = 1000;

  /** @typedef {{text: string, start: number, end: number}} Sentence */

  /** The places of the last snapshots. The page may have changed since they were taken, and a sentence may be of an earlier one:
   * a place counts only if the sentence's text is there, and is looked for in the page as it is now if it is not.
   */
  pith.Places = class Places {
    /** Where the text of each scope came from. @type {Map<string, Source>} */ #sources = new Map();
    /** The page as it was walked last. @type {((sentence: Sentence) => Range[]) | null} */ #search = null;
    #searchedAt = -Infinity;

    /** @param {"selection" | "page"} scope @param {Source} source */
    take(scope, source) {
      this.#sources.set(scope, source);
    }

    /** Lets go of the page's nodes. */
    forget() {
      this.#sources.clear();
      this.#search = null;
    }

    /** Where a sentence stands now. To walk the page takes a while, so a walk serves as long as what it finds is there.
     * @param {Sentence} sentence @param {{isUrgent?: boolean}} how whether the person waits for it, and does not just pass by
     * @returns {Range[]} none within a field
     */
    rangesOf(sentence, { isUrgent = false } = {}) {
      if (this.#fieldOf(sentence)) return [];
      for (const source of this.#sources.values()) {
        const known = pith.rangesOf(source, sentence.start, sentence.end);
        if (isIn(known, sentence)) return known;
      }
      const found = this.#search?.(sentence) ?? [];
      if (isIn(found, sentence)) return found;
      if (!isUrgent && performance.now() - this.#searchedAt < SEARCH_PAUSE_MS) return [];
      this.#search = pith.searchInPage();
      const ranges = this.#search(sentence);
      this.#searchedAt = performance.now();
      return ranges;
    }

    /** @param {Sentence} sentence @param {DOMRect} covered what lies over the page
     * @returns {Range[] | null} what is to be marked there, none within a field; null if the place is lost
     */
    jumpTo(sentence, covered) {
      const { field, base } = this.#fieldOf(sentence) ?? {};
      if (field) {
        pith.selectInField(field, base + sentence.start, base + sentence.end);
        return [];
      }
      const ranges = this.rangesOf(sentence, { isUrgent: true });
      if (ranges.length === 0) return null;
      pith.scrollToRange(ranges[0], covered);
      return ranges;
    }

    /** Tells which of these places is in view, now and after every change: the last one that begins above the window's
     * middle, at the page's end the last one that is in sight.
     * @param {Sentence[]} places @param {(index: number | null) => void} tell @param {AbortSignal} signal
     */
    follow(places, tell, signal) {
      const starts = places.map((place) => {
        // What stands before the first heading has no text that could be looked for.
        const page = this.#sources.get("page");
        if (place.text === "") return page && pith.rangesOf(page, place.start, place.start + 1)[0];
        return this.rangesOf(place)[0];
      });
      const scroller = document.scrollingElement;
      let told;
      let isDue = false;
      const look = () => {
        isDue = false;
        if (signal.aborted) return;
        const isAtEnd = scrollY > 0 && scrollY + innerHeight >= (scroller?.scrollHeight ?? Infinity) - 1;
        const line = isAtEnd ? innerHeight : innerHeight / 2;
        const index = starts.findLastIndex((range) => range && range.getBoundingClientRect().top <= line);
        if (index === told) return;
        told = index;
        tell(index < 0 ? null : index);
      };
      const lookSoon = () => {
        if (!isDue) requestAnimationFrame(look);
        isDue = true;
      };
      listen(window, "scroll", lookSoon, { capture: true, passive: true, signal });
      listen(window, "resize", lookSoon, { passive: true, signal });
      look();
    }

    /** The field that a sentence was selected in, if it is still there. @param {Sentence} sentence */
    #fieldOf({ text, start, end }) {
      const source = this.#sources.get("selection");
      if (source?.kind !== "field" || !source.field.isConnected) return null;
      return pith.isSameText(source.field.value.slice(source.base + start, source.base + end), text) ? source : null;
    }
  };

  /** @param {Range[]} ranges @param {Sentence} sentence */
  function isIn(ranges, { text }) {
    return ranges.length > 0 && pith.isSameText(ranges.map(String).join(""), text);
  }
})();
