// What the harness needs of Firefox that WebDriver BiDi has no words for. It runs in the browser's own window, where the remote
// agent lets a script in (`--remote-allow-system-access`), and is put there once. Each function takes and gives JSON.
(() => {
  const { ExtensionParent } = ChromeUtils.importESModule("resource://gre/modules/ExtensionParent.sys.mjs");
  const { ExtensionSearchHandler } = ChromeUtils.importESModule("resource://gre/modules/ExtensionSearchHandler.sys.mjs");
  const { NavigableManager } = ChromeUtils.importESModule("chrome://remote/content/shared/NavigableManager.sys.mjs");
  const service = Cc["@mozilla.org/accessibilityService;1"].getService(Ci.nsIAccessibilityService);

  const TEXT_LEAF = "text leaf";
  /** They are drawn beside a text and are no part of it. */
  const NO_TEXT = ["list item marker", "whitespace"];

  /** The extension that was installed last. */
  let extension = null;
  const views = () => [...(extension?.views ?? [])].filter(({ xulBrowser }) => xulBrowser?.browsingContext);

  /** A popup has another browser until it is shown. */
  const isShownPopup = ({ viewType, xulBrowser }) => viewType === "popup" && xulBrowser.closest("panel")?.state === "open";

  // BiDi knows the browsers of tabs alone: those of popups, of the sidebar and of event pages are looked for too.
  const ofTab = NavigableManager.getBrowserById.bind(NavigableManager);
  const idOf = (browser) => {
    browser.permanentKey ??= {};
    return NavigableManager.getIdForBrowser(browser);
  };
  const viewOf = (id) => views().find(({ xulBrowser }) => idOf(xulBrowser) === id);
  NavigableManager.getBrowserById = (id) => ofTab(id) ?? viewOf(id)?.xulBrowser ?? null;

  const browserOf = (id) => {
    const context = NavigableManager.getBrowsingContextById(id);
    if (!context) throw new Error(`there is no ${id}`);
    return { context, browser: context.top.embedderElement };
  };
  /** The tab of this id, and the window that it is in. */
  const tabOf = (id) => {
    const { browser } = browserOf(id);
    const window = browser.ownerDocument.defaultView;
    return { tab: window.gBrowser?.getTabForBrowser(browser), window };
  };
  /** Brings the tab to the front, if it is one. */
  const select = (id) => {
    const { tab, window } = tabOf(id);
    if (!tab) return null;
    window.gBrowser.selectedTab = tab;
    window.focus();
    return { tab, window };
  };

  // The numbers by which the accessible objects are known.
  const numbers = new WeakMap();
  const objects = new Map();
  let last = 0;
  const numberOf = (object) => {
    if (!numbers.has(object)) {
      last += 1;
      numbers.set(object, last);
      objects.set(last, object);
    }
    return numbers.get(object);
  };
  /** The object of a number; what is gone has none. */
  const objectOf = (number) => {
    const object = objects.get(number);
    if (!object) throw new Error("there is no such node");
    // What is gone has no role any more: it throws.
    void object.role;
    return object;
  };

  const childrenOf = (object) => Array.from({ length: object.childCount }, (_, index) => object.getChildAt(index));
  const isFrame = (object) => service.getStringRole(object.role) === "internal frame";
  const documentIn = (frame) => (frame?.childCount === 1 ? frame.getChildAt(0).QueryInterface(Ci.nsIAccessibleDocument) : null);

  /** The frame that shows this context: the browser's own, or one in the page; null before it is shown. */
  const frameOf = (id) => {
    const { context, browser } = browserOf(id);
    const outer = service.getAccessibleFor(browser);
    if (!outer || !context.parent) return outer;
    const find = (object) => {
      if (isFrame(object) && documentIn(object)?.browsingContext === context) return object;
      for (const child of childrenOf(object)) {
        const found = find(child);
        if (found) return found;
      }
      return null;
    };
    const shown = documentIn(outer);
    return shown && find(shown);
  };
  const shownFrameOf = (id) => {
    const frame = frameOf(id);
    if (!frame) throw new Error("it is not shown yet");
    return frame;
  };

  const roleOf = (object) => {
    const kind = service.getStringRole(object.role);
    if (kind === TEXT_LEAF || kind === "statictext") return "StaticText";
    if (kind === "document") return "RootWebArea";
    if (kind === "summary") return "DisclosureTriangle";
    return object.computedARIARole || kind;
  };

  /** What is told of a node, and of all below it but for what is in frames. */
  const nodesBelow = (object, into) => {
    if (NO_TEXT.includes(service.getStringRole(object.role))) return into;
    const [state, more] = [{}, {}];
    object.getState(state, more);
    const children = isFrame(object) ? [] : childrenOf(object);
    const told = children.filter((child) => !NO_TEXT.includes(service.getStringRole(child.role)));
    into.push({
      nodeId: String(numberOf(object)),
      backendDOMNodeId: numberOf(object),
      ignored: false,
      role: { value: roleOf(object) },
      name: { value: object.name ?? "" },
      value: { value: object.value },
      childIds: told.map((child) => String(numberOf(child))),
      properties: [
        { name: "focused", value: { value: Boolean(state.value & Ci.nsIAccessibleStates.STATE_FOCUSED) } },
        { name: "disabled", value: { value: Boolean(state.value & Ci.nsIAccessibleStates.STATE_UNAVAILABLE) } },
      ],
    });
    for (const child of told) nodesBelow(child, into);
    return into;
  };

  /** Where it is in the window of its context, in CSS pixels. */
  const boxIn = (frame, object) => {
    const [x, y, width, height] = [{}, {}, {}, {}];
    object.getBoundsInCSSPixels(x, y, width, height);
    const [left, top] = [{}, {}];
    frame.getBoundsInCSSPixels(left, top, {}, {});
    return { left: x.value - left.value, top: y.value - top.value, width: width.value, height: height.value };
  };

  // What is asked of the network, by whom, since it was taken last.
  let asked = [];
  const isPith = (principal) => [principal?.addonPolicy, principal?.contentScriptAddonPolicy].includes(extension?.policy);
  Services.obs.addObserver((channel) => {
    const { URI, loadInfo } = channel.QueryInterface(Ci.nsIChannel);
    const { triggeringPrincipal, loadingPrincipal, browsingContext } = loadInfo;
    const browser = browsingContext?.top.embedderElement;
    asked.push({ url: URI.spec, isPith: [triggeringPrincipal, loadingPrincipal].some(isPith), tab: browser ? idOf(browser) : null });
  }, "http-on-opening-request");

  const act = {
    /** All that can be spoken with. */
    targets() {
      const found = [];
      const framesOf = (parent, id) => {
        for (const frame of parent.children) {
          const inner = String(frame.id);
          found.push({ targetId: inner, type: "iframe", url: frame.currentURI?.spec ?? "", parentFrameId: id });
          framesOf(frame, inner);
        }
      };
      for (const tab of [...Services.wm.getEnumerator("navigator:browser")].flatMap((window) => [...window.gBrowser.tabs])) {
        const browser = tab.linkedBrowser;
        const [targetId, url] = [idOf(browser), browser.currentURI.spec];
        found.push({ targetId, type: "tab", url }, { targetId, type: "page", url });
        if (browser.browsingContext) framesOf(browser.browsingContext, targetId);
      }
      const kinds = { background: "service_worker", popup: "page", sidebar: "page" };
      for (const view of views()) {
        const { viewType, xulBrowser, uri } = view;
        if (!kinds[viewType] || (viewType === "popup" && !isShownPopup(view))) continue;
        // The page in a popup has the keyboard; what is told of the focus follows that of the window's own elements.
        if (viewType === "popup" && xulBrowser.ownerDocument.activeElement !== xulBrowser) xulBrowser.focus();
        found.push({ targetId: idOf(xulBrowser), type: kinds[viewType], url: uri?.spec ?? "" });
      }
      return found;
    },
    /** The origin of the extension that was installed. */
    async installed({ id }) {
      extension = WebExtensionPolicy.getByID(id).extension;
      return { id, origin: extension.baseURL.replace(/\/$/, "") };
    },
    /** A click on the toolbar's button, with this tab in front. */
    async triggerAction({ targetId }) {
      const { window } = select(targetId);
      await ExtensionParent.apiManager.global.browserActionFor(extension).triggerAction(window);
      while (!views().some(isShownPopup)) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    /** What choosing an item in the menu of the tab in front does, once the menu is closed. */
    async chooseMenuItem({ item, info }) {
      const tab = gBrowser.selectedTab;
      extension.tabManager.addActiveTabPermission(tab);
      const known = { menuItemId: item, editable: false, frameId: 0, modifiers: [], button: 0 };
      await extension.wakeupBackground?.();
      extension.emit("webext-menu-menuitem-click", { ...known, pageUrl: tab.linkedBrowser.currentURI.spec, ...info }, tab);
    },
    /** What the key of a command does, or what is entered into the address bar after Pith's word. */
    async dispatch({ event, what }) {
      await extension.wakeupBackground?.();
      if (event === "commands.onCommand") extension.shortcuts.onCommand(what);
      else extension.emit(ExtensionSearchHandler.MSG_INPUT_ENTERED, what, "currentTab");
    },
    /** Ends what is no tab: a popup, the sidebar, an event page; what has gone by itself is as well. False where it is a tab. */
    async close({ targetId }) {
      if (ofTab(targetId)) {
        // The last tab of a window is not closed.
        if (gBrowser.tabs.length === 1) gBrowser.addTrustedTab("about:blank");
        return false;
      }
      const view = viewOf(targetId);
      if (!view) return true;
      if (view.viewType === "background") {
        await extension.terminateBackground({ disableResetIdleForTest: true });
      } else if (view.viewType === "sidebar") {
        SidebarController.hide();
      } else {
        view.xulBrowser.closest("panel").hidePopup();
      }
      return true;
    },
    async start() {
      await extension.wakeupBackground?.();
    },
    /** Brings a tab to the front, and closes an open popup. */
    activate({ targetId }) {
      for (const { viewType, xulBrowser } of views()) if (viewType === "popup") xulBrowser.closest("panel")?.hidePopup();
      select(targetId)?.tab.linkedBrowser.focus();
    },
    /** The context that has the keyboard, if it is this one or one in it. */
    focusedIn({ targetId }) {
      const focused = Services.focus.focusedContentBrowsingContext;
      const { context } = browserOf(targetId);
      for (let inner = focused; inner; inner = inner.parent) {
        if (inner === context) return focused.parent ? String(focused.id) : targetId;
      }
      return targetId;
    },
    /** How the person has pages drawn: in which medium, in which colours, with how much motion. What is not given is as ever. */
    media({ targetId, medium, features }) {
      const top = browserOf(targetId).context.top;
      const wanted = (name) => features?.find((feature) => feature.name === name)?.value;
      top.mediumOverride = medium ?? "";
      top.prefersColorSchemeOverride = wanted("prefers-color-scheme") ?? "none";
      top.forcedColorsOverride = wanted("forced-colors") ?? "none";
      // This is for all that the browser shows.
      if (wanted("prefers-reduced-motion") === "reduce") Services.prefs.setIntPref("ui.prefersReducedMotion", 1);
      else Services.prefs.clearUserPref("ui.prefersReducedMotion");
    },
    /** The addresses that a tab has asked the network for, or, of the event page, Pith in whatever page; each is told once. */
    asked({ targetId }) {
      const isWanted = ofTab(targetId) ? ({ isPith, tab }) => !isPith && tab === targetId : ({ isPith }) => isPith;
      const wanted = asked.filter(isWanted);
      asked = asked.filter((one) => !wanted.includes(one));
      return wanted.map(({ url }) => url);
    },
    /** The node of the document; 0 where there is none yet. */
    root({ targetId }) {
      const shown = documentIn(frameOf(targetId));
      return shown ? numberOf(shown) : 0;
    },
    nodes({ targetId, below, role, name }) {
      const top = below === undefined ? documentIn(frameOf(targetId)) : below && objectOf(below);
      const nodes = top ? nodesBelow(top, []) : [];
      return nodes.filter((node) => (!role || node.role.value === role) && (name === undefined || node.name.value === name));
    },
    frame({ targetId }) {
      return numberOf(shownFrameOf(targetId));
    },
    focus({ node }) {
      objectOf(node).takeFocus();
    },
    /** Scrolls it into view where it is not; what is told of its place follows a while later. */
    async scroll({ targetId, node }) {
      const [frame, object] = [shownFrameOf(targetId), objectOf(node)];
      const [width, height] = [{}, {}];
      frame.getBoundsInCSSPixels({}, {}, width, height);
      const isInView = () => {
        const box = boxIn(frame, object);
        const [x, y] = [box.left + box.width / 2, box.top + box.height / 2];
        return x >= 0 && y >= 0 && x < width.value && y < height.value;
      };
      if (isInView()) return;
      object.scrollTo(Ci.nsIAccessibleScrollType.SCROLL_TYPE_ANYWHERE);
      for (let looks = 0; looks < 100 && !isInView(); looks += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    },
    box({ targetId, node }) {
      return boxIn(shownFrameOf(targetId), objectOf(node));
    },
  };
  globalThis.pithTests = async (what, given) => JSON.stringify((await act[what](given)) ?? null);
})();
