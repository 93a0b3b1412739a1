// The card's door: what comes in before the module runs, and all that ever comes in from the page around.
//
// That is one message, with the opening and a port to the content script. Whoever else had this page in a frame could send one
// too; but the service worker answers a card only to a nonce that it gave to the content script of the card's own tab. Nothing is
// ever sent to the window around: it would have a hold on this one.
{
  const WORDS = {
    summarize: { card_summary: "card_summary", summarizing: "summarizing" },
    ask: { card_summary: "card_answers", summarizing: "answering" },
    label: { card_summary: "card_labels", summarizing: "labelling" },
  };
  // What the first picture says is about; it asks for nothing.
  const words = WORDS[location.hash.slice(1).split(",")[0]] ?? WORDS.summarize;
  for (const { dataset } of document.querySelectorAll("[data-words], [data-name]")) {
    for (const [kind, key] of Object.entries(dataset)) dataset[kind] = words[key] ?? key;
  }

  /** What the card opens with, and its way to the page. @type {Promise<{nonce: string, port: MessagePort}>} */
  globalThis.opening = new Promise((resolve) => {
    addEventListener("message", function take({ data, ports: [port], source }) {
      if (source !== parent || data?.v !== 2 || data.kind !== "opening" || !port) return;
      removeEventListener("message", take);
      port.postMessage({ v: 2, kind: "runs" });
      resolve({ ...data, port });
    });
  });

  // The card can be closed whatever becomes of the module.
  const close = () => opening.then(({ port }) => port.postMessage({ v: 2, kind: "close" }));
  document.querySelector(".close").addEventListener("click", close);
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented && !isComposing(event)) close();
  });
}
