/**
 * The content script's door. The service worker injects, in one call and in this order, `dom.js`, `shown.js`, `html.js`,
 * `walker.js`, `snapshot.js`, `marks.js`, `places.js`, `frame.js` and this file into the top frame, on the person's gesture only;
 * injecting them again changes nothing. They share an object of the extension's own isolated world, under a symbol of the global
 * one: the page cannot see it, and no element of the page can have its name.
 *
 * The messages are those of `extension/src/protocol/tab.rs`. The script holds no words, decides nothing about the text, and leaves
 * nothing behind once its card, the popup and the panel are closed.
 */
(globalThis[Symbol.for("pith")] ??= {}).isListening ??= (() => {
  const { dom, text, Marks, Places, Frame } = globalThis[Symbol.for("pith")];

  const VERSION = 2;
  /** The origin of the extension's pages, also of one that was loaded under a dynamic address. */
  const OWN_ORIGIN = chrome.runtime.getURL("").replace(/\/$/, "");
  /** Another one after a reload, the same one after `pushState`. */
  const DOCUMENT = crypto.getRandomValues(new Uint32Array(4)).join("-");
  /** How long a document that is still coming is waited for. */
  const PARSED_LIMIT_MS = 3000;
  /** The browser passes on 64 MiB of JSON, in UTF-8, and drops a longer answer. Some of that is for what stands around a snapshot. */
  const MOST_BYTES = 63 << 20;
  /** How long the card's page may take until it says that it runs: a script in its head does, before anything is loaded. */
  const RUNS_LIMIT_MS = 5000;
  /** How often is looked whether the extension that the card belongs to is still there. */
  const ALIVE_CHECK_MS = 1000;

  const places = new Places();
  /** @type {{frame: Frame, opening: object, url: string, tell: Function, close: Function} | null} */
  let card = null;
  /** The selection that the card was opened for, until another one is made. @type {Promise<object> | null} */
  let openedFor = null;
  /** Who is told what happens to the page: each screen that has a link. @type {Set<(kind: string, what?: object) => void>} */
  const screens = new Set();

  const addressNow = () => location.href.split("#")[0];
  let address = addressNow();

  /** Tells whether the page has become another one without a new document. */
  const lookForMove = () => {
    if (address === addressNow()) return;
    address = addressNow();
    for (const tell of screens) tell("moved", { url: address });
  };

  /** A screen's link to the page. @param {(message: object) => void} send @param {Frame} [frame] of the card, if it is the card's */
  const link = (send, frame) => {
    const marks = new Marks();
    /** Whether a sentence is only pointed at; what was jumped to stays marked while the pointer moves over the page. */
    let isPointedAt = false;
    let following = new AbortController();
    const tell = (kind, what) => send({ v: VERSION, kind, ...what });
    const requests = {
      mark(sentence) {
        isPointedAt = true;
        marks.show(places.rangesOf(sentence));
      },
      jump(sentence) {
        isPointedAt = false;
        const ranges = places.jumpTo(sentence, frame?.box ?? new DOMRect());
        marks.show(ranges ?? []);
        if (!ranges) tell("placeLost");
      },
      clear: () => marks.clear(),
      follow({ places: followed }) {
        following.abort();
        following = new AbortController();
        places.follow(followed, (index) => tell("inView", { index }), following.signal);
      },
    };
    const ofCard = { size: (size) => frame.resize(size), move: (by) => frame.move(by), close: () => card?.close({ returnsFocus: true }) };
    if (frame) Object.assign(requests, ofCard);
    frame?.whenPointerOutside(() => isPointedAt && marks.clear());
    screens.add(tell);
    const hear = (message) => {
      if (message?.v !== VERSION || !Object.hasOwn(requests, message.kind)) return;
      lookForMove();
      requests[message.kind](message);
    };
    const end = () => {
      marks.remove();
      following.abort();
      screens.delete(tell);
      if (screens.size === 0) places.forget();
    };
    return { tell, hear, end };
  };

  /** Shows the card, and hands it the opening whenever its page has loaded, over a channel that nobody else has an end of. */
  const open = ({ fallbackText, ...opening }) => {
    let toCard = null;
    const { promise: runs, resolve: setRuns } = Promise.withResolvers();
    setTimeout(setRuns, RUNS_LIMIT_MS, false);
    const greet = async (window) => {
      toCard?.end();
      const { port1, port2 } = new MessageChannel();
      toCard = link((message) => port1.postMessage(message), frame);
      port1.onmessage = ({ data }) => toCard.hear(data);
      port1.addEventListener("message", () => setRuns(true), { once: true });
      window.postMessage({ ...opening, v: VERSION, kind: "opening" }, OWN_ORIGIN, [port2]);
      // The selection is read before the card takes the focus from a field.
      await openedFor;
      if (!frame.signal.aborted) frame.focus();
    };
    const close = (how) => {
      if (frame.signal.aborted) return;
      toCard?.end();
      frame.close(how);
      card = openedFor = null;
    };
    const frame = new Frame(opening, greet, () => close({ returnsFocus: false }));
    /** Escape closes the card too when nothing in the page has the focus. */
    const closeByKey = (event) => {
      const isIdle = [null, dom.body(document)].includes(dom.activeElement(document));
      if (event.key !== "Escape" || !isIdle || dom.isComposing(event)) return;
      event.stopPropagation();
      close({ returnsFocus: false });
    };
    card = { frame, runs, opening, url: address, tell: (kind) => toCard?.tell(kind), close };
    openedFor = opening.scope === "selection" ? painted().then(() => take("selection", fallbackText)) : null;
    const { signal } = frame;
    // After a reload of the extension nobody is left to answer the card, nor anything to tell this script so.
    const watch = setInterval(() => (chrome.runtime?.id ? frame.hold() : close({ returnsFocus: false })), ALIVE_CHECK_MS);
    signal.addEventListener("abort", () => clearInterval(watch));
    dom.listen(document, "selectionchange", () => (openedFor = null), { signal });
    dom.listen(window, "pagehide", () => close({ returnsFocus: false }), { signal });
    dom.listen(window, "keydown", closeByKey, { capture: true, signal });
  };

  /** Whether what is asked for is on the screen already. */
  const isThere = ({ scope, task, question }) => {
    const { opening, url, frame } = card ?? {};
    if (!frame?.isThere || opening.scope !== scope || opening.task !== task || opening.question !== question) return false;
    return scope === "page" ? url === address : openedFor !== null;
  };

  /** Whether a snapshot is longer than the browser passes on. It is looked at closely only if it might be. */
  const isTooLong = (snapshot) => {
    const units = snapshot.text.length + (snapshot.html?.length ?? 0);
    return 6 * units > MOST_BYTES && new TextEncoder().encode(JSON.stringify(snapshot)).length > MOST_BYTES;
  };

  /** Reads the page or the selection, and remembers where its text came from. @param {"selection" | "page"} scope
   * @param {string} [fallbackText] the selection as the browser reports it @returns {object} what `snapshot` is answered by */
  const take = (scope, fallbackText) => {
    // The browser's viewer of PDFs lets scripts into a page around the document, and not to its text.
    if (document.contentType === "application/pdf" && !fallbackText) return { closed: document.contentType };
    try {
      const { snapshot, source } = text.take(scope, fallbackText);
      const focused = text.focusedElement();
      // A selection may be in a frame whose text is closed to this script: another site's.
      const isElsewhere = focused && text.isFrame(focused) && !focused.contentDocument;
      if (scope === "selection" && snapshot.text === "" && isElsewhere) return { isElsewhere };
      if (isTooLong(snapshot)) return { isTooLong: true };
      places.sources[scope] = source;
      return { document: DOCUMENT, snapshot };
    } catch (error) {
      console.warn("Pith: no snapshot", error);
      return { error: String(error) };
    }
  };

  /** Resolves when the document has come to its end, or after a while: some have none, and what is there by then is read. */
  const parsed = () =>
    new Promise((resolve) => {
      if (document.readyState !== "loading") resolve();
      document.addEventListener("DOMContentLoaded", () => resolve(), { once: true });
      setTimeout(resolve, PARSED_LIMIT_MS);
    });

  /** Resolves when the browser has drawn a frame, or soon in a tab that is not drawn. */
  const painted = () =>
    new Promise((resolve) => {
      requestAnimationFrame(() => setTimeout(resolve));
      setTimeout(resolve, 100);
    });

  const answers = {
    document: () => ({ document: DOCUMENT }),
    // A card is seen before the page is walked, which takes a while.
    snapshot: ({ scope }) =>
      scope === "page" ? Promise.all([parsed(), card && painted()]).then(() => take(scope)) : (openedFor ?? take(scope)),
    open(opening) {
      if (isThere(opening)) {
        card.frame.focus();
        card.tell("focus");
        return { isThere: true };
      }
      card?.close({ returnsFocus: true });
      // A page in a sandbox lets no script run in a frame, be it the extension's; where its origin says so, nothing is tried.
      if (origin === "null" && location.protocol.startsWith("http")) return { isBarred: true };
      open(opening);
      return { isNew: true };
    },
    async await() {
      if (!card) return { runs: true };
      const { frame, runs, close } = card;
      // A page that takes it away does so when it sees it.
      await painted();
      if ((frame.isThere && (await runs)) || frame.signal.aborted) return { runs: true };
      close({ returnsFocus: true });
      return { isBarred: true };
    },
  };

  chrome.runtime.onMessage.addListener((message, sender, answer) => {
    // Only the extension's own contexts may speak, and none that lives in a tab.
    if (sender.id !== chrome.runtime.id || sender.tab || message?.v !== VERSION || !Object.hasOwn(answers, message.kind)) return;
    lookForMove();
    Promise.resolve(answers[message.kind](message)).then(answer).catch((error) => answer({ error: String(error) }));
    // The answer may come later.
    return true;
  });

  chrome.runtime.onConnect.addListener((port) => {
    if (port.name !== "page" || port.sender?.id !== chrome.runtime.id || port.sender.tab) return;
    const { hear, end } = link((message) => port.postMessage(message));
    port.onMessage.addListener(hear);
    port.onDisconnect.addListener(end);
  });

  globalThis.navigation?.addEventListener("currententrychange", lookForMove);
  addEventListener("popstate", lookForMove);
  return true;
})();
