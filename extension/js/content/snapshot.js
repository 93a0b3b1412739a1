/**
 * The snapshot: what the person selected, or the visible text of the page, as plain text that keeps its line structure, together
 * with a map from every piece of that text back to the text node it came from. Frames of the same origin and open shadow roots are
 * read as part of the page. It decides nothing about the text, changes nothing in the page, and never reads a password field.
 */
(globalThis[Symbol.for("pith")] ??= {}).text ??= (() => {
  const { dom, Walker, HtmlWriter } = globalThis[Symbol.for("pith")];
  const { nodeType, localName, shadowRoot, getAttribute, closest, getBoundingClientRect, allIn } = dom;
  const { title, body, documentElement, activeElement, getSelection } = dom;

  /**
   * Where the text of a snapshot came from. `dom`: text nodes. `field`: the value of a text field, from unit `base`. `none`:
   * unknown, for text that the browser handed over without a place (a frame of another site).
   * @typedef {{kind: "dom", segments: Segment[]} | {kind: "none"}
   *   | {kind: "field", field: HTMLInputElement | HTMLTextAreaElement, base: number}} Source
   */
  /** @typedef {{text: string, source: Source, at: Node}} Taken */

  /** A `<main>` is taken alone when it holds at least this share of the page's text. */
  const MOST_OF_THE_TEXT = 0.6;
  /** A page with so little text, in UTF-16 units, and so large a drawing keeps its words in the drawing. */
  const LITTLE_TEXT = 2000;
  const DRAWN_SHARE = 0.4;

  const rootOf = (page) => body(page) ?? documentElement(page);
  const withoutSpace = (text) => text.replace(/[\s\u00ad\u200b]+/g, "");
  const isFrame = (element) => /^i?frame$/.test(localName(element));

  /** This document, then the documents of its same-origin frames. @returns {Document[]} */
  const documentsFrom = (root) =>
    [root, ...[...allIn(root, "iframe, frame")].flatMap(({ contentDocument: inner }) => (inner ? documentsFrom(inner) : []))];

  /** @param {NodeListOf<Element>} elements @returns {ShadowRoot[]} */
  const openShadowRoots = (elements) =>
    [...elements].map(shadowRoot).flatMap((root) => (root ? [root, ...openShadowRoots(root.querySelectorAll("*"))] : []));

  /** The focused element, through shadow roots and same-origin frames. @returns {Element | null} */
  const focusedElement = () => {
    let focused = activeElement(document);
    for (;;) {
      const inner = focused && (shadowRoot(focused) ?? (isFrame(focused) && focused.contentDocument));
      if (!inner?.activeElement) return focused;
      focused = inner.activeElement;
    }
  };

  /** @param {Element | null} field @returns {Taken | null} */
  const selectedInField = (field) => {
    if (!field || !/^(?:input|textarea)$/.test(localName(field))) return null;
    const { selectionStart: base, selectionEnd: end } = field;
    if (base === null || base === end) return null;
    return { text: field.value.slice(base, end), source: { kind: "field", field, base }, at: field };
  };

  /** @param {Document} page @returns {Taken | null} */
  const selectedIn = (page) => {
    const selection = getSelection(page);
    if (!selection || selection.rangeCount === 0) return null;
    let ranges = Array.from({ length: selection.rangeCount }, (_, index) => selection.getRangeAt(index));
    // A selection inside a shadow tree looks collapsed from outside.
    if (ranges.every(({ collapsed }) => collapsed)) {
      ranges = selection.getComposedRanges?.({ shadowRoots: openShadowRoots(allIn(page, "*")) }) ?? [];
    }
    ranges = ranges.filter(({ collapsed }) => !collapsed);
    if (ranges.length === 0) return null;
    const walker = new Walker();
    for (const range of ranges) {
      const around = range.commonAncestorContainer ?? rootOf(page);
      const isElement = nodeType(around) === Node.ELEMENT_NODE;
      walker.read((isElement ? around : around.parentElement) ?? documentElement(page), range).breakLines();
    }
    const { text, segments } = walker;
    const at = ranges[0].startContainer;
    if (text !== "") return { text, source: { kind: "dom", segments }, at };
    const said = selection.toString();
    return said.trim() === "" ? null : { text: said, source: { kind: "none" }, at };
  };

  /** @param {string} [fallbackText] what the browser says is selected, in one line @returns {Taken} */
  const selected = (fallbackText = "") => {
    const nowhere = (text) => ({ text, source: { kind: "none" }, at: document });
    const focused = focusedElement();
    if (focused?.type === "password") return nowhere("");
    const pages = new Set([focused?.ownerDocument ?? document, ...documentsFrom(document)]);
    const found = [selectedInField(focused), ...[...pages].map(selectedIn)].filter((taken) => taken !== null);
    if (fallbackText.trim() === "") return found[0] ?? nowhere("");
    const expected = withoutSpace(fallbackText).slice(0, 24);
    const agreeing = found.find(({ text }) => withoutSpace(text.slice(0, 400)).startsWith(expected));
    return agreeing ?? found.find(({ text }) => withoutSpace(text).includes(expected)) ?? nowhere(fallbackText);
  };

  /** @param {HtmlWriter} [html] what the page is written to as well @returns {Taken} */
  const wholePage = (html) => {
    const root = rootOf(document);
    let walker = new Walker({ skipsBeside: true, entersFrames: true, html }).read(root);
    if (walker.length === 0) walker = new Walker({ entersFrames: true }).read(root);
    const { text, mains, length } = walker;
    // Of several articles the engine knows which one the page is about.
    const candidates = mains.some(({ isMain }) => isMain) ? mains.filter(({ isMain }) => isMain) : mains;
    let [from, to] = candidates.length === 1 ? [candidates[0].start, candidates[0].end] : [0, length];
    if (to - from < MOST_OF_THE_TEXT * length) [from, to] = [0, length];
    const inside = walker.segments.filter((segment) => segment.start >= from && segment.start + segment.length <= to);
    from = inside[0]?.start ?? 0;
    const segments = inside.map((segment) => ({ ...segment, start: segment.start - from }));
    return { text: text.slice(from, to), source: { kind: "dom", segments }, at: segments[0]?.node ?? document };
  };

  /** Whether most of the window is a picture that a program draws, as where office programs run in a page. */
  const holdsDrawing = () => {
    const boxes = [...allIn(document, "canvas")].map(getBoundingClientRect);
    return boxes.reduce((sum, { width, height }) => sum + width * height, 0) > DRAWN_SHARE * innerWidth * innerHeight;
  };

  /** Where a sentence stands in the text, nearest to its start; -1 if it does not. */
  const nearest = (whole, { text, start }) => {
    const [before, after] = [whole.lastIndexOf(text, start), whole.indexOf(text, start)];
    if (before < 0 || after < 0) return Math.max(before, after);
    return start - before <= after - start ? before : after;
  };

  /** The ranges of the page that units `start` to `end` of the text came from. Empty when the page has changed there.
   * @param {Source | undefined} source @param {number} start @param {number} end @returns {Range[]} */
  const rangesOf = (source, start, end) => {
    const segments = source?.segments ?? [];
    let low = 0;
    for (let high = segments.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (segments[middle].start + segments[middle].length <= start) low = middle + 1;
      else high = middle;
    }
    const ranges = [];
    for (; low < segments.length && segments[low].start < end; low += 1) {
      const { start: from, length, node, offset } = segments[low];
      const last = offset + Math.min(length, end - from);
      if (!node.isConnected || node.data.length < last) return [];
      const range = node.ownerDocument.createRange();
      range.setStart(node, offset + Math.max(0, start - from));
      range.setEnd(node, last);
      ranges.push(range);
    }
    return ranges;
  };

  return {
    focusedElement,
    isFrame,
    rangesOf,

    /** @param {"selection" | "page"} scope @param {string} [fallbackText] the selection as the browser reports it, where this
     * script cannot see it @returns {{snapshot: object, source: Source}} the snapshot is `Snapshot` of the protocol */
    take(scope, fallbackText) {
      const html = scope === "page" ? new HtmlWriter() : undefined;
      const { text, source, at } = html ? wholePage(html) : selected(fallbackText);
      const element = nodeType(at) === Node.TEXT_NODE ? at.parentElement : at;
      const around = element && nodeType(element) === Node.ELEMENT_NODE ? closest(element, "[lang]") : null;
      const language = getAttribute(around ?? documentElement(document), "lang") ?? "";
      const isDrawn = scope === "page" && text.length < LITTLE_TEXT && holdsDrawing();
      const about = { title: title(document), url: location.href, language };
      return { snapshot: { scope, text, ...about, html: `${html ?? ""}`, isDrawn }, source };
    },

    /** A search in the page as it is now, for sentences whose place is unknown or no longer there: in what a snapshot of the page
     * would hold, then in all the rest. Of several places it gives the one nearest to where the sentence stood. The page is
     * walked when the first sentence is looked for, once for all of them.
     * @returns {(sentence: {text: string, start: number}) => Range[]} */
    searchInPage() {
      const rest = () => new Walker({ entersFrames: true }).read(rootOf(document));
      const walks = [() => wholePage(), () => ((walker) => ({ text: walker.text, source: walker }))(rest())];
      const walked = [];
      return (sentence) => {
        for (const [index, walk] of walks.entries()) {
          const { text, source } = (walked[index] ??= walk());
          const start = nearest(text, sentence);
          if (start >= 0) return rangesOf(source, start, start + sentence.text.length);
        }
        return [];
      };
    },

    /** Whether two texts say the same, white space aside. @param {string} one @param {string} other */
    isSame: (one, other) => withoutSpace(one) === withoutSpace(other),
  };
})();
