// Starts a page's Wasm module in the person's words. If it cannot start, the static page says so; nothing else is decided
// here.

import { loadWords } from "../js/words.js";

/** The shell's words, for the next time the page opens: it is painted before they could be loaded. Where the browser does not
 * keep them, it is painted in the browser's words.
 */
function keepShell({ language, direction, messages }) {
  const elements = [...document.querySelectorAll("[data-words], [data-name], [data-hint]")];
  const keys = elements.flatMap(({ dataset }) => [dataset.words, dataset.name, dataset.hint]).filter((key) => key);
  const words = Object.fromEntries(keys.map((key) => [key, messages[key]]));
  // What other pages kept in the same language stays.
  const kept = globalThis.keptShell();
  const others = kept?.language === language ? kept.words : {};
  try {
    localStorage.setItem("shell", JSON.stringify({ language, direction, words: { ...others, ...words } }));
  } catch (error) {
    console.warn("Pith: the words of the page's shell were not kept", error);
  }
}

/**
 * @param {string} name of the module
 * @param {Promise<{default: Function, start: (messages: Record<string, string>, language: string) => void}>} code
 */
export async function startPage(name, code) {
  const main = document.querySelector("main");
  try {
    const file = new URL(`../wasm/${name}_bg.wasm`, import.meta.url);
    const running = code.then(async (module) => {
      await module.default({ module_or_path: file });
      return module;
    });
    const [module, words] = await Promise.all([running, loadWords()]);
    document.documentElement.lang = words.language;
    document.documentElement.dir = words.direction;
    keepShell(words);
    // What was kept may have been in another language, or may lack a word.
    globalThis.fillShell((key) => words.messages[key]);
    module.start(words.messages, words.language);
  } catch (error) {
    console.error(`Pith: ${name} did not start`, error);
    const message = document.createElement("p");
    message.className = "message error";
    message.setAttribute("role", "alert");
    message.textContent = chrome.i18n.getMessage("error_window");
    main.append(message);
  }
}
