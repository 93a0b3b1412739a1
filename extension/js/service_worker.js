// The service worker's listeners.
//
// They must be registered before this file has been read to its end, or the event that woke the worker is lost; Wasm is
// ready only later. So they stand here, and every event waits, in order, on the promise of the engine host. Beyond the
// choice of a build that this browser can run, nothing is decided here.

import startPlain, { Worker as PlainWorker, __wbg_reset_state as resetPlain } from "../wasm/worker.js";
import startRelaxed, { Worker as RelaxedWorker, __wbg_reset_state as resetRelaxed } from "../wasm/worker_relaxed.js";

const START_FAILED =
  "Pith could not start in this browser. It needs WebAssembly with SIMD, which every current browser has: update the browser and try again.";
const BROKE = "Pith broke while it was working, by a mistake of its own. Try again; if it happens again, please report the page.";

// A module of one function that gives i8x16.relaxed_swizzle(splat(1), splat(2)): valid only where relaxed SIMD is.
const USES_RELAXED_SIMD = Uint8Array.of(
  0, 97, 115, 109, 1, 0, 0, 0, // header
  1, 5, 1, 96, 0, 1, 123, // type: () -> v128
  3, 2, 1, 0, // one function of that type
  10, 15, 1, 13, 0, 65, 1, 253, 15, 65, 2, 253, 15, 253, 128, 2, 11, // its code
);

const [init, Worker, reset, file] = WebAssembly.validate(USES_RELAXED_SIMD)
  ? [startRelaxed, RelaxedWorker, resetRelaxed, "wasm/worker_relaxed_bg.wasm"]
  : [startPlain, PlainWorker, resetPlain, "wasm/worker_bg.wasm"];

/** The engine host, once its Wasm runs. @type {Promise<Worker>} */
let worker = init({ module_or_path: chrome.runtime.getURL(file) }).then(() => new Worker());

/** The open ports. @type {Set<chrome.runtime.Port>} */
const ports = new Set();

const fail = (port, message, code) => port.postMessage({ v: 1, kind: "error", message, code });

chrome.runtime.onInstalled.addListener(() => worker.then((host) => host.installed()));

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
