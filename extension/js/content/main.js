/**
 * The content script's door. The service worker injects, in one call and in this order, `dom.js`, `words.js`,
 * `shown.js`, `html.js`, `walker.js`, `snapshot.js`, `marks.js`, `places.js`, `copy.js`, `card_style.js`, `card_move.js`, `card.js` and this file into the top frame,
 * on the person's gesture only; injecting them again changes nothing. They share an object of the extension's own isolated
 * world, under a symbol of the global one: the page cannot see it, and no element of the page can have its name.
 *
 * Two messages come in from the service worker: `open` shows the card and has a snapshot summarized over a port,
 * `snapshot` only answers with one. The popup may open a port to have sentences of its summary marked. The script decides
 * nothing about the text, and a closed card, like a closed popup, leaves nothing behind.
 */
(() => {
  const pith = (globalThis[Symbol.for("pith")] ??= {});
  if (pith.isListening) return;
  pith.isListening = true;

  const { dom, listen } = pith;

  const VERSION = 1;

  /** One card, from the gesture until it is closed. */
  class Session {
    #card = new pith.Card({
      cancel: () => this.#cancel(),
      close: () => this.close({ returnFocus: true }),
      again: () => this.#start(),
      resize: (count) => this.#resize(count),
      readAll: () => this.#start({ ...this.#wanted, whole: true }),
      outline: () => this.#draw({ isOutline: true }),
      turn: (task) => this.#turn(task),
      ask: (question) => this.#start({ kind: "ask", question }),
      choose: (set) => this.#start({ kind: "label", set }),
      copy: () => this.#copy(pith.asText(this.#sentences)),
      copyMarkdown: () => this.#copy(pith.asMarkdown(this.#sentences, this.snapshot)),
      point: (index) => this.#point(index),
      jump: (index) => this.#jump(index),
    });
    #marks = new pith.Marks();
    #places = new pith.Places();
    /** Whether a selection that is not found may be in another site's frame. */ #isElsewhere = false;
    #focusBefore = document.activeElement;
    #whenClosed = new AbortController();
    /** @type {chrome.runtime.Port | null} */ #port = null;
    #isWorking = false;
    #reconnectsLeft = 1;
    /** What the card's buttons point to, in their order. */ #sentences = [];
    /** What is asked of the service worker. @type {Record<string, unknown>} */ #wanted = { kind: "summarize" };
    /** The last summary. */ #summary = null;
    /** What it was asked by. */ #summarized = this.#wanted;

    /** @param {{scope: "selection" | "page", task: "summarize" | "ask" | "label", question?: string, fallbackText?: string}}
     *   request
     */
    constructor({ scope, task, question, fallbackText }) {
      this.scope = scope;
      this.#card.open(scope);
      this.#card.turnTo(task, question);
      this.#card.showWorking();
      const { signal } = this.#whenClosed;
      listen(window, "keydown", (event) => this.#onPageKey(event), { capture: true, signal });
      listen(window, "pagehide", () => this.close({ returnFocus: false }), { signal });
      this.#begin(fallbackText, task, question);
    }

    /** A megabyte of text takes a while to read: the card is shown first. @param {string | undefined} fallbackText
     * @param {"summarize" | "ask" | "label"} task @param {string | undefined} question
     */
    async #begin(fallbackText, task, question) {
      await painted();
      if (this.scope === "page") await parsed();
      if (this.#whenClosed.signal.aborted) return;
      const isShut = isPdfViewer() && !fallbackText;
      try {
        // The selection is read before the card takes the focus from a field.
        if (!isShut) {
          const { snapshot, source } = pith.takeSnapshot(this.scope, fallbackText);
          this.snapshot = snapshot;
          this.#places.source = source;
          this.#isElsewhere = isInOtherSite();
        }
      } catch (error) {
        console.warn("Pith: no snapshot", error);
      }
      this.#card.focus();
      if (isShut) this.#card.showMessage(pith.say("error_pdf_viewer"), { isError: true, canRetry: false });
      else if (this.snapshot && question) this.#start({ kind: "ask", question });
      else if (this.snapshot) this.#turn(task);
      else this.#card.showMessage(pith.say("error_unreadable"), { isError: true, canRetry: false });
    }

    /** @param {{returnFocus: boolean}} how */
    close({ returnFocus }) {
      if (this.#whenClosed.signal.aborted) return;
      const hadFocus = this.#card.hasFocus;
      this.#whenClosed.abort();
      this.#isWorking = false;
      this.#port?.disconnect();
      this.#port = null;
      this.#marks.remove();
      this.#card.remove();
      if (current === this) current = null;
      if (returnFocus && hadFocus && this.#focusBefore) dom.focus(this.#focusBefore, { preventScroll: true });
    }

    /** @param {Record<string, unknown>} wanted something else than before */
    #start(wanted = this.#wanted) {
      this.#giveUp();
      this.#wanted = wanted;
      this.#reconnectsLeft = 1;
      this.#card.showWorking();
      this.#request();
    }

    /** Gives up the work that runs, with its port: what was said of it and is still on the way is about no later request.
     * The service worker ends what a closed port asked for.
     */
    #giveUp() {
      if (!this.#isWorking) return;
      this.#isWorking = false;
      this.#port?.disconnect();
      this.#port = null;
    }

    /** Of as much of the text as was read. @param {number} count */
    #resize(count) {
      this.#start({ ...this.#wanted, sentences: count });
    }

    #request() {
      this.#isWorking = true;
      try {
        this.#port ??= this.#connect();
        this.#port.postMessage({ v: VERSION, ...this.#wanted, snapshot: this.snapshot });
      } catch (error) {
        console.warn("Pith: no request", error);
        // The extension that this script belongs to is gone; or the text is longer than the browser lets a message be.
        this.#fail(pith.say(chrome.runtime?.id ? "error_unreadable" : "error_updated"), false);
      }
    }

    #connect() {
      const port = chrome.runtime.connect({ name: "card" });
      port.onMessage.addListener((message) => {
        if (this.#port === port) this.#onMessage(message);
      });
      port.onDisconnect.addListener(() => {
        void chrome.runtime.lastError;
        if (this.#port === port) this.#onDisconnect();
      });
      return port;
    }

    #onDisconnect() {
      this.#port = null;
      if (!this.#isWorking) return;
      if (this.#reconnectsLeft > 0) {
        this.#reconnectsLeft -= 1;
        this.#request();
      } else {
        this.#fail(pith.say("error_worker_died"), true);
      }
    }

    #onMessage(message) {
      if (message?.v !== VERSION || !this.#isWorking) return;
      if (message.kind === "progress") {
        this.#card.showProgress(message);
        return;
      }
      this.#isWorking = false;
      if (message.kind === "summary") this.#show(message);
      else if (message.kind === "answers") this.#showAnswers(message);
      else if (message.kind === "labels") this.#showLabels(message);
      else if (message.kind === "cancelled") this.#card.showMessage(pith.say("cancelled"), { isError: false, canRetry: true });
      else if (message.kind === "error") this.#fail(message.message, true);
    }

    #show(summary) {
      if (summary.outcome === "empty") {
        this.#failEmpty();
        return;
      }
      this.#summary = summary;
      this.#summarized = this.#wanted;
      this.#draw();
    }

    /** To another kind of work on the same text. @param {"summarize" | "ask" | "label"} task */
    #turn(task) {
      if (!this.snapshot) return;
      this.#marks.clear();
      this.#card.turnTo(task);
      if (task === "label") this.#start({ kind: "label", set: "topics" });
      else if (task === "summarize" && !this.#summary) this.#start({ kind: "summarize" });
      else {
        this.#giveUp();
        if (task === "ask") this.#card.showAsking();
        else this.#draw();
      }
    }

    /** The last summary, or its outline. */
    #draw({ isOutline = false } = {}) {
      this.#marks.clear();
      this.#wanted = this.#summarized;
      const { sentences, sections, totalSentences, reading } = this.#summary;
      this.#sentences = isOutline ? sections.flatMap((section) => section.points) : sentences;
      const numbers = numbersOf({ ...this.#summary, sentences: this.#sentences });
      if (isOutline) this.#card.showOutline(sections, numbers);
      else {
        const what = { hasOutline: sections.length > 0, isWhole: reading.share >= 1 };
        this.#card.showSummary(sentences, totalSentences, numbers, notesOf(this.#summary), what);
      }
    }

    #showAnswers({ passages, isAnswered, notes, reading }) {
      if (passages.length === 0) {
        this.#failEmpty();
        return;
      }
      this.#sentences = passages.map(({ sentence }) => sentence);
      this.#card.showAnswers(passages, isAnswered, [...notes, ...notesOfReading(reading)], reading.share >= 1);
    }

    #showLabels({ labels, isSure, notes, reading }) {
      this.#card.showLabels(labels, isSure, [...notes, ...notesOfReading(reading)], reading.share >= 1);
    }

    #failEmpty() {
      const ofSelection = this.#isElsewhere ? "error_selection_elsewhere" : "error_no_selection";
      this.#fail(pith.say(this.scope === "page" ? "error_no_page_text" : ofSelection), false);
    }

    /** @param {string} sentence @param {boolean} canRetry */
    #fail(sentence, canRetry) {
      this.#isWorking = false;
      this.#card.showMessage(sentence, { isError: true, canRetry });
    }

    #cancel() {
      if (!this.#port) return;
      // A worker that dies now shall not be started again.
      this.#reconnectsLeft = 0;
      try {
        this.#port.postMessage({ v: VERSION, kind: "cancel" });
      } catch {
        this.#fail(pith.say("error_updated"), false);
      }
    }

    /** @param {number | null} index */
    #point(index) {
      if (index === null) this.#marks.clear();
      else this.#marks.show(this.#places.rangesOf(this.#sentences[index]));
    }

    /** @param {number} index */
    #jump(index) {
      const ranges = this.#places.jumpTo(this.#sentences[index], this.#card.box);
      this.#marks.show(ranges ?? []);
      if (!ranges) this.#card.showPassing(pith.say("error_place_lost"));
    }

    /** @param {string} text */
    async #copy(text) {
      const isCopied = await pith.copyText(text);
      this.#card.showPassing(pith.say(isCopied ? "copied" : "not_copied"));
    }

    /** Escape closes the card too when nothing in the page has the focus. @param {KeyboardEvent} event */
    #onPageKey(event) {
      const focused = document.activeElement;
      const isIdle = !focused || focused === document.body;
      if (event.key !== "Escape" || !isIdle || pith.isComposing(event)) return;
      event.stopPropagation();
      this.close({ returnFocus: false });
    }
  }

  /** The browser's viewer of PDFs lets scripts into a page around the document, and not to its text. */
  function isPdfViewer() {
    return document.contentType === "application/pdf";
  }

  /** Whether the focus, and with it perhaps a selection, is in a frame whose text is closed to this script: another site's. */
  function isInOtherSite() {
    const focused = pith.focusedElement();
    return focused !== null && /^i?frame$/.test(dom.localName(focused)) && !focused.contentDocument;
  }

  /** How long a document that is still coming is waited for. */
  const PARSED_LIMIT_MS = 3000;

  /** Resolves when the document has come to its end, or after a while: some have none, and what is there by then is read. */
  function parsed() {
    if (document.readyState !== "loading") return Promise.resolve();
    return new Promise((resolve) => {
      document.addEventListener("DOMContentLoaded", () => resolve(), { once: true });
      setTimeout(resolve, PARSED_LIMIT_MS);
    });
  }

  /** Resolves when the browser has drawn a frame, or soon in a tab that is not drawn. */
  function painted() {
    return new Promise((resolve) => {
      requestAnimationFrame(() => setTimeout(resolve));
      setTimeout(resolve, 100);
    });
  }

  /** @returns {string} */
  function numbersOf({ sentences, totalSentences, reading, timings }) {
    return [
      pith.count("sentences_of", totalSentences, pith.number(sentences.length)),
      pith.say("share_read", shareOf(reading)),
      pith.milliseconds(timings.totalMs),
      pith.say("on_this_device"),
    ].join(" · ");
  }

  /** How much was read; rounded down, so that 100% means all of it. @param {{share: number}} reading */
  function shareOf({ share }) {
    return pith.percent(Math.floor(share * 100) / 100);
  }

  /** That only the beginning of a long text was read. @param {{share: number, wholeMs?: number}} reading @returns {string[]} */
  function notesOfReading(reading) {
    if (reading.share >= 1) return [];
    const { wholeMs } = reading;
    return wholeMs
      ? [pith.say("note_first_read_time", shareOf(reading), pith.roughly(wholeMs))]
      : [pith.say("note_first_read", shareOf(reading))];
  }

  /** @returns {string[]} */
  function notesOf({ outcome, truncatedSentences, notes, reading }) {
    const own = [];
    if (outcome === "whole") own.push(pith.say("note_whole"));
    if (truncatedSentences > 0) own.push(pith.count("note_truncated", truncatedSentences));
    return [...own, ...notes, ...notesOfReading(reading)];
  }

  /** @type {Session | null} */
  let current = null;

  /** The places of the last snapshot that the popup or the side panel had taken. */
  const popupPlaces = new pith.Places();
  /** How many of them have sentences marked. */
  let popups = 0;

  // The popup has sentences of its summary marked; when it closes, the page is as it was.
  chrome.runtime.onConnect.addListener((port) => {
    if (port.name !== "marks" || port.sender?.id !== chrome.runtime.id || port.sender.tab) return;
    const marks = new pith.Marks();
    let following = new AbortController();
    popups += 1;
    port.onDisconnect.addListener(() => {
      marks.remove();
      following.abort();
      popups -= 1;
      if (popups === 0) popupPlaces.forget();
    });
    port.onMessage.addListener((message) => {
      if (message?.v !== VERSION) return;
      if (message.kind === "mark") marks.show(popupPlaces.rangesOf(message));
      else if (message.kind === "jump") marks.show(popupPlaces.jumpTo(message, new DOMRect()) ?? []);
      else if (message.kind === "clear") marks.clear();
      else if (message.kind === "follow") {
        following.abort();
        following = new AbortController();
        popupPlaces.follow(message.places, (index) => port.postMessage({ v: VERSION, index }), following.signal);
      }
    });
  });

  chrome.runtime.onMessage.addListener((message, sender, answer) => {
    // Only the extension's own contexts may speak, and none that lives in a tab.
    if (sender.id !== chrome.runtime.id || sender.tab || message?.v !== VERSION) return;
    if (message.kind === "open") {
      current?.close({ returnFocus: true });
      pith.speak(message);
      current = new Session(message);
      answer({ ok: true });
    } else if (message.kind === "snapshot") {
      if (isPdfViewer()) {
        answer({ closed: document.contentType });
        return;
      }
      (message.scope === "page" ? parsed() : Promise.resolve()).then(() => {
        try {
          const { snapshot, source } = pith.takeSnapshot(message.scope);
          popupPlaces.source = source;
          const isElsewhere = message.scope === "selection" && snapshot.text === "" && isInOtherSite();
          answer(isElsewhere ? { isElsewhere } : snapshot);
        } catch (error) {
          answer({ error: String(error) });
        }
      });
      // The answer may come later.
      return true;
    }
  });
})();
