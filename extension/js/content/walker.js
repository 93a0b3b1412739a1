/**
 * The walk through what a page shows, the flattened tree in the order of the screen: its text with white space as it is shown,
 * block boundaries as a blank line, `<br>` as a newline, and with a place in a text node for every piece; beside it, if wanted,
 * the same as HTML.
 */
(globalThis[Symbol.for("pith")] ??= {}).Walker ??= (() => {
  const { dom, shown } = globalThis[Symbol.for("pith")];
  const { nodeType, localName, getAttribute, closest, contains, childNodes, shadowRoot, textContent, ownerDocument } = dom;
  const { querySelectorAll, getBoundingClientRect } = dom;
  const { HEADINGS, isLeftOut, isOutOfFlow, isSeen } = shown;

  /** `length` UTF-16 units of the text, from `start`, are the units of `node` from `offset`, one to one.
   * @typedef {{start: number, length: number, node: Text, offset: number}} Segment */
  /** @typedef {{startContainer: Node, startOffset: number, endContainer: Node, endOffset: number}} Limits */

  const BESIDE_THE_TEXT = new Set("nav footer dialog menu".split(" "));
  const ROLES_BESIDE_THE_TEXT = new Set(
    ("navigation complementary contentinfo banner search menu menubar toolbar tablist tooltip dialog alertdialog " +
      "status").split(" "),
  );
  const MAINS = "main, article, [role=main]";
  /** Elements that are part of a line where styles do not say otherwise. */
  const IN_A_LINE = new Set("a abbr b cite code em i label mark q s small span strong sub sup time u".split(" "));
  const BLOCKS = new Set(
    ("address article aside blockquote div dl figure form h1 h2 h3 h4 h5 h6 header li main ol p pre section table " +
      "ul").split(" "),
  );
  /** A longer floating piece is no initial letter. */
  const LONGEST_INITIAL = 3;

  const styleOf = (element) => ownerDocument(element).defaultView?.getComputedStyle(element) ?? null;
  const isElement = (node) => nodeType(node) === Node.ELEMENT_NODE;
  const isLongerThanInitial = (element) => textContent(element).trim().length > LONGEST_INITIAL;

  class Walker {
    /** The text in pieces. @type {string[]} */ parts = [];
    length = 0;
    /** Where the pieces stood. @type {Segment[]} */ segments = [];
    /** Where each `<main>` and `<article>` that is in no other lies in the text. */ mains = [];
    #mainDepth = 0;
    /** What comes before the next piece. */ #newlinesDue = 0;
    #isTabDue = false;
    #spaceDue = null;
    /** What stands beside the line that it is written in: it comes after the block. @type {Element[]} */ #deferred = [];
    /** How many blocks hold what is walked now, and are not read as text but are written as HTML. */ #besideDepth = 0;
    #isStarted = true;
    #isEnded = false;

    /** @param {{skipsBeside?: boolean, entersFrames?: boolean, html?: HtmlWriter}} how */
    constructor({ skipsBeside = false, entersFrames = false, html } = {}) {
      Object.assign(this, { skipsBeside, entersFrames, html });
    }

    get text() {
      return this.parts.join("");
    }

    /** Reads what is in `root`, or in it between the limits, after what was read before. @param {Element} root
     * @param {Limits} [limits] @returns {this} */
    read(root, limits) {
      this.limits = limits;
      [this.#isStarted, this.#isEnded] = [!limits, false];
      this.folded = limits ? new Set() : shown.foldedIds();
      this.#visit(root, null);
      return this;
    }

    /** `<br>`: two in a row make a blank line, as does a block's end. */
    breakLines(newlines = 2) {
      this.#newlinesDue = Math.min(2, this.#newlinesDue + newlines);
      this.#spaceDue = null;
    }

    get #isInLine() {
      return this.length > 0 && this.#newlinesDue === 0;
    }

    /** What is on the page as no character of a node. @param {string} piece */
    #addGap(piece) {
      this.parts.push(piece);
      this.length += piece.length;
    }

    /** With runs of white space as one space, which is due only when something follows. */
    #addCollapsed(node, from, to) {
      const data = node.data.slice(from, to);
      let done = 0;
      // A single white-space character inside stays where it is; only edges and longer runs interrupt the copying.
      for (const { index, 0: gap } of data.matchAll(/^[ \t\n\r\f]+|[ \t\n\r\f]{2,}|[ \t\n\r\f]+$/g)) {
        if (index > done) this.#addPiece(node, from + done, data.slice(done, index).replace(/[\t\n\r\f]/g, " "));
        if (this.#isInLine) this.#spaceDue ??= { node, offset: from + index };
        done = index + gap.length;
      }
      if (done < data.length) this.#addPiece(node, from + done, data.slice(done).replace(/[\t\n\r\f]/g, " "));
    }

    #addPiece(node, offset, piece) {
      if (piece === "") return;
      if (this.length > 0) {
        if (this.#newlinesDue > 0) this.#addGap("\n".repeat(this.#newlinesDue));
        else if (this.#isTabDue) this.#addGap("\t");
        else if (this.#spaceDue) this.#addVerbatim(this.#spaceDue.node, this.#spaceDue.offset, " ");
      }
      [this.#newlinesDue, this.#isTabDue, this.#spaceDue] = [0, false, null];
      this.#addVerbatim(node, offset, piece);
    }

    #addVerbatim(node, offset, piece) {
      const last = this.segments.at(-1);
      const isNext = last?.node === node && last.offset + last.length === offset && last.start + last.length === this.length;
      if (isNext) last.length += piece.length;
      else this.segments.push({ start: this.length, length: piece.length, node, offset });
      this.#addGap(piece);
    }

    /** @param {Node} node @param {CSSStyleDeclaration | null} style of the element around it */
    #visit(node, style) {
      if (nodeType(node) === Node.TEXT_NODE) this.#visitText(node, style);
      else if (isElement(node)) this.#visitElement(node);
      else this.#passOver(node);
    }

    /** Leaves a node out, but still sees a limit that lies in it. */
    #passOver(node) {
      if (!this.limits) return;
      if (contains(node, this.limits.startContainer)) this.#isStarted = true;
      if (contains(node, this.limits.endContainer)) this.#isEnded = true;
    }

    #visitText(node, style) {
      const { startContainer, startOffset, endContainer, endOffset } = this.limits ?? {};
      if (node === startContainer) this.#isStarted = true;
      if (!this.#isStarted) return;
      const from = node === startContainer ? startOffset : 0;
      const to = node === endContainer ? endOffset : node.data.length;
      if (node === endContainer) this.#isEnded = true;
      if (!isSeen(node.data, style) || (this.limits && style?.userSelect === "none")) return;
      this.html?.text(node.data);
      if (this.#besideDepth > 0) return;
      const isPreserved = style && /^(?:pre|break)/.test(style.whiteSpaceCollapse ?? style.whiteSpace);
      if (isPreserved) this.#addPiece(node, from, node.data.slice(from, to).replace(/\r/g, "\n"));
      else this.#addCollapsed(node, from, to);
    }

    #visitElement(element) {
      const style = styleOf(element);
      const name = localName(element);
      if (isLeftOut(element, style, this.folded)) return this.#passOver(element);
      if (name === "br") {
        if (this.#isStarted && this.#besideDepth === 0) this.breakLines(1);
        return this.html?.write("\n<br>");
      }
      const isBeside = this.skipsBeside && isBesideTheText(element, name);
      if (isBeside && !this.html) return;
      if (!this.limits && style && this.#isInLine && isBesideTheLine(element, name, style)) this.#deferred.push(element);
      else this.#enter(element, name, style, isBeside);
    }

    #enter(element, name, style, isBeside) {
      const breaks = isBlock(element, name, style);
      const outer = this.#deferred;
      if (breaks) this.#deferred = [];
      if (isBeside) this.#besideDepth += 1;
      const isRead = this.#besideDepth === 0;
      if (breaks && isRead) this.breakLines();
      else if (style?.display === "table-cell" && isRead) this.#isTabDue = true;
      else if (name === "sup" && this.#isInLine && !this.#isTabDue && !this.#spaceDue) this.#spaceOut(element);
      const isMain = /^(?:main|article)$/.test(name) || getAttribute(element, "role") === "main";
      const start = this.length;
      const endTags = this.html?.open(element, breaks);
      if (isMain) this.#mainDepth += 1;
      if (this.entersFrames && /^i?frame$/.test(name)) this.#visitFrame(element);
      else this.#visitChildren(element, style);
      if (isMain) this.#mainDepth -= 1;
      if (isMain && this.#mainDepth === 0) this.mains.push({ start, end: this.length, isMain: name !== "article" });
      if (breaks && isRead) this.breakLines();
      if (breaks) this.#visitDeferred(outer);
      this.html?.write(endTags);
      if (isBeside) this.#besideDepth -= 1;
    }

    /** The page parts the digits of `20<sup>1</sup>` by raising the last ones. */
    #spaceOut(element) {
      if (/\d$/.test(this.parts.at(-1)) && /^\s*\d/.test(textContent(element))) this.#addGap(" ");
    }

    /** @param {Element[]} outer what an outer block still has to come */
    #visitDeferred(outer) {
      const deferred = this.#deferred;
      this.#deferred = outer;
      for (const element of deferred) {
        this.#visitElement(element);
        if (this.#besideDepth === 0) this.breakLines();
      }
    }

    #visitChildren(element, style) {
      const children = this.limits ? childrenOf(element, false) : inShownOrder(childrenOf(element, true), style);
      const { startContainer, startOffset, endContainer, endOffset } = this.limits ?? {};
      for (let index = 0; index <= children.length; index += 1) {
        if (element === startContainer && index === startOffset) this.#isStarted = true;
        if (element === endContainer && index === endOffset) this.#isEnded = true;
        if (this.#isEnded) return;
        if (index < children.length) this.#visit(children[index], style);
      }
    }

    #visitFrame(frame) {
      const body = frame.contentDocument?.body;
      if (!body || !isLargeEnoughToRead(frame)) return;
      this.breakLines();
      this.#visit(body, null);
      this.breakLines();
    }
  }

  const isBlock = (element, name, style) => {
    if (!style) return false;
    // An initial letter floats and belongs to its word.
    if (style.cssFloat !== "none" && IN_A_LINE.has(name)) return isLongerThanInitial(element);
    if (style.display === "none" || !/^(?:inline|contents|ruby|table-cell)|math/.test(style.display)) return true;
    // A card whose whole is a link.
    return style.display === "inline" && IN_A_LINE.has(name) && [...element.children].some((child) => BLOCKS.has(child.localName));
  };

  /** A side note in the middle of a sentence: it floats, or lies elsewhere. */
  const isBesideTheLine = (element, name, style) =>
    IN_A_LINE.has(name) && (style.cssFloat !== "none" || isOutOfFlow(style)) && isLongerThanInitial(element);

  const isBesideTheText = (element, name) => {
    if (BESIDE_THE_TEXT.has(name) || ROLES_BESIDE_THE_TEXT.has(getAttribute(element, "role"))) return true;
    // Of what stands beside a part of the article the engine decides, which sees its names.
    if (name === "header" || name === "aside") return !closest(element, MAINS);
    return name === "button" && !closest(element, HEADINGS);
  };

  /** In the order in which a row or column of boxes is shown. */
  const inShownOrder = (children, style) => {
    if (!style || children.length < 2 || !/flex|grid/.test(style.display)) return inPlacedOrder(children);
    const orders = Array.from(children, (child) => (isElement(child) ? Number(styleOf(child)?.order ?? 0) : 0));
    const isReversed = /flex/.test(style.display) && style.flexDirection.endsWith("-reverse");
    if (!isReversed && orders.every((order) => order === orders[0])) return children;
    const places = [...orders.keys()].sort((a, b) => orders[a] - orders[b] || a - b);
    return (isReversed ? places.reverse() : places).map((place) => children[place]);
  };

  /** Where every child is placed by itself, as in pages made from print, from top to bottom. */
  const inPlacedOrder = (children) => {
    const elements = Array.from(children).filter(isElement);
    if (elements.length < 3) return children;
    const isText = (child) => nodeType(child) === Node.TEXT_NODE && child.data.trim() !== "";
    const isPlaced = (style) => style?.position === "absolute" && style.display !== "none";
    if (Array.from(children).some(isText) || !elements.every((child) => isPlaced(styleOf(child)))) return children;
    const boxes = new Map(elements.map((child) => [child, getBoundingClientRect(child)]));
    return elements.sort((one, other) => {
      const [a, b] = [boxes.get(one), boxes.get(other)];
      return Math.abs(a.top - b.top) < Math.min(a.height, b.height) / 2 ? a.left - b.left : a.top - b.top;
    });
  };

  /** @param {Element} element @param {boolean} isUnfolded whether closed details are read @returns {ArrayLike<Node>} */
  const childrenOf = (element, isUnfolded) => {
    const shadow = shadowRoot(element);
    if (shadow) return childNodes(shadow);
    const name = localName(element);
    if (name === "details" && !element.open && !isUnfolded) return querySelectorAll(element, ":scope > summary");
    const assigned = name === "slot" ? element.assignedNodes() : [];
    return assigned.length > 0 ? assigned : childNodes(element);
  };

  /** Adverts stand in frames of the page's own origin too. The largest formats that the trade agreed on are 336 wide or 280 high. */
  const isLargeEnoughToRead = (frame) => {
    const { width, height } = getBoundingClientRect(frame);
    return width > Math.min(336, 0.9 * innerWidth) && height > 280;
  };

  return Walker;
})();
