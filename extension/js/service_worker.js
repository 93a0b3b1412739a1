// The service worker's listeners.
//
// They must be registered before this file has been read to its end, or the event that woke the worker is lost; Wasm is
// ready only later. So they stand here, and every event waits, in order, on the promise of the engine host. Nothing is
// decided here. The menu's items (`menu.js`) are made at once too: a worker that was ended before its Wasm ran would leave none.

import { Worker, reset, start } from "./engine.js";
import { followPreferences, makeMenu } from "./menu.js";
import { PREFERENCES, loadWords } from "./words.js";

makeMenu();

/** The words that it speaks in. */
let words = loadWords();

/** The engine host, once its Wasm runs. @type {Promise<Worker>} */
let worker = start().then(newWorker);

async function newWorker() {
  const { language, messages } = await words;
  return new Worker(messages, language);
}

/** @param {string} key */
const say = (key) => words.then(({ messages }) => messages[key], () => chrome.i18n.getMessage(key));

words.then(followPreferences);

chrome.storage.onChanged.addListener((changed) => {
  if (!changed[PREFERENCES]) return;
  words = loadWords();
  words.then(followPreferences);
  worker.then((host) => words.then(({ language, messages }) => host.setWords(messages, language)));
});

/** The open ports. @type {Set<chrome.runtime.Port>} */
const ports = new Set();

/** @param {chrome.runtime.Port} port @param {string} key @param {string} code */
async function fail(port, key, code) {
  const message = await say(key);
  try {
    port.postMessage({ v: 1, kind: "error", message, code });
  } catch {
    // The other end is gone, and with it whom to tell.
  }
}

chrome.contextMenus.onClicked.addListener(({ menuItemId, selectionText }, tab) =>
  worker.then((host) => host.chosen(menuItemId, selectionText, tab)),
);

chrome.runtime.onInstalled.addListener(({ reason }) => {
  if (reason === chrome.runtime.OnInstalledReason.INSTALL) chrome.tabs.create({ url: "pages/welcome.html" });
});

chrome.commands.onCommand.addListener((command, tab) => {
  // The browser opens a panel within the person's gesture only: before anything is waited for.
  if (command === "open-panel") chrome.sidePanel.open({ windowId: tab.windowId });
  else worker.then((host) => host.chosen(command, undefined, tab));
});

chrome.omnibox.onInputEntered.addListener((question) => worker.then((host) => host.asked(question)));

chrome.runtime.onConnect.addListener((port) => {
  const connection = worker.then((host) => host.connected(port));
  ports.add(port);
  port.onMessage.addListener((message) => connection.then((open) => open?.message(message)));
  port.onDisconnect.addListener(() => {
    // A page that goes into the back/forward cache closes its ports with an error, which complains until it is looked at.
    void chrome.runtime.lastError;
    ports.delete(port);
    connection.then((open) => open?.disconnected());
  });
  worker.catch(() => fail(port, "error_start", "start"));
});

worker.catch(async (error) => {
  console.error(error);
  chrome.action.setBadgeText({ text: "!" });
  chrome.action.setTitle({ title: await say("error_start") });
});

// A panic leaves the Wasm's memory as it was in mid-work: nothing in it can be trusted. Whoever waits is told, and the
// next request finds a fresh instance, which loads the model from the store again.
function onBroken(error) {
  if (!(error instanceof WebAssembly.RuntimeError)) return;
  console.error(error);
  reset();
  worker = newWorker();
  for (const port of ports) fail(port, "error_broke", "broke").then(() => port.disconnect());
  ports.clear();
}

self.addEventListener("unhandledrejection", (event) => onBroken(event.reason));
self.addEventListener("error", (event) => onBroken(event.error));
