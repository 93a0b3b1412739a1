// The window that a screen is in. The card's page, in a frame of a page of the web, is told of neither windows nor tabs.

/** The window; without its id where the screen could not do anything with it: open the sidebar. */
export const ownWindow = async () => chrome.windows?.getCurrent() ?? { incognito: chrome.extension.inIncognitoContext };

/** How many pixels of the screen are one of the page's: the pointer's place on the screen is told in the page's own. */
export const zoomOfTab = async () => 1;
