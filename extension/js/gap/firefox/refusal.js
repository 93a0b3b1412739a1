// What the browser's own error messages mean; nothing else of an error tells.

/** The person has let Pith into this page by no gesture. @param {string} message */
export const isNotGranted = (message) => message.includes("Missing host permission for the tab");
