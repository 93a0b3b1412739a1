// What a page shows before its module runs, in the person's language. Read before the first picture is painted, so only what
// can be had at once is used: the browser's own messages, or those that the page kept the last time.
{
  const kept = JSON.parse(localStorage.getItem("shell") ?? "null");
  const page = document.documentElement;
  page.lang = kept?.language ?? chrome.i18n.getUILanguage();
  page.dir = kept?.direction ?? chrome.i18n.getMessage("@@bidi_dir");
  const say = (key) => kept?.words[key] ?? chrome.i18n.getMessage(key);
  fillShell(say);
  // A question that is asked before there is anybody to answer is asked again by the living field.
  for (const field of document.querySelectorAll("main input")) {
    field.addEventListener("keydown", ({ key }) => {
      field.dataset.isEntered = String(key === "Enter");
    });
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
