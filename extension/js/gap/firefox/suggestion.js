// The address bar's own suggestion, which the browser takes as plain text, and shows beside what was typed.

/** Suggests this. @param {string} text with `$1` where the browser could show what was typed */
export const suggest = async (text) => chrome.omnibox.setDefaultSuggestion({ description: text.replace("$1", "…") });
