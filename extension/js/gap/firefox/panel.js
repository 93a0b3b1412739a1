// The sidebar.

/** Opens it in the window of the gesture, as the browser allows within the person's gesture only: before anything is waited for. */
export const openPanel = () => chrome.sidebarAction.open();
