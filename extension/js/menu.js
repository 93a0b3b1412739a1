// Pith's items in the page's menu, and its suggestion in the address bar.
//
// One item for each context, unless the person wants all of them: the browser puts several of one extension into a menu
// below the menu. What else can be done with a text, the card offers.

import { suggest } from "./gap/suggestion.js";
import { PREFERENCES } from "./words.js";

const ALWAYS = [
  { id: "summarize-selection", title: "summarize_selection", contexts: ["selection"] },
  { id: "summarize-page", title: "summarize_page", contexts: ["page"] },
];

const ON_WISH = [
  { id: "label-selection", title: "label_selection", contexts: ["selection"] },
  { id: "ask-selection", title: "ask_selection", contexts: ["selection"] },
  { id: "label-page", title: "label_page", contexts: ["page"] },
  { id: "ask-page", title: "ask_page", contexts: ["page"] },
];

/** The browser keeps items: most times they are there already, perhaps as an earlier version made them. */
function make({ id, contexts }, title) {
  chrome.contextMenus.create({ id, title, contexts }, () => {
    if (chrome.runtime.lastError) chrome.contextMenus.update(id, { title, contexts }, () => void chrome.runtime.lastError);
  });
}

/** Makes the items that are always there, in the browser's language: at once, for a worker may end before it has read more. */
export function makeMenu() {
  for (const item of ALWAYS) make(item, chrome.i18n.getMessage(item.title));
}

/** Shows what the person wants to see, in the person's language. @param {{messages: Record<string, string>}} words */
export async function followPreferences({ messages }) {
  const { [PREFERENCES]: preferences } = await chrome.storage.local.get(PREFERENCES);
  for (const item of ALWAYS) make(item, messages[item.title]);
  for (const item of ON_WISH) {
    if (preferences?.fullMenu === true) make(item, messages[item.title]);
    // What is not there cannot be removed, which is as well.
    else chrome.contextMenus.remove(item.id, () => void chrome.runtime.lastError);
  }
  await suggest(messages["suggestion_ask"]);
}
