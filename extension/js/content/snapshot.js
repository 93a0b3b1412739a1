/**
 * The snapshot: what the person selected, or the visible text of the page, as plain text that keeps its line structure,
 * together with a map from every piece of that text back to the text node it came from.
 *
 * White space is collapsed as the page shows it; block boundaries become a blank line, `<br>` a newline. Frames of the
 * same origin and open shadow roots are read as part of the page. It decides nothing about the text, changes nothing in
 * the page, and never reads a password field.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.takeSnapshot) return;

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
   *   html: string}} Snapshot */
  /** @typedef {{startContainer: Node, startOffset: number, endContainer: Node, endOffset: number}} Limits */

  const NEVER_TEXT = new Set(
    ("script style noscript template head textarea select option datalist object embed canvas video audio meter " +
      "progress svg annotation annotation-xml rt rp").split(" "),
  );
  const BESIDE_THE_TEXT = new Set("nav aside footer dialog menu".split(" "));
  const ROLES_BESIDE_THE_TEXT = new Set(
    ("navigation complementary contentinfo banner search menu menubar toolbar tablist tooltip dialog alertdialog " +
      "status").split(" "),
  );
  const HEADINGS = "h1, h2, h3, h4, h5, h6";
  /** A `<main>` or `<article>` is taken alone when it holds at least this share of the page's text. */
  const MOST_OF_THE_TEXT = 0.6;
  /** Of longer HTML the beginning is handed over, in UTF-16 units. */
  const MOST_HTML = 8 << 20;
  const REFERENCE_MARK = /^\s*[[(]?\s*(?:\d{1,3}|[a-z*†‡])\s*[\])]?\s*$/i;

  /** Collects text, collapses white space between pieces, and remembers where each piece stood. */
  class TextBuilder {
    /** @type {string[]} */ parts = [];
    /** @type {Segment[]} */ segments = [];
    length = 0;
    newlinesDue = 0;
    tabDue = false;
    /** @type {{node: Text, offset: number} | null} */ spaceDue = null;

    /** `<br>`: two in a row make a blank line. */
    breakLine() {
      this.newlinesDue = Math.min(2, this.newlinesDue + 1);
      this.spaceDue = null;
    }

    breakBlock() {
      this.newlinesDue = 2;
      this.spaceDue = null;
    }

    /** Between the cells of a table's row. */
    breakCell() {
      this.tabDue = true;
    }

    /** @param {Text} node @param {number} from @param {number} to */
    addCollapsed(node, from, to) {
      const data = node.data.slice(from, to);
      let done = 0;
      // A single white-space character inside stays where it is; only edges and longer runs interrupt the copying.
      for (const gap of data.matchAll(/^[ \t\n\r\f]+|[ \t\n\r\f]{2,}|[ \t\n\r\f]+$/g)) {
        if (gap.index > done) this.addPiece(node, from + done, data.slice(done, gap.index).replace(/[\t\n\r\f]/g, " "));
        if (this.newlinesDue === 0 && this.length > 0) this.spaceDue ??= { node, offset: from + gap.index };
        done = gap.index + gap[0].length;
      }
      if (done < data.length) this.addPiece(node, from + done, data.slice(done).replace(/[\t\n\r\f]/g, " "));
    }

    /** @param {Text} node @param {number} offset @param {string} piece */
    addPiece(node, offset, piece) {
      if (piece === "") return;
      if (this.length > 0 && this.newlinesDue > 0) {
        this.parts.push("\n".repeat(this.newlinesDue));
        this.length += this.newlinesDue;
      } else if (this.length > 0 && this.tabDue) {
        this.parts.push("\t");
        this.length += 1;
      } else if (this.length > 0 && this.spaceDue) {
        this.addVerbatim(this.spaceDue.node, this.spaceDue.offset, " ");
      }
      this.newlinesDue = 0;
      this.tabDue = false;
      this.spaceDue = null;
      this.addVerbatim(node, offset, piece);
    }

    /** @param {Text} node @param {number} offset @param {string} piece */
    addVerbatim(node, offset, piece) {
      const last = this.segments.at(-1);
      const continues =
        last && last.node === node && last.offset + last.length === offset && last.start + last.length === this.length;
      if (continues) last.length += piece.length;
      else this.segments.push({ start: this.length, length: piece.length, node, offset });
      this.parts.push(piece);
      this.length += piece.length;
    }
  }

  /** Walks the flattened tree in the order in which it is shown. */
  class Walker {
    builder = new TextBuilder();
    /** @type {{start: number, end: number}[]} where each `<main>` and `<article>` lies in the text */ mains = [];
    ended = false;

    /** @param {{limits?: Limits, skipBeside?: boolean, enterFrames?: boolean}} options */
    constructor({ limits, skipBeside = false, enterFrames = false }) {
      this.limits = limits;
      this.started = !limits;
      this.skipBeside = skipBeside;
      this.enterFrames = enterFrames;
    }

    /** @param {Node} node @param {CSSStyleDeclaration | null} parentStyle */
    visit(node, parentStyle) {
      if (node.nodeType === Node.TEXT_NODE) this.visitText(/** @type {Text} */ (node), parentStyle);
      else if (node.nodeType === Node.ELEMENT_NODE) this.visitElement(/** @type {Element} */ (node));
      else this.passOver(node);
    }

    /** @param {Text} node @param {CSSStyleDeclaration | null} style of the element around it */
    visitText(node, style) {
      const isStart = node === this.limits?.startContainer;
      const isEnd = node === this.limits?.endContainer;
      if (isStart) this.started = true;
      if (!this.started) return;
      const from = isStart ? this.limits.startOffset : 0;
      const to = isEnd ? this.limits.endOffset : node.data.length;
      if (isEnd) this.ended = true;
      if (style && style.visibility !== "visible") return;
      if (this.limits && style?.userSelect === "none") return;
      const preserved = style && /^(?:pre|break)/.test(style.whiteSpaceCollapse ?? style.whiteSpace);
      if (preserved) this.builder.addPiece(node, from, node.data.slice(from, to).replace(/\r/g, "\n"));
      else this.builder.addCollapsed(node, from, to);
    }

    /** @param {Element} element */
    visitElement(element) {
      const style = element.ownerDocument.defaultView?.getComputedStyle(element) ?? null;
      if (this.isLeftOut(element, style)) {
        this.passOver(element);
        return;
      }
      if (element.localName === "br") {
        if (this.started) this.builder.breakLine();
        return;
      }
      const breaks = style !== null && !/^(?:inline|contents|ruby|none|table-cell)|math/.test(style.display);
      if (breaks) this.builder.breakBlock();
      else if (style?.display === "table-cell") this.builder.breakCell();
      const isMain = /^(?:main|article)$/.test(element.localName) || element.getAttribute("role") === "main";
      const start = this.builder.length;
      if (this.enterFrames && /^i?frame$/.test(element.localName)) this.visitFrame(element);
      else this.visitChildren(element, style);
      if (isMain) this.mains.push({ start, end: this.builder.length });
      if (breaks) this.builder.breakBlock();
    }

    /** @param {Element} element @param {CSSStyleDeclaration | null} style */
    visitChildren(element, style) {
      const children = childrenOf(element);
      const startsAt = element === this.limits?.startContainer ? this.limits.startOffset : -1;
      const endsAt = element === this.limits?.endContainer ? this.limits.endOffset : -1;
      for (let index = 0; index <= children.length; index += 1) {
        if (index === startsAt) this.started = true;
        if (index === endsAt) this.ended = true;
        if (this.ended) return;
        if (index < children.length) this.visit(children[index], style);
        if (this.ended) return;
      }
    }

    /** @param {Element} frame */
    visitFrame(frame) {
      const inner = documentIn(frame);
      if (!inner?.body || !isLargeEnoughToRead(frame)) return;
      this.builder.breakBlock();
      this.visit(inner.body, null);
      this.builder.breakBlock();
    }

    /** Leaves a node out, but still sees a limit that lies in it. @param {Node} node */
    passOver(node) {
      if (!this.limits) return;
      if (node.contains(this.limits.startContainer)) this.started = true;
      if (node.contains(this.limits.endContainer)) this.ended = true;
    }

    /** @param {Element} element @param {CSSStyleDeclaration | null} style */
    isLeftOut(element, style) {
      const name = element.localName;
      if (NEVER_TEXT.has(name) || pith.own.has(element)) return true;
      if (style?.display === "none") return true;
      // Text for screen readers only: one clipped pixel, out of the flow.
      const isOutOfFlow = style?.position === "absolute" || style?.position === "fixed";
      if (isOutOfFlow && element.offsetWidth <= 1 && element.offsetHeight <= 1) return true;
      // A reference mark would stand between the end of one sentence and the start of the next.
      const isReference = name === "sup" && REFERENCE_MARK.test(element.textContent);
      if (isReference && element.querySelector("a[href*='#']")) return true;
      if (isHandle(element)) return true;
      if (!this.skipBeside) return false;
      if (BESIDE_THE_TEXT.has(name) || ROLES_BESIDE_THE_TEXT.has(element.getAttribute("role"))) return true;
      if (name === "header") return !element.closest("main, article, [role=main]");
      if (name === "button") return !element.closest(HEADINGS);
      return element.closest("[hidden]") === element;
    }
  }

  /** A permanent link in a heading that is a mere sign, or a link to the heading's editor. The engine leaves them out of the
   * article too: `src/text/article/hints.rs`. @param {Element} element
   */
  function isHandle(element) {
    const isSign = element.localName === "a" && !/[\p{L}\p{N}]/u.test(element.textContent);
    if (!isSign && !/(?:^|[^a-z])editsection(?![a-z])/i.test(element.getAttribute("class") ?? "")) return false;
    return element.closest(HEADINGS) !== null;
  }

  /** @param {Element} element @returns {ArrayLike<Node>} */
  function childrenOf(element) {
    if (element.shadowRoot) return element.shadowRoot.childNodes;
    if (element.localName === "details" && !element.open) return element.querySelectorAll(":scope > summary");
    if (element.localName === "slot") {
      const assigned = /** @type {HTMLSlotElement} */ (element).assignedNodes();
      if (assigned.length > 0) return assigned;
    }
    return element.childNodes;
  }

  /** Adverts stand in frames of the page's own origin too. The largest formats that the trade agreed on are 336 wide or 280
   * high. @param {Element} frame
   */
  function isLargeEnoughToRead(frame) {
    const { width, height } = frame.getBoundingClientRect();
    return width > Math.min(336, 0.9 * innerWidth) && height > 280;
  }

  /** @param {Element} frame @returns {Document | null} null for a frame of another origin */
  function documentIn(frame) {
    try {
      return frame.contentDocument;
    } catch {
      return null;
    }
  }

  /** This document, then the documents of its same-origin frames. @param {Document} root @returns {Document[]} */
  function documentsFrom(root) {
    const inner = [...root.querySelectorAll("iframe, frame")].map(documentIn).filter((found) => found !== null);
    return [root, ...inner.flatMap(documentsFrom)];
  }

  /** @param {Document | ShadowRoot} root @returns {ShadowRoot[]} */
  function openShadowRoots(root) {
    const own = [...root.querySelectorAll("*")].map((element) => element.shadowRoot).filter((found) => found !== null);
    return own.flatMap((shadow) => [shadow, ...openShadowRoots(shadow)]);
  }

  /** The focused element, through shadow roots and same-origin frames. @returns {Element | null} */
  function focusedElement() {
    let focused = document.activeElement;
    for (;;) {
      const inner = focused && (focused.shadowRoot ?? (/^i?frame$/.test(focused.localName) && documentIn(focused)));
      if (!inner || !inner.activeElement) return focused;
      focused = inner.activeElement;
    }
  }

  pith.focusedElement = focusedElement;

  /** @returns {{text: string, source: Source, at: Node} | null} */
  function selectedInField() {
    const field = focusedElement();
    if (!field || !/^(?:input|textarea)$/.test(field.localName) || field.type === "password") return null;
    const { selectionStart, selectionEnd } = field;
    if (selectionStart === null || selectionStart === selectionEnd) return null;
    const text = field.value.slice(selectionStart, selectionEnd);
    return { text, source: { kind: "field", field, base: selectionStart }, at: field };
  }

  /** @param {Document} owner @returns {{text: string, source: Source, at: Node} | null} */
  function selectedInDocument(owner) {
    const selection = owner.getSelection();
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
      const around = limits.commonAncestorContainer ?? owner.body ?? owner.documentElement;
      const root = around.nodeType === Node.ELEMENT_NODE ? around : around.parentElement;
      walker.visit(root ?? owner.documentElement, null);
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

  /** @returns {{text: string, source: Source, at: Node}} */
  function wholePage() {
    const root = document.body ?? document.documentElement;
    let walker = walkedFrom(root, { skipBeside: true, enterFrames: true });
    if (walker.builder.length === 0) walker = walkedFrom(root, { enterFrames: true });
    const { builder, mains } = walker;
    const whole = { start: 0, end: builder.length };
    const chosen = mains
      .filter(({ start, end }) => end - start >= MOST_OF_THE_TEXT * builder.length)
      .reduce((best, next) => (next.end - next.start < best.end - best.start ? next : best), whole);
    const isInside = ({ start, length }) => start >= chosen.start && start + length <= chosen.end;
    const inside = builder.segments.filter(isInside);
    const first = inside[0]?.start ?? 0;
    const segments = inside.map((segment) => ({ ...segment, start: segment.start - first }));
    const text = builder.parts.join("").slice(first, chosen.end);
    return { text, source: { kind: "dom", segments }, at: segments[0]?.node ?? document };
  }

  /**
   * @param {"selection" | "page"} scope
   * @param {string} [fallbackText] the selection as the browser reports it, where this script cannot see it
   * @returns {{snapshot: Snapshot, source: Source}}
   */
  pith.takeSnapshot = (scope, fallbackText) => {
    const { text, source, at } = scope === "page" ? wholePage() : selected(fallbackText);
    const element = at.nodeType === Node.ELEMENT_NODE ? at : (at.parentElement ?? document.documentElement);
    const language = element.closest?.("[lang]")?.getAttribute("lang") || document.documentElement.lang || "";
    const html = scope === "page" ? document.documentElement.outerHTML.slice(0, MOST_HTML) : "";
    return { snapshot: { scope, text, title: document.title, url: location.href, language, html }, source };
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
      wholePage,
      () => {
        const { builder } = walkedFrom(document.body ?? document.documentElement, { enterFrames: true });
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
