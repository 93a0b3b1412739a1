// The words that Pith speaks in: which language, and its messages.

/** The languages that `_locales` has; the first is spoken where none of the person's is among them. */
const LANGUAGES = ["en", "de", "fr", "es", "ja", "ar"];

/** The key of the preferences in `chrome.storage.local`. */
export const PREFERENCES = "preferences";

/** @returns {string} the language that the person chose, or else the browser's */
async function chosenLanguage() {
  const { [PREFERENCES]: preferences } = await chrome.storage.local.get(PREFERENCES);
  const wanted = [preferences?.language, chrome.i18n.getUILanguage()];
  const known = wanted.map((tag) => LANGUAGES.find((language) => language === tag?.split("-")[0]));
  return known.find((language) => language !== undefined) ?? LANGUAGES[0];
}

/** @returns {Promise<{language: string, direction: "ltr" | "rtl", messages: Record<string, string>}>} */
export async function loadWords() {
  const language = await chosenLanguage();
  const response = await fetch(chrome.runtime.getURL(`_locales/${language}/messages.json`));
  const entries = Object.entries(await response.json()).map(([key, { message }]) => [key, message]);
  const messages = Object.fromEntries(entries);
  return { language, direction: messages["direction"], messages };
}
