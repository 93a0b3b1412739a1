// What a page shows before its module runs, in the person's language. Read before the first picture is painted, so only what
// can be had at once is used: the browser's own messages, or those that the page kept the last time.
{
  const kept = keptShell();
  const page = document.documentElement;
  page.lang = kept?.language ?? chrome.i18n.getUILanguage();
  page.dir = kept?.direction ?? chrome.i18n.getMessage("@@bidi_dir");
  const say = (key) => kept?.words?.[key] ?? chrome.i18n.getMessage(key);
  fillShell(say);
  // Firefox may take the focus from the field again as it gives it to the popup's window.
  const giveFocus = () => document.activeElement === document.body && document.querySelector("[autofocus]")?.focus();
  addEventListener("focus", giveFocus, { once: true });
  // A question that is asked before there is anybody to answer is asked again by the living field.
  for (const field of document.querySelectorAll("main input")) {
    field.addEventListener("keydown", (event) => {
      field.dataset.isEntered = String(event.key === "Enter" && !isComposing(event));
    });
  }
  // An Enter that takes the word of an input method sends no form of the page, now or later.
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && isComposing(event)) event.preventDefault();
  });
}

/** Whether a key is meant for an input method that has a word half written; Safari tells the last one by its code alone. */
function isComposing({ isComposing, keyCode }) {
  return isComposing || keyCode === 229;
}

/** What the page kept the last time; nothing if there is nothing, or no longer anything that can be read. */
function keptShell() {
  try {
    return JSON.parse(localStorage.getItem("shell"));
  } catch {
    return null;
  }
}

/**
 * Writes words into the elements that name them.
 *
 * @param {(key: string) => string} say
 */
function fillShell(say) {
  for (const element of document.querySelectorAll("[data-words]")) element.textContent = say(element.dataset.words);
  for (const element of document.querySelectorAll("[data-name]")) element.setAttribute("aria-label", say(element.dataset.name));
  for (const element of document.querySelectorAll("[data-hint]")) element.placeholder = say(element.dataset.hint);
}
