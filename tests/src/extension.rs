//! The loaded extension: its service worker, its popup, its pages.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::connection::{Connection, REQUEST_LIMIT};
use crate::target::{self, Target, TargetInfo};
use crate::{Brand, HarnessError, Page, until};

/// How long a worker may take to start, or a popup to open.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The page that the extension opens once it is installed.
pub(crate) const WELCOME: &str = "pages/welcome.html";

/// An installed extension.
pub struct Extension {
    connection: Arc<Connection>,
    id: String,
    /// Of its pages.
    origin: String,
}

impl Extension {
    /// What this answer to `Extensions.loadUnpacked` names. Chromium does not say where its pages are.
    pub(crate) fn of(connection: Arc<Connection>, answer: &Value) -> Result<Self, HarnessError> {
        let id = target::text(answer, "Extensions.loadUnpacked", "id")?;
        let origin = answer["origin"].as_str().map(str::to_owned);
        let origin = origin.unwrap_or_else(|| format!("chrome-extension://{id}"));
        Ok(Self { connection, id, origin })
    }

    /// The extension's id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The address of one of the extension's files, such as `pages/popup.html`.
    pub fn url(&self, path: &str) -> String {
        format!("{}/{path}", self.origin)
    }

    /// Closes the page that the extension greets with once it is installed, which would stand in front of others.
    ///
    /// # Errors
    /// When it does not open, or not close.
    pub fn close_welcome(&self) -> Result<(), HarnessError> {
        let opened = || self.find_target(WELCOME);
        let welcome = until("the page of the first run", START_LIMIT, opened)?;
        self.close_target(&welcome)?;
        let closed = || Ok(self.find_target(WELCOME)?.is_none().then_some(()));
        until("the page of the first run to close", START_LIMIT, closed)
    }

    /// A session with the running service worker; waits for one that is just starting. While the session is held, the
    /// worker does not fall asleep.
    ///
    /// # Errors
    /// When none runs.
    pub fn service_worker(&self) -> Result<Target, HarnessError> {
        let worker = until("the extension's service worker", START_LIMIT, || self.running_worker())?;
        let worker = Target::attach(&self.connection, &worker.id)?;
        // The browser lists it a moment before its script's world is there.
        worker.wait_until(
            "the service worker to start",
            "typeof globalThis.chrome?.tabs?.query === 'function'",
            START_LIMIT,
        )?;
        Ok(worker)
    }

    /// Ends the service worker as the browser does after idle time: whatever it held in memory is lost, and the next
    /// event starts it again.
    ///
    /// # Errors
    /// When it runs on.
    pub fn stop_service_worker(&self) -> Result<(), HarnessError> {
        let Some(worker) = self.running_worker()? else {
            return Ok(());
        };
        let stop = json!({ "targetId": worker.id });
        match self.connection.request(None, "Target.closeTarget", stop, REQUEST_LIMIT) {
            // Refused: it has stopped by itself since.
            Ok(_) | Err(HarnessError::Refused { .. }) => {}
            Err(error) => return Err(error),
        }
        until("the service worker to stop", START_LIMIT, || {
            Ok(self
                .running_worker()?
                .is_none_or(|now| now.id != worker.id)
                .then_some(()))
        })
    }

    /// Sees to it that no service worker runs, as after a while without events. What still wakes it is let through first.
    ///
    /// # Errors
    /// When something wakes it again and again.
    pub fn let_service_worker_sleep(&self) -> Result<(), HarnessError> {
        until("the service worker to sleep", START_LIMIT, || {
            match self.running_worker()? {
                Some(_) => self.stop_service_worker().map(|()| None),
                None => Ok(Some(())),
            }
        })
    }

    /// Does what a click on the toolbar button does, with the page's tab in front: opens the popup, with `activeTab`
    /// granted for that tab.
    ///
    /// # Errors
    /// When no popup opens.
    pub fn open_popup(&self, page: &Page) -> Result<Page, HarnessError> {
        let before: Vec<String> = self.own_pages()?.into_iter().map(|info| info.id).collect();
        self.click_toolbar_button(page)?;
        let popup = until("the extension's popup", START_LIMIT, || {
            Ok(self.own_pages()?.into_iter().find(|info| !before.contains(&info.id)))
        })?;
        Page::of(Target::attach(&self.connection, &popup.id)?, None)
    }

    /// Opens an address in a private window, which the extension must have been allowed into.
    ///
    /// # Errors
    /// When no such window opens, or it does not load.
    pub fn open_private(&self, url: &str) -> Result<Page, HarnessError> {
        let tabs = || -> Result<Vec<String>, HarnessError> {
            let targets = target::targets(&self.connection)?.into_iter();
            Ok(targets.filter(|info| info.kind == "tab").map(|info| info.id).collect())
        };
        let before = tabs()?;
        let open = "chrome.windows.create({ incognito: true, url: 'about:blank' }).then(({ incognito }) => incognito)";
        let is_private = self.service_worker()?.evaluate(open)?;
        let tab = until("a private window", START_LIMIT, || {
            let new = tabs()?.into_iter().find(|tab| !before.contains(tab));
            Ok(new.filter(|_| is_private == json!(true)))
        })?;
        let page = Page::in_tab(&self.connection, tab)?;
        page.navigate(url)?;
        Ok(page)
    }

    /// Waits for the page that shows this file of the extension, whatever its query, such as the side panel once it has been
    /// asked for.
    ///
    /// # Errors
    /// When none opens.
    pub fn wait_for_page(&self, path: &str) -> Result<Page, HarnessError> {
        let address = self.url(path);
        let is_it = |url: &str| url.split(['?', '#']).next() == Some(&address);
        let page = until(format!("the extension's {path}"), START_LIMIT, || {
            Ok(self.own_pages()?.into_iter().find(|info| is_it(&info.url)))
        })?;
        let page = Page::of(Target::attach(&self.connection, &page.id)?, None)?;
        // The browser lists it before its document has a body.
        page.wait_until(
            &format!("the document of {path}"),
            &format!("document.readyState !== 'loading' && location.href.startsWith('{address}')"),
            START_LIMIT,
        )?;
        Ok(page)
    }

    /// Does what choosing the extension's context-menu item does, without a menu, which a headless browser has not: grants
    /// `activeTab` for the page's tab by the toolbar button, closes the popup, and hands the event to the worker's own
    /// listeners. `info` is the `OnClickData` but for the fields that are known here.
    ///
    /// # Errors
    /// When the popup does not open or no worker runs.
    pub fn choose_menu_item(&self, page: &Page, item: &str, info: &Value) -> Result<(), HarnessError> {
        self.open_popup(page)?.close()?;
        page.bring_to_front()?;
        self.wake_service_worker(page)?;
        self.dispatch_menu_event(item, info)
    }

    /// The second half of [`Extension::choose_menu_item`], for a tab in front that has `activeTab` already.
    ///
    /// # Errors
    /// When no worker runs.
    pub fn dispatch_menu_event(&self, item: &str, info: &Value) -> Result<(), HarnessError> {
        if self.connection.brand() == Brand::Firefox {
            // No page of an extension can send itself such an event there: the browser does, as its menu would.
            let params = json!({ "item": item, "info": info });
            let method = "Extensions.chooseMenuItem";
            return self.connection.request(None, method, params, REQUEST_LIMIT).map(drop);
        }
        let dispatch = "async (item, info) => {
            // The browser tells a moment later which window has the focus, now that the popup is closed.
            let tab;
            for (let looks = 0; !tab && looks < 100; looks += 1) {
                [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
                if (!tab) await new Promise((resolve) => setTimeout(resolve, 50));
            }
            const known = { menuItemId: item, editable: false, frameId: 0, pageUrl: tab.url };
            chrome.contextMenus.onClicked.dispatch({ ...known, ...info }, tab);
        }";
        self.service_worker()?
            .call(dispatch, &[json!(item), info.clone()])
            .map(drop)
    }

    /// Does what the browser does for the tab in front, which has `activeTab` already, when a command's key was pressed
    /// (`commands.onCommand`), or something was entered into the address bar after Pith's word (`omnibox.onInputEntered`).
    ///
    /// # Errors
    /// When no worker runs.
    pub fn dispatch(&self, event: &str, what: &str) -> Result<(), HarnessError> {
        if self.connection.brand() == Brand::Firefox {
            let params = json!({ "event": event, "what": what });
            let method = "Extensions.dispatchEvent";
            return self.connection.request(None, method, params, REQUEST_LIMIT).map(drop);
        }
        let dispatch = "async (event, what) => {
            const [tab] = await chrome.tabs.query({ active: true, lastFocusedWindow: true });
            const [area, name] = event.split('.');
            chrome[area][name].dispatch(what, name === 'onCommand' ? tab : 'currentTab');
        }";
        self.service_worker()?
            .call(dispatch, &[json!(event), json!(what)])
            .map(drop)
    }

    /// Has Pith speak this language from now on, whatever the browser's is: what the person would choose on the options page.
    ///
    /// # Errors
    /// When no worker runs.
    pub fn speak(&self, language: &str) -> Result<(), HarnessError> {
        let keep = "(language) => chrome.storage.local.set({ preferences: { language } })";
        self.service_worker()?.call(keep, &[json!(language)]).map(drop)
    }

    /// Has the service worker run before an event is handed to it, as the browser has for a menu's: a popup that is closed before
    /// its script has run wakes nobody.
    ///
    /// # Errors
    /// When it does not start.
    pub fn wake_service_worker(&self, page: &Page) -> Result<(), HarnessError> {
        match self.running_worker()? {
            Some(_) => Ok(()),
            None => self.start_service_worker(page),
        }
    }

    /// Starts the service worker if it sleeps; any page of the same profile will do.
    ///
    /// # Errors
    /// When it does not start.
    pub fn start_service_worker(&self, page: &Page) -> Result<(), HarnessError> {
        page.target().request("ServiceWorker.enable", json!({}))?;
        page.target()
            .request("ServiceWorker.startWorker", json!({ "scopeURL": self.url("") }))?;
        self.service_worker().map(drop)
    }

    /// The id of the target that shows this file of the extension: a page, or a document that nobody sees.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn find_target(&self, path: &str) -> Result<Option<String>, HarnessError> {
        let address = self.url(path);
        let targets = target::targets(&self.connection)?;
        Ok(targets.into_iter().find(|info| info.url == address).map(|info| info.id))
    }

    /// A session with the document that [`Extension::find_target`] finds, if there is one.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn attach_to(&self, path: &str) -> Result<Option<Target>, HarnessError> {
        let found = self.find_target(path)?;
        found.map(|id| Target::attach(&self.connection, &id)).transpose()
    }

    /// Ends a target as a crash would.
    ///
    /// # Errors
    /// When the browser refuses.
    pub fn close_target(&self, id: &str) -> Result<(), HarnessError> {
        self.connection
            .request(None, "Target.closeTarget", json!({ "targetId": id }), REQUEST_LIMIT)
            .map(drop)
    }

    fn click_toolbar_button(&self, page: &Page) -> Result<(), HarnessError> {
        let params = json!({ "id": self.id, "targetId": page.tab_id() });
        self.connection
            .request(None, "Extensions.triggerAction", params, REQUEST_LIMIT)
            .map(drop)
    }

    fn running_worker(&self) -> Result<Option<TargetInfo>, HarnessError> {
        let own = self.url("");
        let targets = target::targets(&self.connection)?;
        Ok(targets
            .into_iter()
            .find(|info| info.kind == "service_worker" && info.url.starts_with(&own)))
    }

    fn own_pages(&self) -> Result<Vec<TargetInfo>, HarnessError> {
        let own = self.url("");
        let targets = target::targets(&self.connection)?;
        Ok(targets
            .into_iter()
            .filter(|info| info.kind == "page" && info.url.starts_with(&own))
            .collect())
    }
}
