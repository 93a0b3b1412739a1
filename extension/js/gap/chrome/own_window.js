// The window that a screen is in.

/** The window. @returns {Promise<{ id?: number, incognito: boolean }>} */
export const ownWindow = () => chrome.windows.getCurrent();

/** How many pixels of the screen are one of the page's: what the browser's zoom makes them. @returns {Promise<number>} */
export const zoomOfTab = () => chrome.tabs.getZoom();
