/**
 * The walk through what a page shows: its text with white space as it is shown, block boundaries as a blank line, `<br>` as a
 * newline, and with a place in a text node for every piece; beside it, if wanted, the same as HTML.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.Walker) return;

  const { nodeType, localName, getAttribute, closest, contains, childNodes, shadowRoot, textContent } = pith.dom;
  const { ownerDocument, querySelectorAll, getBoundingClientRect } = pith.dom;
  const { HEADINGS, isLeftOut, isOutOfFlow, isSeen } = pith.shown;

  /**
   * `length` UTF-16 units of the text, from `start`, are the units of `node` from `offset`, one to one.
   * @typedef {{start: number, length: number, node: Text, offset: number}} Segment
   */
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

    get isInLine() {
      return this.length > 0 && this.newlinesDue === 0;
    }

    /** Between the cells of a table's row. */
    breakCell() {
      this.tabDue = true;
    }

    /** A space that the page shows by raising what comes next: in `20<sup>1</sup>`. */
    spaceOut() {
      if (!this.isInLine || this.tabDue || this.spaceDue) return;
      this.parts.push(" ");
      this.length += 1;
    }

    get endsInDigit() {
      return /\d$/.test(this.parts.at(-1) ?? "");
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
    /** Where each `<main>` and `<article>` that is in no other lies in the text.
     * @type {{start: number, end: number, isMain: boolean}[]}
     */
    mains = [];
    /** What stands beside the line that it is written in: it comes after the block. @type {Element[]} */ deferred = [];
    /** How many blocks hold what is walked now, and are not read as text but are written as HTML. */ besideDepth = 0;
    mainDepth = 0;
    ended = false;

    /** @param {{limits?: Limits, skipBeside?: boolean, enterFrames?: boolean, html?: HtmlWriter}} options */
    constructor({ limits, skipBeside = false, enterFrames = false, html }) {
      this.limits = limits;
      this.started = !limits;
      this.skipBeside = skipBeside;
      this.enterFrames = enterFrames;
      this.html = html;
      this.folded = limits ? new Set() : pith.shown.foldedIds(document);
    }

    /** @param {Node} node @param {CSSStyleDeclaration | null} parentStyle */
    visit(node, parentStyle) {
      if (nodeType(node) === Node.TEXT_NODE) this.visitText(/** @type {Text} */ (node), parentStyle);
      else if (nodeType(node) === Node.ELEMENT_NODE) this.visitElement(/** @type {Element} */ (node));
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
      if (!isSeen(node.data, style)) return;
      if (this.limits && style?.userSelect === "none") return;
      this.html?.text(node.data);
      if (this.besideDepth > 0) return;
      const preserved = style && /^(?:pre|break)/.test(style.whiteSpaceCollapse ?? style.whiteSpace);
      if (preserved) this.builder.addPiece(node, from, node.data.slice(from, to).replace(/\r/g, "\n"));
      else this.builder.addCollapsed(node, from, to);
    }

    /** @param {Element} element */
    visitElement(element) {
      const style = ownerDocument(element).defaultView?.getComputedStyle(element) ?? null;
      if (isLeftOut(element, style, this.folded)) {
        this.passOver(element);
        return;
      }
      const name = localName(element);
      if (name === "br") {
        if (this.started && this.besideDepth === 0) this.builder.breakLine();
        this.html?.text("\n");
        this.html?.close("<br>");
        return;
      }
      const isBeside = this.skipBeside && isBesideTheText(element, name);
      if (isBeside && !this.html) return;
      if (!this.limits && style && this.builder.isInLine && isBesideTheLine(element, name, style)) {
        this.deferred.push(element);
        return;
      }
      this.enter(element, name, style, isBeside);
    }

    /** @param {Element} element @param {string} name @param {CSSStyleDeclaration | null} style @param {boolean} isBeside */
    enter(element, name, style, isBeside) {
      const breaks = isBlock(element, name, style);
      const outer = this.deferred;
      if (breaks) this.deferred = [];
      if (isBeside) this.besideDepth += 1;
      const isRead = this.besideDepth === 0;
      if (breaks && isRead) this.builder.breakBlock();
      else if (style?.display === "table-cell" && isRead) this.builder.breakCell();
      else if (name === "sup" && this.builder.endsInDigit && /^\s*\d/.test(textContent(element))) this.builder.spaceOut();
      const isMain = /^(?:main|article)$/.test(name) || getAttribute(element, "role") === "main";
      const start = this.builder.length;
      const endTags = this.html?.open(element, breaks);
      if (isMain) this.mainDepth += 1;
      if (this.enterFrames && /^i?frame$/.test(name)) this.visitFrame(element);
      else this.visitChildren(element, style);
      if (isMain) this.mainDepth -= 1;
      if (isMain && this.mainDepth === 0) this.mains.push({ start, end: this.builder.length, isMain: name !== "article" });
      if (breaks && isRead) this.builder.breakBlock();
      if (breaks) this.visitDeferred(outer);
      this.html?.close(endTags);
      if (isBeside) this.besideDepth -= 1;
    }

    /** @param {Element[]} outer what an outer block still has to come */
    visitDeferred(outer) {
      const deferred = this.deferred;
      this.deferred = outer;
      for (const element of deferred) {
        this.visitElement(element);
        if (this.besideDepth === 0) this.builder.breakBlock();
      }
    }

    /** @param {Element} element @param {CSSStyleDeclaration | null} style */
    visitChildren(element, style) {
      const children = this.limits ? childrenOf(element, false) : inShownOrder(childrenOf(element, true), style);
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
      if (contains(node, this.limits.startContainer)) this.started = true;
      if (contains(node, this.limits.endContainer)) this.ended = true;
    }
  }

  /** @param {Element} element @param {string} name @param {CSSStyleDeclaration | null} style */
  function isBlock(element, name, style) {
    if (!style) return false;
    // An initial letter floats and belongs to its word.
    if (style.cssFloat !== "none" && IN_A_LINE.has(name)) return textContent(element).trim().length > LONGEST_INITIAL;
    if (style.display === "none") return true;
    if (!/^(?:inline|contents|ruby|table-cell)|math/.test(style.display)) return true;
    // A card whose whole is a link.
    return style.display === "inline" && IN_A_LINE.has(name) && holdsBlocks(element);
  }

  /** @param {Element} element */
  function holdsBlocks(element) {
    for (const child of element.children) if (BLOCKS.has(child.localName)) return true;
    return false;
  }

  /** A side note in the middle of a sentence: it floats, or lies elsewhere. @param {Element} element @param {string} name
   * @param {CSSStyleDeclaration} style
   */
  function isBesideTheLine(element, name, style) {
    if (!IN_A_LINE.has(name) || (style.cssFloat === "none" && !isOutOfFlow(style))) return false;
    return textContent(element).trim().length > LONGEST_INITIAL;
  }

  /** @param {Element} element @param {string} name */
  function isBesideTheText(element, name) {
    if (BESIDE_THE_TEXT.has(name) || ROLES_BESIDE_THE_TEXT.has(getAttribute(element, "role"))) return true;
    // Of what stands beside a part of the article the engine decides, which sees its names.
    if (name === "header" || name === "aside") return !closest(element, MAINS);
    return name === "button" && !closest(element, HEADINGS);
  }

  /** In the order in which a row or column of boxes is shown. @param {ArrayLike<Node>} children
   * @param {CSSStyleDeclaration | null} style
   */
  function inShownOrder(children, style) {
    if (!style || children.length < 2 || !/flex|grid/.test(style.display)) return inPlacedOrder(children);
    const orders = Array.from(children, (child) => {
      if (nodeType(child) !== Node.ELEMENT_NODE) return 0;
      return Number(ownerDocument(child).defaultView?.getComputedStyle(child).order ?? 0);
    });
    const isReversed = /flex/.test(style.display) && style.flexDirection.endsWith("-reverse");
    if (!isReversed && orders.every((order) => order === orders[0])) return children;
    const places = [...orders.keys()].sort((a, b) => orders[a] - orders[b] || a - b);
    if (isReversed) places.reverse();
    return places.map((place) => children[place]);
  }

  /** Where every child is placed by itself, as in pages made from print, from top to bottom. @param {ArrayLike<Node>} children */
  function inPlacedOrder(children) {
    const elements = Array.from(children).filter((child) => nodeType(child) === Node.ELEMENT_NODE);
    if (elements.length < 3) return children;
    const hasText = Array.from(children).some((child) => nodeType(child) === Node.TEXT_NODE && child.data.trim() !== "");
    if (hasText || elements.some((child) => !isPlaced(child))) return children;
    const boxes = new Map(elements.map((child) => [child, getBoundingClientRect(child)]));
    const isLevel = (a, b) => Math.abs(a.top - b.top) < Math.min(a.height, b.height) / 2;
    return elements.sort((one, other) => {
      const [a, b] = [boxes.get(one), boxes.get(other)];
      return isLevel(a, b) ? a.left - b.left : a.top - b.top;
    });
  }

  /** @param {Element} element */
  function isPlaced(element) {
    const style = ownerDocument(element).defaultView?.getComputedStyle(element);
    return style?.position === "absolute" && style.display !== "none";
  }

  /** @param {Element} element @param {boolean} isUnfolded whether closed details are read
   * @returns {ArrayLike<Node>}
   */
  function childrenOf(element, isUnfolded) {
    const shadow = shadowRoot(element);
    if (shadow) return childNodes(shadow);
    const name = localName(element);
    if (name === "details" && !element.open && !isUnfolded) return querySelectorAll(element, ":scope > summary");
    if (name === "slot") {
      const assigned = /** @type {HTMLSlotElement} */ (element).assignedNodes();
      if (assigned.length > 0) return assigned;
    }
    return childNodes(element);
  }

  /** Adverts stand in frames of the page's own origin too. The largest formats that the trade agreed on are 336 wide or 280
   * high. @param {Element} frame
   */
  function isLargeEnoughToRead(frame) {
    const { width, height } = getBoundingClientRect(frame);
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

  Object.assign(pith, { Walker, TextBuilder, documentIn });
})();
