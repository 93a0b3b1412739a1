// The address bar's own suggestion, which the browser takes as XML.

/** Suggests this. @param {string} text with `$1` where the browser shows what was typed */
export function suggest(text) {
  const description = asXml(text).replace("$1", "<match>%s</match>");
  return chrome.omnibox.setDefaultSuggestion({ description });
}

/** @param {string} text */
const asXml = (text) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
