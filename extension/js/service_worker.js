// The service worker's listeners.
//
// They must be registered before this file has been read to its end, or the event that woke the worker is lost; Wasm is
// ready only later. So they stand here, and every event waits, in order, on the promise of the engine host. Nothing is
// decided here. The menu's items (`menu.js`) are made at once too: a worker that was ended before its Wasm ran would leave none.
//
// What is written here catches its own mistakes. So an error that nobody caught has come out of the Wasm, and unwound it
// without a destructor having run: whatever kind of error it is, nothing in that instance can be trusted any more.

import { Worker, isOfEarlierInstance, reset, start } from "./engine.js";
import { openPanel } from "./gap/panel.js";
import { followPreferences, makeMenu } from "./menu.js";
import { PREFERENCES, loadWords } from "./words.js";

makeMenu();

/** The words that it speaks in. */
let words = loadWords();

/** The engine host, once its Wasm runs; none when it could not be started: whoever wants it next has it tried again.
 * @type {Promise<Worker> | null} */
let worker = null;

/** Has it been started, and not broken since? */
let isRunning = false;

/** Is it said on the icon that it could not be started? */
let isFailureShown = false;

/** Starts the engine host unless it is there already. @returns {Promise<Worker>} */
function host() {
  worker ??= begin(start);
  return worker;
}

/** @param {() => Promise<unknown>} prepare */
function begin(prepare) {
  const begun = prepare().then(newWorker);
  begun.then(
    () => {
      isRunning = true;
      hideFailure();
    },
    (error) => {
      worker = null;
      showFailure(error);
    },
  );
  return begun;
}

async function newWorker() {
  const { language, messages } = await words.catch(() => (words = loadWords()));
  return new Worker(messages, language);
}

/** What the Wasm does when it is called. An error that comes out of it has broken it.
 * @template T @param {() => T | Promise<T>} call @returns {Promise<T | undefined>}
 */
async function guarded(call) {
  try {
    return await call();
  } catch (error) {
    onUncaught(error);
  }
}

/** Has the host do something, if there is one to be had. @param {(host: Worker) => unknown} act */
function ask(act) {
  host().then((open) => guarded(() => act(open)), () => {});
}

/** @param {string} key */
const say = (key) => words.then(({ messages }) => messages[key]).catch(() => chrome.i18n.getMessage(key));

const follow = () => words.then(followPreferences).catch((error) => console.warn("Pith: no menu", error));
follow();

chrome.storage.onChanged.addListener((changed) => {
  if (!changed[PREFERENCES]) return;
  words = loadWords();
  follow();
  words.then(({ language, messages }) => ask((open) => open.setWords(messages, language)), () => {});
});

/** The open ports. @type {Set<chrome.runtime.Port>} */
const ports = new Set();

/** Tells whoever waits that nothing will come, under the id 0: of the port as a whole; and closes it: what is asked next comes
 * over another, to another host.
 * @param {chrome.runtime.Port} port @param {string} key @param {string} code
 */
async function fail(port, key, code) {
  ports.delete(port);
  const message = await say(key);
  try {
    port.postMessage({ v: 2, id: 0, seq: 0, last: true, kind: "error", message, code });
    port.disconnect();
  } catch {
    // The other end is gone, and with it whom to tell.
  }
}

chrome.contextMenus.onClicked.addListener(({ menuItemId, selectionText }, tab) =>
  ask((open) => open.chosen(menuItemId, selectionText, tab)),
);

chrome.runtime.onInstalled.addListener(({ reason }) => {
  if (reason !== chrome.runtime.OnInstalledReason.INSTALL) return;
  chrome.tabs.create({ url: "pages/welcome.html" }).catch((error) => console.warn("Pith: no first page", error));
});

chrome.commands.onCommand.addListener((command, tab) => {
  if (command !== "open-panel") return ask((open) => open.chosen(command, undefined, tab));
  openPanel(tab.windowId).catch((error) => console.warn("Pith: no panel", error));
});

chrome.tabs.onRemoved.addListener((tab) => ask((open) => open.tabClosed(tab)));

chrome.omnibox.onInputEntered.addListener((question) => ask((open) => open.asked(question)));

chrome.runtime.onConnect.addListener((port) => {
  ports.add(port);
  const connection = host().then((open) => guarded(() => open.connected(port)));
  connection.then((open) => open ?? ports.delete(port), () => {});
  // A host that broke has told this port, and is asked no more.
  const act = (call) => connection.then((open) => open && ports.has(port) && guarded(() => call(open)), () => {});
  port.onMessage.addListener((message) => act((open) => open.message(message)));
  port.onDisconnect.addListener(() => {
    // A page that goes into the back/forward cache closes its ports with an error, which complains until it is looked at.
    void chrome.runtime.lastError;
    act((open) => open.disconnected()).then(() => ports.delete(port));
  });
  connection.catch(() => fail(port, "error_start", "start"));
});

/** @param {unknown} error */
async function showFailure(error) {
  console.error(error);
  isFailureShown = true;
  await show("!", await say("error_start"));
}

async function hideFailure() {
  if (!isFailureShown) return;
  isFailureShown = false;
  await show("", "");
}

/** @param {string} badge @param {string} title empty: as the manifest says */
function show(badge, title) {
  const shown = [chrome.action.setBadgeText({ text: badge }), chrome.action.setTitle({ title })];
  return Promise.all(shown).catch((error) => console.warn("Pith: no sign", error));
}

/** Whoever waits is told, and the next request finds a fresh instance, which loads the model from the store again.
 * @param {unknown} error
 */
function onUncaught(error) {
  console.error(error);
  // What an earlier instance waited for comes to nothing: that one was given up already.
  if (!isRunning || isOfEarlierInstance(error)) return;
  isRunning = false;
  reset();
  worker = begin(() => Promise.resolve());
  for (const port of [...ports]) fail(port, "error_broke", "broke");
}

self.addEventListener("unhandledrejection", (event) => onUncaught(event.reason));
self.addEventListener("error", (event) => onUncaught(event.error ?? event.message));

host();
