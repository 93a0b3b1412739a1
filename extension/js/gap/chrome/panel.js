// The side panel.

/** Opens it in a window, as the browser allows within the person's gesture only: before anything is waited for.
 * @param {number} windowId
 */
export const openPanel = (windowId) => chrome.sidePanel.open({ windowId });
