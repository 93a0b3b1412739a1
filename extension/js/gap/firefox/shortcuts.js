// Where the person changes the extensions' shortcuts: a page of the browser's own.

/** Opens it. @returns {Promise<unknown>} that fails if the browser does not open it */
export const openShortcuts = () => chrome.commands.openShortcutSettings();
