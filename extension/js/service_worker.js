// The service worker's listeners.
//
// They must be registered before this file has been read to its end, or the event that woke the worker is lost; Wasm is
// ready only later. So they stand here, and every event waits, in order, on the promise of the engine host. Nothing is
// decided here. The menu's items are made here too: a worker that was ended before its Wasm ran would leave none.

import { Worker, reset, start } from "./engine.js";

const START_FAILED =
  "Pith could not start in this browser. It needs WebAssembly with SIMD, which every current browser has: update the browser and try again.";
const BROKE = "Pith broke while it was working, by a mistake of its own. Try again; if it happens again, please report the page.";

// One item for each context, for the browser puts several of one extension into a menu below the menu; what else can be
// done with a text, the card offers.
const MENU = [
  { id: "summarize-selection", title: "Summarize selection", contexts: ["selection"] },
  { id: "summarize-page", title: "Summarize page", contexts: ["page"] },
];

// The browser keeps them: most times they are there already, perhaps as an earlier version made them.
for (const { id, ...item } of MENU) {
  chrome.contextMenus.create({ id, ...item }, () => {
    if (chrome.runtime.lastError) chrome.contextMenus.update(id, item);
  });
}

/** The engine host, once its Wasm runs. @type {Promise<Worker>} */
let worker = start().then(() => new Worker());

/** The open ports. @type {Set<chrome.runtime.Port>} */
const ports = new Set();

const fail = (port, message, code) => port.postMessage({ v: 1, kind: "error", message, code });

chrome.contextMenus.onClicked.addListener((info, tab) => worker.then((host) => host.menuClicked(info, tab)));

chrome.runtime.onConnect.addListener((port) => {
  const connection = worker.then((host) => host.connected(port));
  ports.add(port);
  port.onMessage.addListener((message) => connection.then((open) => open?.message(message)));
  port.onDisconnect.addListener(() => {
    ports.delete(port);
    connection.then((open) => open?.disconnected());
  });
  worker.catch(() => fail(port, START_FAILED, "start"));
});

worker.catch((error) => {
  console.error(error);
  chrome.action.setBadgeText({ text: "!" });
  chrome.action.setTitle({ title: START_FAILED });
});

// A panic leaves the Wasm's memory as it was in mid-work: nothing in it can be trusted. Whoever waits is told, and the
// next request finds a fresh instance, which loads the model from the store again.
function onBroken(error) {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  console.error(error);
  reset();
  worker = Promise.resolve(new Worker());
  for (const port of ports) {
    fail(port, BROKE, "broke");
    port.disconnect();
  }
  ports.clear();
}

self.addEventListener("unhandledrejection", (event) => onBroken(event.reason));
self.addEventListener("error", (event) => onBroken(event.error));
