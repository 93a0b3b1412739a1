/**
 * The snapshot: what the person selected, or the visible text of the page, as plain text that keeps its line structure,
 * together with a map from every piece of that text back to the text node it came from.
 *
 * Frames of the same origin and open shadow roots are read as part of the page. It decides nothing about the text, changes
 * nothing in the page, and never reads a password field.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.takeSnapshot) return;

  const { nodeType, localName, shadowRoot, getAttribute, closest, getBoundingClientRect } = pith.dom;
  const { Walker, TextBuilder, documentIn } = pith;

  /** What a document itself says, whatever the page's forms and pictures are named. @param {string} name */
  function ofDocument(name) {
    const { get, value } = Object.getOwnPropertyDescriptor(Document.prototype, name);
    return get ? (owner) => get.call(owner) : (owner, ...given) => value.apply(owner, given);
  }
  const [titleOf, bodyOf, rootOf] = ["title", "body", "documentElement"].map(ofDocument);
  const [selectionOf, focusOf, allIn] = ["getSelection", "activeElement", "querySelectorAll"].map(ofDocument);

  /**
   * `length` UTF-16 units of the text, from `start`, are the units of `node` from `offset`, one to one.
   * @typedef {{start: number, length: number, node: Text, offset: number}} Segment
   */
  /**
   * Where the text of a snapshot came from. `dom`: text nodes. `field`: the value of a text field, from unit `base`.
   * `none`: unknown, for text that the browser handed over without a place (a frame of another site).
   * @typedef {{kind: "dom", segments: Segment[]}
   *   | {kind: "field", field: HTMLInputElement | HTMLTextAreaElement, base: number}
   *   | {kind: "none"}} Source
   */
  /** @typedef {{scope: "selection" | "page", text: string, title: string, url: string, language: string,
   *   html: string, isDrawn: boolean}} Snapshot */
  /** @typedef {{startContainer: Node, startOffset: number, endContainer: Node, endOffset: number}} Limits */

  /** A `<main>` is taken alone when it holds at least this share of the page's text. */
  const MOST_OF_THE_TEXT = 0.6;

  /** A page with so little text, in UTF-16 units, and so large a drawing keeps its words in the drawing. */
  const LITTLE_TEXT = 2000;
  const DRAWN_SHARE = 0.4;

  /** This document, then the documents of its same-origin frames. @param {Document} root @returns {Document[]} */
  function documentsFrom(root) {
    const inner = [...allIn(root, "iframe, frame")].map(documentIn).filter((found) => found !== null);
    return [root, ...inner.flatMap(documentsFrom)];
  }

  /** @param {Document | ShadowRoot} root @returns {ShadowRoot[]} */
  function openShadowRoots(root) {
    const own = [...root.querySelectorAll("*")].map(shadowRoot).filter((found) => found !== null);
    return own.flatMap((shadow) => [shadow, ...openShadowRoots(shadow)]);
  }

  /** The focused element, through shadow roots and same-origin frames. @returns {Element | null} */
  function focusedElement() {
    let focused = focusOf(document);
    for (;;) {
      const inner = focused && (shadowRoot(focused) ?? (/^i?frame$/.test(localName(focused)) && documentIn(focused)));
      if (!inner || !inner.activeElement) return focused;
      focused = inner.activeElement;
    }
  }

  pith.focusedElement = focusedElement;

  /** @returns {{text: string, source: Source, at: Node} | null} */
  function selectedInField() {
    const field = focusedElement();
    if (!field || !/^(?:input|textarea)$/.test(localName(field)) || field.type === "password") return null;
    const { selectionStart, selectionEnd } = field;
    if (selectionStart === null || selectionStart === selectionEnd) return null;
    const text = field.value.slice(selectionStart, selectionEnd);
    return { text, source: { kind: "field", field, base: selectionStart }, at: field };
  }

  /** @param {Document} owner @returns {{text: string, source: Source, at: Node} | null} */
  function selectedInDocument(owner) {
    const selection = selectionOf(owner);
    if (!selection || selection.rangeCount === 0) return null;
    /** @type {AbstractRange[]} */
    let ranges = Array.from({ length: selection.rangeCount }, (_, index) => selection.getRangeAt(index));
    ranges = ranges.filter((range) => !range.collapsed);
    // A selection inside a shadow tree looks collapsed from outside.
    if (ranges.length === 0 && selection.getComposedRanges) {
      ranges = selection.getComposedRanges({ shadowRoots: openShadowRoots(owner) }).filter((range) => !range.collapsed);
    }
    if (ranges.length === 0) return null;
    const builder = new TextBuilder();
    for (const limits of ranges) {
      const walker = new Walker({ limits });
      walker.builder = builder;
      const around = limits.commonAncestorContainer ?? bodyOf(owner) ?? rootOf(owner);
      const root = around.nodeType === Node.ELEMENT_NODE ? around : around.parentElement;
      walker.visit(root ?? rootOf(owner), null);
      builder.breakBlock();
    }
    const at = ranges[0].startContainer;
    if (builder.length > 0) {
      return { text: builder.parts.join(""), source: { kind: "dom", segments: builder.segments }, at };
    }
    const text = selection.toString();
    return text.trim() === "" ? null : { text, source: { kind: "none" }, at };
  }

  /** @param {string | undefined} fallbackText what the browser says is selected, in one line */
  function selected(fallbackText) {
    const focused = focusedElement();
    if (focused?.type === "password") return { text: "", source: { kind: "none" }, at: document };
    const focusedDocument = focused?.ownerDocument ?? document;
    const documents = [...new Set([focusedDocument, ...documentsFrom(document)])];
    const found = [selectedInField(), ...documents.map(selectedInDocument)].filter((candidate) => candidate !== null);
    if (fallbackText && fallbackText.trim() !== "") {
      const expected = withoutSpace(fallbackText).slice(0, 24);
      const agreeing = found.find((candidate) => withoutSpace(candidate.text.slice(0, 400)).startsWith(expected));
      if (agreeing) return agreeing;
      const known = found.find((candidate) => withoutSpace(candidate.text).includes(expected));
      return known ?? { text: fallbackText, source: { kind: "none" }, at: document };
    }
    return found[0] ?? { text: "", source: { kind: "none" }, at: document };
  }

  /** @param {string} text */
  function withoutSpace(text) {
    return text.replace(/[\s\u00ad\u200b]+/g, "");
  }

  /** @param {Element} root @param {{skipBeside?: boolean, enterFrames?: boolean}} options */
  function walkedFrom(root, options) {
    const walker = new Walker(options);
    walker.visit(root, null);
    return walker;
  }

  /** @param {HtmlWriter} [html] what the page is written to as well
   * @returns {{text: string, source: Source, at: Node}}
   */
  function wholePage(html) {
    const root = bodyOf(document) ?? rootOf(document);
    let walker = walkedFrom(root, { skipBeside: true, enterFrames: true, html });
    if (walker.builder.length === 0) walker = walkedFrom(root, { enterFrames: true });
    const { builder, mains } = walker;
    const whole = { start: 0, end: builder.length };
    // Of several articles the engine knows which one the page is about.
    const candidates = mains.some(({ isMain }) => isMain) ? mains.filter(({ isMain }) => isMain) : mains;
    const only = candidates.length === 1 ? candidates[0] : whole;
    const chosen = only.end - only.start >= MOST_OF_THE_TEXT * builder.length ? only : whole;
    const isInside = ({ start, length }) => start >= chosen.start && start + length <= chosen.end;
    const inside = builder.segments.filter(isInside);
    const first = inside[0]?.start ?? 0;
    const segments = inside.map((segment) => ({ ...segment, start: segment.start - first }));
    const text = builder.parts.join("").slice(first, chosen.end);
    return { text, source: { kind: "dom", segments }, at: segments[0]?.node ?? document };
  }

  /** Whether most of the window is a picture that a program draws, as where office programs run in a page. */
  function holdsDrawing() {
    const area = window.innerWidth * window.innerHeight;
    const boxes = [...allIn(document, "canvas")].map((canvas) => getBoundingClientRect(canvas));
    return boxes.reduce((sum, { width, height }) => sum + width * height, 0) > DRAWN_SHARE * area;
  }

  /**
   * @param {"selection" | "page"} scope
   * @param {string} [fallbackText] the selection as the browser reports it, where this script cannot see it
   * @returns {{snapshot: Snapshot, source: Source}}
   */
  pith.takeSnapshot = (scope, fallbackText) => {
    const html = scope === "page" ? new pith.HtmlWriter() : undefined;
    html?.head(document);
    const { text, source, at } = html ? wholePage(html) : selected(fallbackText);
    const element = nodeType(at) === Node.TEXT_NODE ? at.parentElement : at;
    const around = element && nodeType(element) === Node.ELEMENT_NODE ? closest(element, "[lang]") : null;
    const language = getAttribute(around ?? rootOf(document), "lang") ?? "";
    const isDrawn = scope === "page" && text.length < LITTLE_TEXT && holdsDrawing();
    const snapshot = { scope, text, title: titleOf(document), url: location.href, language, html: `${html ?? ""}`, isDrawn };
    return { snapshot, source };
  };

  /** The ranges of the page that units `start` to `end` of the text came from. Empty when the page has changed there.
   * @param {Source} source @param {number} start @param {number} end @returns {Range[]}
   */
  pith.rangesOf = (source, start, end) => {
    if (source.kind !== "dom") return [];
    const { segments } = source;
    let low = 0;
    for (let high = segments.length; low < high; ) {
      const middle = (low + high) >> 1;
      if (segments[middle].start + segments[middle].length <= start) low = middle + 1;
      else high = middle;
    }
    const ranges = [];
    for (let index = low; index < segments.length && segments[index].start < end; index += 1) {
      const { start: from, length, node, offset } = segments[index];
      const first = offset + Math.max(0, start - from);
      const last = offset + Math.min(length, end - from);
      if (!node.isConnected || node.data.length < last) return [];
      const range = node.ownerDocument.createRange();
      range.setStart(node, first);
      range.setEnd(node, last);
      ranges.push(range);
    }
    return ranges;
  };

  /** A search in the page as it is now, for sentences whose place is unknown or no longer there: in what a snapshot of the
   * page would hold, then in all the rest. Of several places it gives the one nearest to where the sentence stood. The page
   * is walked when the first sentence is looked for, once for all of them.
   * @returns {(sentence: {text: string, start: number}) => Range[]}
   */
  pith.searchInPage = () => {
    /** @type {{text: string, source: Source}[]} */
    const walked = [];
    const walks = [
      () => wholePage(),
      () => {
        const { builder } = walkedFrom(bodyOf(document) ?? rootOf(document), { enterFrames: true });
        return { text: builder.parts.join(""), source: { kind: "dom", segments: builder.segments } };
      },
    ];
    return (sentence) => {
      for (const [index, walk] of walks.entries()) {
        const { text, source } = (walked[index] ??= walk());
        const start = nearest(text, sentence);
        if (start >= 0) return pith.rangesOf(source, start, start + sentence.text.length);
      }
      return [];
    };
  };

  /** Where a sentence stands in the text, nearest to its start; -1 if it does not.
   * @param {string} whole @param {{text: string, start: number}} sentence
   */
  function nearest(whole, { text, start }) {
    const [before, after] = [whole.lastIndexOf(text, start), whole.indexOf(text, start)];
    if (before < 0 || after < 0) return Math.max(before, after);
    return start - before <= after - start ? before : after;
  }

  /** Whether two texts say the same, white space aside. @param {string} one @param {string} other */
  pith.isSameText = (one, other) => withoutSpace(one) === withoutSpace(other);
})();
