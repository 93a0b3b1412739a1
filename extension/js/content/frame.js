/**
 * The frame that holds the card: a page of the extension, in a closed shadow root and the top layer. The page around it sees an
 * element that says nothing: `window.length` does not count the frame, the frame has no address in the page's DOM (Chromium's
 * `measureUserAgentSpecificMemory` would tell it), and what places it stands in the root's own style sheet.
 */
(globalThis[Symbol.for("pith")] ??= {}).Frame ??= (() => {
  const { dom, text } = globalThis[Symbol.for("pith")];

  const XHTML = "http://www.w3.org/1999/xhtml";
  /** Where the place is kept that the person moved the card to. */
  const PLACE = "card.place";
  const WIDTH_PX = 392;
  const MARGIN_PX = 16;
  const BORDER_PX = 1;
  /** In a narrower window the card lies at its lower edge, as wide as the window and not as high. */
  const NARROW_PX = 480;
  const NARROW_SHARE = 0.62;
  /** As high as the page's first picture, until the card says how high it is. */
  const FIRST_HEIGHT_PX = 168;
  /** What no script has held for so long is not seen. */
  const HELD_MS = 10_000;
  /** They show nothing that is put into them. */
  const HOLD_NOTHING = "video, audio, iframe, frame, img, canvas, object, embed, svg";

  // An important rule in the root's own tree wins over any of the page's. The last one holds what `lay` says.
  const SHEET = `
    :host {
      all: initial !important; position: fixed !important; display: block !important; z-index: 2147483647 !important;
      margin: 0 !important; padding: 0 !important; border: 0 !important; overflow: visible !important;
      background: none !important; pointer-events: none !important; color-scheme: light dark !important; }
    iframe {
      display: block; pointer-events: auto; box-sizing: border-box; inline-size: 100%; block-size: 100%; color-scheme: light dark;
      border: ${BORDER_PX}px solid light-dark(#e6dfd3, #3b3630); border-radius: 14px; background: light-dark(#fffdfa, #1e1c19);
      box-shadow: 0 1px 2px rgb(30 20 5 / .10), 0 14px 44px rgb(30 20 5 / .20); }
    @media print { :host { display: none !important; } }
    :host { }`;

  const inside = (wanted, most) => Math.max(0, Math.min(wanted, most));

  return class Frame {
    // A name that a page could define as an element of its own would have the page's class handed the root, closed or not.
    #host = document.createElementNS(XHTML, "div");
    #root = this.#host.attachShadow({ mode: "closed" });
    #frame = document.createElementNS(XHTML, "iframe");
    #sheet = new CSSStyleSheet();
    #height = FIRST_HEIGHT_PX;
    #fading;
    /** Distances from the corner of the window that it lies nearest to. */ #place;
    #focusBefore = text.focusedElement();
    #closed = new AbortController();
    /** Aborts when it is closed. */ signal = this.#closed.signal;

    /** @param {{task: string, preferences: {theme: string, textSize: string}}} opening what its first picture is made of
     * @param {(card: Window) => void} greet is called when the card's page has loaded, and again if it is loaded anew
     * @param {() => void} close is called when the page around has moved it: a frame that is moved is empty */
    constructor({ task, preferences: { theme, textSize } }, greet, close) {
      const { signal } = this;
      dom.own.add(this.#host);
      this.#host.setAttribute("popover", "manual");
      this.#sheet.replaceSync(SHEET);
      this.#root.adoptedStyleSheets = [this.#sheet];
      // Let in by pages that demand a policy of every frame.
      this.#frame.credentialless = true;
      this.#frame.allow = "clipboard-write *";
      this.#root.append(this.#frame);
      const parent = this.#parent();
      parent.append(this.#host);
      // Firefox ends a content script with its extension and leaves what it had put into the page: of the card all is gone by then
      // that could close it. An animation runs on by itself.
      this.#fading = this.#frame.animate({ visibility: "hidden" }, { delay: HELD_MS, duration: 1, fill: "forwards" });
      // In a tab that is not shown timers come late.
      dom.listen(document, "visibilitychange", () => this.hold(), { signal });
      // Away from where the lines begin.
      const isRight = getComputedStyle(parent).direction !== "rtl";
      const isBottom = innerWidth <= NARROW_PX;
      this.#lay({ x: MARGIN_PX, y: isBottom ? MARGIN_PX / 2 : MARGIN_PX, isRight, isBottom });
      this.#rise();
      const loaded = () => (this.#isEmpty ? close() : greet(this.#frame.contentWindow));
      dom.listen(this.#frame, "load", loaded, { signal });
      const picture = [task, theme, textSize];
      this.#frame.contentWindow.location.replace(`${chrome.runtime.getURL("pages/card.html")}#${picture}`);
      chrome.storage.local.get(PLACE).then(({ [PLACE]: place }) => this.#lay(place), () => {});
      dom.listen(window, "resize", () => this.#lay(), { signal });
      const onZoom = new ResizeObserver(() => this.#lay());
      onZoom.observe(this.#host, { box: "device-pixel-content-box" });
      signal.addEventListener("abort", () => onZoom.disconnect());
      dom.listen(document, "toggle", () => this.#follow(), { capture: true, signal });
      dom.listen(document, "fullscreenchange", () => (this.#follow(), this.#rise()), { signal });
      // A dialog of the page's that keeps the focus caught takes it back from whatever is outside.
      for (const kind of ["focusin", "focusout"]) dom.listen(this.#root, kind, (event) => event.stopPropagation(), { signal });
    }

    /** Whether the card's page is not in it: that one no script of another origin can look into, or it says whose it is. */
    get #isEmpty() {
      const { contentDocument: inner } = this.#frame;
      return inner !== null && !inner.URL.startsWith(chrome.runtime.getURL(""));
    }

    /** Whether it is in the page still, and the person can reach it. */
    get isThere() {
      return this.#host.isConnected && dom.parentElement(this.#host) === this.#parent();
    }

    /** Everything outside an open modal dialog is inert, and outside of what is in full screen, so the card goes into it. */
    #parent() {
      const dialog = [...dom.allIn(document, "dialog:modal")].at(-1);
      const whole = dom.fullscreenElement(document);
      return dialog ?? (whole && !dom.closest(whole, HOLD_NOTHING) ? whole : dom.documentElement(document));
    }

    /** Into what was opened over it and out of what was closed, where the browser can move a frame as it is. */
    #follow() {
      if (!this.#host.isConnected || this.isThere || !Element.prototype.moveBefore) return;
      Element.prototype.moveBefore.call(this.#parent(), this.#host, null);
      this.#rise();
    }

    /** To the top of the top layer. */
    #rise() {
      this.#host.hidePopover();
      this.#host.showPopover();
    }

    #set(name, value) {
      [...this.#sheet.cssRules].at(-1).style.setProperty(name, value, "important");
    }

    /** Where it lies in the window, and never outside. @returns {DOMRect} */
    get box() {
      const isNarrow = innerWidth <= NARROW_PX;
      const width = isNarrow ? innerWidth - MARGIN_PX : WIDTH_PX;
      const height = Math.min(this.#height, isNarrow ? NARROW_SHARE * innerHeight : innerHeight - 2 * MARGIN_PX);
      const [mostX, mostY] = [innerWidth - width, innerHeight - height];
      const { x, y, isRight, isBottom } = this.#place;
      const left = isNarrow ? mostX / 2 : inside(isRight ? mostX - x : x, mostX);
      return new DOMRect(left, inside(isBottom ? mostY - y : y, mostY), width, height);
    }

    /** @param {{x: number, y: number, isRight: boolean, isBottom: boolean}} [place] another one than until now */
    #lay(place = this.#place) {
      if (this.signal.aborted) return;
      this.#place = place;
      // A page zoomed by its style sheet would zoom the card with it.
      this.#set("zoom", 1 / (dom.parentElement(this.#host)?.currentCSSZoom ?? 1));
      const { left, top, width, height } = this.box;
      for (const [name, value] of Object.entries({ left, top, width, height })) this.#set(name, `${value}px`);
    }

    /** @param {{height: number}} size of the card's content */
    resize({ height }) {
      this.#height = height + 2 * BORDER_PX;
      this.#lay();
    }

    /** While it is dragged it may be wanted further out than it can go, and is found again where it was taken.
     * @param {{dx: number, dy: number, isOver: boolean}} by in CSS pixels */
    move({ dx, dy, isOver }) {
      const { x, y, isRight, isBottom } = this.#place;
      this.#lay({ x: isRight ? x - dx : x + dx, y: isBottom ? y - dy : y + dy, isRight, isBottom });
      if (!isOver) return;
      const { left, top, right, bottom } = this.box;
      const [toRight, toBottom] = [innerWidth - right, innerHeight - bottom];
      const [x2, y2] = [Math.min(left, toRight), Math.min(top, toBottom)];
      this.#lay({ x: x2, y: y2, isRight: toRight < left, isBottom: toBottom < top });
      chrome.storage.local.set({ [PLACE]: this.#place }).catch(() => {});
    }

    /** Has it seen on. */
    hold() {
      this.#fading.currentTime = 0;
    }

    /** Calls `act` when the pointer is outside of it, which the browser does not always tell the page in the frame. */
    whenPointerOutside(act) {
      dom.listen(window, "pointermove", act, { capture: true, passive: true, signal: this.signal });
    }

    focus() {
      // Better no film in full screen than a card over it that hears nothing.
      const whole = dom.fullscreenElement(document);
      const isOutside = whole && dom.closest(whole, HOLD_NOTHING) && this.#parent() === dom.documentElement(document);
      if (isOutside) dom.exitFullscreen(document).catch(() => {});
      this.#frame.focus({ preventScroll: true });
    }

    /** @param {{returnsFocus: boolean}} how whether the focus goes back to where it was, if nothing else in the page has it: who has
     * come back to the card by Tab, all around the window, is in it although the document does not say so */
    close({ returnsFocus }) {
      const hadFocus = [this.#host, dom.body(document), null].includes(dom.activeElement(document));
      this.#closed.abort();
      this.#host.remove();
      if (returnsFocus && hadFocus && this.#focusBefore) dom.focus(this.#focusBefore, { preventScroll: true });
    }
  };
})();
