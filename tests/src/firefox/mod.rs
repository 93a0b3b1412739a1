//! The driver of Firefox: the words of DevTools that the harness uses, said in WebDriver BiDi, which Firefox speaks itself.
//!
//! | DevTools | here |
//! |---|---|
//! | a target, and the session with it | a context of BiDi's, by one name for both; a tab and its page are one |
//! | `Runtime.evaluate` | `script.evaluate` |
//! | `Page.navigate`, `captureScreenshot`, `bringToFront` | `browsingContext.navigate`, `captureScreenshot`, `activate` |
//! | `Input.dispatchKeyEvent`, `dispatchMouseEvent` | `input.performActions` |
//! | `Emulation.setDeviceMetricsOverride` | `browsingContext.setViewport` |
//! | `Page.addScriptToEvaluateOnNewDocument` | `script.addPreloadScript` |
//! | `DOM.querySelector`, `DOM.setFileInputFiles` | `browsingContext.locateNodes`, `input.setFiles` |
//! | `Browser.setDownloadBehavior` | `browser.setDownloadBehavior` |
//! | `Extensions.loadUnpacked` | `webExtension.install` |
//! | `Emulation.setEmulatedMedia`, the accessibility tree, the toolbar's button, popups, the event page (in the place of a service worker) | `inside.js`, in the browser's own window |
//! | `Network.requestWillBeSent` | the browser's own notice of what goes to the network, told at `Network.disable` |
//!
//! What is not in this table is refused by name: a test that needs it is none of Firefox's.

mod bidi;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};

use crate::browser::{Options, Program};
use crate::connection::{Driver, Events, Listeners, REQUEST_LIMIT, lock};
use crate::{Brand, HarnessError, target, until};
use bidi::{Bidi, plain};

/// Debian's has a name of its own.
const FIREFOX: Program = Program {
    name: "Firefox",
    variable: "PITH_FIREFOX",
    programs: &["firefox-esr", "firefox"],
};

/// How long the browser may take to say where it listens.
const START_LIMIT: Duration = Duration::from_secs(60);

/// The line by which it does.
const LISTENS: &str = "WebDriver BiDi listening on ";

/// Runs in the browser's own window.
const INSIDE: &str = include_str!("inside.js");

/// Is done when what a key has changed has been told to the accessibility tree, which hears of it once the page is drawn anew.
/// What is not drawn is not waited for.
const TOLD: &str = "Promise.race([
    new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(drawn)))),
    new Promise((late) => setTimeout(late, 200)),
])";

/// How long that may take.
const FOCUS_LIMIT: Duration = Duration::from_secs(3);

/// Keys that have no character, as WebDriver writes them.
const KEYS: [(&str, &str); 8] = [
    ("Escape", "\u{e00c}"),
    ("Enter", "\u{e006}"),
    ("Tab", "\u{e004}"),
    ("ArrowUp", "\u{e013}"),
    ("ArrowDown", "\u{e015}"),
    ("ArrowLeft", "\u{e012}"),
    ("ArrowRight", "\u{e014}"),
    ("Home", "\u{e011}"),
];

/// The bits of DevTools' modifiers, and the keys that they stand for.
const MODIFIERS: [(u64, &str); 4] = [(1, "\u{e00a}"), (2, "\u{e009}"), (4, "\u{e03d}"), (8, "\u{e008}")];

/// A running Firefox.
pub(crate) struct Firefox {
    bidi: Bidi,
    /// Its name and version.
    product: String,
    /// The browser's own window.
    window: String,
    listeners: Mutex<Listeners>,
}

/// Starts Firefox with this profile.
pub(crate) fn launch(options: &Options, profile: &Path) -> Result<(Arc<Firefox>, Child), HarnessError> {
    let program = FIREFOX.find()?;
    fs::write(profile.join("user.js"), preferences(options))
        .map_err(HarnessError::io("write the browser's preferences"))?;
    let log_path = profile.join("browser.log");
    let log = fs::File::create(&log_path).map_err(HarnessError::io("make the browser's log"))?;
    let mut command = Command::new(&program);
    command.arg("--profile").arg(profile).args([
        "--no-remote",
        "--remote-debugging-port",
        "0",
        "--remote-allow-system-access",
    ]);
    if options.headless {
        command.arg("--headless");
        command.env("MOZ_HEADLESS_WIDTH", options.window.0.to_string());
        command.env("MOZ_HEADLESS_HEIGHT", options.window.1.to_string());
    }
    if let Some(display) = &options.display {
        command.env("DISPLAY", display).env_remove("WAYLAND_DISPLAY");
    }
    command.args(&options.arguments).arg("about:blank");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
    let mut process = command.spawn().map_err(|source| HarnessError::Start {
        program: program.display().to_string(),
        source,
    })?;
    let address = until("Firefox to listen", START_LIMIT, || {
        let said = fs::read_to_string(&log_path).unwrap_or_default();
        let address = said.lines().find_map(|line| line.strip_prefix(LISTENS));
        let has_ended = process.try_wait().map_err(HarnessError::io("wait for the browser"))?;
        match (address, has_ended) {
            (Some(address), _) => Ok(Some(address.trim().to_owned())),
            (None, Some(_)) => Err(HarnessError::Program {
                program: program.display().to_string(),
                message: said,
            }),
            (None, None) => Ok(None),
        }
    });
    match address.and_then(|address| Firefox::speak_with(&address)) {
        Ok(firefox) => Ok((Arc::new(firefox), process)),
        Err(error) => {
            // Already gone is as good.
            let _ = process.kill();
            let _ = process.wait();
            Err(error)
        }
    }
}

/// The profile's preferences.
fn preferences(options: &Options) -> String {
    let language = json!(options.language);
    [
        ("intl.accept_languages", language.clone()),
        ("intl.locale.requested", language),
        ("browser.startup.page", json!(0)),
        ("browser.aboutwelcome.enabled", json!(false)),
        ("browser.shell.checkDefaultBrowser", json!(false)),
        ("datareporting.policy.dataSubmissionEnabled", json!(false)),
        ("app.normandy.enabled", json!(false)),
        ("app.update.disabledForTesting", json!(true)),
        ("network.captive-portal-service.enabled", json!(false)),
        ("network.connectivity-service.enabled", json!(false)),
        ("dom.events.testing.asyncClipboard", json!(true)),
        // What was installed for a try is gone with the browser; what it stored is to stay, as of what a person installs.
        ("extensions.webextensions.keepStorageOnUninstall", json!(true)),
        ("extensions.webextensions.keepUuidOnUninstall", json!(true)),
    ]
    .map(|(name, value)| format!("user_pref({}, {value});\n", json!(name)))
    .concat()
}

impl Firefox {
    fn speak_with(address: &str) -> Result<Self, HarnessError> {
        let bidi = Bidi::connect(address)?;
        let session = bidi.ask("session.new", &json!({ "capabilities": {} }), START_LIMIT)?;
        let version = session["capabilities"]["browserVersion"].as_str().unwrap_or_default();
        let product = format!("Firefox/{version}");
        let window = until("Firefox's own window", START_LIMIT, || {
            let tree = bidi.ask(
                "browsingContext.getTree",
                &json!({ "moz:scope": "chrome" }),
                REQUEST_LIMIT,
            )?;
            Ok(tree["contexts"][0]["context"].as_str().map(str::to_owned))
        })?;
        let firefox = Self {
            bidi,
            product,
            window,
            listeners: Mutex::default(),
        };
        until("Firefox's window to be open", START_LIMIT, || {
            let is_open = "typeof gBrowser === 'object' && gBrowserInit?.delayedStartupFinished === true";
            Ok((firefox.script(&firefox.window, is_open, REQUEST_LIMIT)?["result"]["value"] == true).then_some(()))
        })?;
        firefox.script(&firefox.window, INSIDE, REQUEST_LIMIT)?;
        Ok(firefox)
    }

    /// Runs a script in a context: what BiDi says came of it.
    fn script(&self, context: &str, script: &str, limit: Duration) -> Result<Value, HarnessError> {
        self.script_in_gesture(context, script, false, limit)
    }

    /// The same, as if in a gesture of the person's or not.
    fn script_in_gesture(
        &self,
        context: &str,
        script: &str,
        in_gesture: bool,
        limit: Duration,
    ) -> Result<Value, HarnessError> {
        let params = json!({
            "expression": script, "target": { "context": context }, "awaitPromise": true, "userActivation": in_gesture,
        });
        self.bidi.ask("script.evaluate", &params, limit)
    }

    /// Has `inside.js` do something.
    fn inside(&self, what: &str, given: &Value) -> Result<Value, HarnessError> {
        let said = self.script(
            &self.window,
            &format!("pithTests({}, {given})", json!(what)),
            REQUEST_LIMIT,
        )?;
        let refused = |message: String| HarnessError::Refused {
            method: format!("inside.js: {what}"),
            message,
        };
        match said["result"]["value"].as_str() {
            Some(json) => serde_json::from_str(json).map_err(|error| refused(error.to_string())),
            None => Err(refused(
                said["exceptionDetails"]["text"].as_str().unwrap_or_default().to_owned(),
            )),
        }
    }

    /// Tells those who listen for it that something has happened.
    fn announce(&self, session: Option<&str>, method: &str, params: &Value) {
        lock(&self.listeners).tell(session, method, params);
    }

    fn evaluate(&self, context: &str, params: &Value, limit: Duration) -> Result<Value, HarnessError> {
        let script = params["expression"].as_str().unwrap_or_default();
        let said = self.script_in_gesture(context, script, params["userGesture"] == true, limit)?;
        Ok(match said.get("exceptionDetails") {
            Some(details) => json!({ "exceptionDetails": { "exception": { "description": details["text"] } } }),
            None => json!({ "result": { "value": plain(&said["result"]) } }),
        })
    }

    fn navigate(&self, context: &str, params: &Value, limit: Duration) -> Result<Value, HarnessError> {
        let navigate = json!({ "context": context, "url": params["url"], "wait": "complete" });
        match self.bidi.ask("browsingContext.navigate", &navigate, limit) {
            Ok(navigation) => {
                self.announce(Some(context), "Page.loadEventFired", &json!({}));
                Ok(json!({ "loaderId": navigation["navigation"] }))
            }
            Err(HarnessError::Refused { message, .. }) => Ok(json!({ "errorText": message })),
            Err(error) => Err(error),
        }
    }

    fn perform(&self, context: &str, kind: &str, actions: &Value, limit: Duration) -> Result<Value, HarnessError> {
        let source = json!({ "type": kind, "id": kind, "actions": actions });
        let params = json!({ "context": context, "actions": [source] });
        self.bidi.ask("input.performActions", &params, limit)
    }

    /// A key goes down and up again at once: what is said of its going up has been done.
    fn key(&self, context: &str, event: &Value, limit: Duration) -> Result<Value, HarnessError> {
        if event["type"] == "keyUp" {
            return Ok(json!({}));
        }
        let key = event["key"].as_str().unwrap_or_default();
        let known = KEYS.iter().find(|(name, _)| *name == key);
        let value = known.map_or(key, |(_, value)| value);
        let held = event["modifiers"].as_u64().unwrap_or_default();
        let held = MODIFIERS.iter().filter(|(bit, _)| held & bit != 0).map(|(_, key)| *key);
        let keys: Vec<&str> = held.chain([value]).collect();
        let down = keys.iter().map(|key| json!({ "type": "keyDown", "value": key }));
        let up = keys.iter().rev().map(|key| json!({ "type": "keyUp", "value": key }));
        let taken = self.perform(context, "key", &down.chain(up).collect(), limit)?;
        // Where the key has closed what had the focus, there is nobody to wait for.
        let _ = self
            .focused(context)
            .and_then(|focused| self.script(&focused, TOLD, FOCUS_LIMIT));
        Ok(taken)
    }

    /// The context that has the keyboard: this one, or a frame in it.
    fn focused(&self, context: &str) -> Result<String, HarnessError> {
        let focused = self.inside("focusedIn", &json!({ "targetId": context }))?;
        Ok(focused.as_str().unwrap_or(context).to_owned())
    }

    fn mouse(&self, context: &str, event: &Value, limit: Duration) -> Result<Value, HarnessError> {
        let (x, y) = (&event["x"], &event["y"]);
        let button = match event["button"].as_str() {
            Some("right") => 2,
            Some("middle") => 1,
            _ => 0,
        };
        match event["type"].as_str().unwrap_or_default() {
            "mouseWheel" => {
                // For a wheel WebDriver knows whole pixels only.
                let whole = |number: &Value| number.as_f64().map(|number| number.round() as i64);
                let scroll = json!({
                    "type": "scroll", "x": whole(x), "y": whole(y),
                    "deltaX": whole(&event["deltaX"]), "deltaY": whole(&event["deltaY"]),
                });
                self.perform(context, "wheel", &json!([scroll]), limit)
            }
            kind => {
                let act = match kind {
                    "mousePressed" => json!({ "type": "pointerDown", "button": button }),
                    "mouseReleased" => json!({ "type": "pointerUp", "button": button }),
                    _ => json!({ "type": "pointerMove", "x": x, "y": y }),
                };
                self.perform(context, "pointer", &json!([act]), limit)
            }
        }
    }

    /// Writes into what has the focus, in the page or in a frame of it.
    fn insert(&self, context: &str, text: &Value, limit: Duration) -> Result<Value, HarnessError> {
        let insert = format!("document.execCommand('insertText', false, {text})");
        self.script(&self.focused(context)?, &insert, limit)
    }

    /// A node's corners, in the window of the context.
    fn quads(&self, context: &str, node: &Value) -> Result<Value, HarnessError> {
        let found = self.inside("box", &json!({ "targetId": context, "node": node }))?;
        let side = |name: &str| found[name].as_f64().unwrap_or_default();
        let (left, top) = (side("left"), side("top"));
        let (right, bottom) = (left + side("width"), top + side("height"));
        let is_drawn = right > left && bottom > top;
        let quads = [json!([left, top, right, top, right, bottom, left, bottom])];
        Ok(json!({ "quads": if is_drawn { &quads[..] } else { &[] } }))
    }

    /// Gives a page a window of this size; its own where none is given.
    fn resize(&self, context: &str, size: &Value) -> Result<Value, HarnessError> {
        let viewport = match size {
            Value::Null => Value::Null,
            size => json!({ "width": size["width"], "height": size["height"] }),
        };
        let params = json!({
            "context": context, "viewport": viewport, "devicePixelRatio": size["deviceScaleFactor"],
        });
        self.bidi.ask("browsingContext.setViewport", &params, REQUEST_LIMIT)
    }

    fn install(&self, params: &Value) -> Result<Value, HarnessError> {
        let install = json!({
            "extensionData": { "type": "path", "path": params["path"] },
            "moz:allowPrivateBrowsing": params["enableInIncognito"] == true,
        });
        let method = "webExtension.install";
        let installed = self.bidi.ask(method, &install, REQUEST_LIMIT)?;
        let id = target::text(&installed, method, "extension")?;
        self.inside("installed", &json!({ "id": id }))
    }

    fn close(&self, target: &Value) -> Result<Value, HarnessError> {
        if self.inside("close", &json!({ "targetId": target }))? == true {
            return Ok(json!({}));
        }
        self.bidi
            .ask("browsingContext.close", &json!({ "context": target }), REQUEST_LIMIT)
    }

    /// What is asked of the browser itself.
    fn of_browser(&self, method: &str, params: &Value) -> Result<Value, HarnessError> {
        match method {
            // What a test is granted is the clipboard, which the preferences open to all.
            "Browser.grantPermissions" | "Target.detachFromTarget" => Ok(json!({})),
            "Browser.getVersion" => Ok(json!({ "product": self.product })),
            "Browser.close" => self.bidi.ask("browser.close", &json!({}), REQUEST_LIMIT),
            "Target.getTargets" => Ok(json!({ "targetInfos": self.inside("targets", &json!({}))? })),
            "Target.attachToTarget" => Ok(json!({ "sessionId": params["targetId"] })),
            "Target.createTarget" => {
                let created = self
                    .bidi
                    .ask("browsingContext.create", &json!({ "type": "tab" }), REQUEST_LIMIT)?;
                Ok(json!({ "targetId": created["context"] }))
            }
            "Target.closeTarget" => self.close(&params["targetId"]),
            "Browser.setDownloadBehavior" => {
                let allowed = json!({ "type": "allowed", "destinationFolder": params["downloadPath"] });
                let behaviour = json!({ "downloadBehavior": allowed });
                self.bidi.ask("browser.setDownloadBehavior", &behaviour, REQUEST_LIMIT)
            }
            "Extensions.loadUnpacked" => self.install(params),
            "Extensions.triggerAction" => self.inside("triggerAction", params),
            "Extensions.chooseMenuItem" => self.inside("chooseMenuItem", params),
            "Extensions.dispatchEvent" => self.inside("dispatch", params),
            _ => Err(unknown(method)),
        }
    }

    /// What is asked in the session with a context.
    fn of_context(&self, context: &str, method: &str, params: &Value, limit: Duration) -> Result<Value, HarnessError> {
        let named = json!({ "targetId": context });
        let node = &params["backendNodeId"];
        match method {
            "Page.enable" | "ServiceWorker.enable" | "Emulation.setFocusEmulationEnabled" => Ok(json!({})),
            "Target.setAutoAttach" => {
                let page = json!({ "targetInfo": { "type": "page", "targetId": context } });
                self.announce(Some(context), "Target.attachedToTarget", &page);
                Ok(json!({}))
            }
            "Runtime.evaluate" if params.get("contextId").is_none() => self.evaluate(context, params, limit),
            "Page.navigate" => self.navigate(context, params, limit),
            "Page.bringToFront" => self.inside("activate", &named),
            "Page.addScriptToEvaluateOnNewDocument" => {
                let script = params["source"].as_str().unwrap_or_default();
                let preload = json!({ "functionDeclaration": format!("() => {{ {script} }}"), "contexts": [context] });
                let added = self.bidi.ask("script.addPreloadScript", &preload, limit)?;
                Ok(json!({ "identifier": added["script"] }))
            }
            "Page.removeScriptToEvaluateOnNewDocument" => {
                let added = json!({ "script": params["identifier"] });
                self.bidi.ask("script.removePreloadScript", &added, limit)
            }
            "Network.enable" => self.inside("asked", &named).map(|_| json!({})),
            "Network.disable" => {
                for url in self.inside("asked", &named)?.as_array().into_iter().flatten() {
                    let request = json!({ "request": { "url": url } });
                    self.announce(Some(context), "Network.requestWillBeSent", &request);
                }
                Ok(json!({}))
            }
            "Page.captureScreenshot" => {
                let picture = json!({ "context": context });
                self.bidi.ask("browsingContext.captureScreenshot", &picture, limit)
            }
            "Emulation.setEmulatedMedia" => {
                let media = json!({ "targetId": context, "medium": params["media"], "features": params["features"] });
                self.inside("media", &media)
            }
            "Emulation.setDeviceMetricsOverride" => self.resize(context, params),
            "Emulation.clearDeviceMetricsOverride" => self.resize(context, &Value::Null),
            "ServiceWorker.startWorker" => self.inside("start", &json!({})),
            "Input.dispatchKeyEvent" => self.key(context, params, limit),
            "Input.dispatchMouseEvent" => self.mouse(context, params, limit),
            "Input.insertText" => self.insert(context, &params["text"], limit),
            "DOM.getDocument" => {
                let root = self.inside("root", &named)?;
                Ok(json!({ "root": { "backendNodeId": root, "nodeId": root } }))
            }
            // Whatever node it is asked of: in the document. What it finds has a name of BiDi's, and not a number.
            "DOM.querySelector" => {
                let locate = json!({
                    "context": context, "locator": { "type": "css", "value": params["selector"] }, "maxNodeCount": 1,
                });
                let found = self.bidi.ask("browsingContext.locateNodes", &locate, limit)?;
                Ok(json!({ "nodeId": found["nodes"][0]["sharedId"] }))
            }
            "DOM.setFileInputFiles" => {
                let files = json!({
                    "context": context, "element": { "sharedId": params["nodeId"] }, "files": params["files"],
                });
                self.bidi.ask("input.setFiles", &files, limit)
            }
            "DOM.getFrameOwner" => {
                let frame = json!({ "targetId": params["frameId"] });
                Ok(json!({ "backendNodeId": self.inside("frame", &frame)? }))
            }
            "DOM.focus" => self.inside("focus", &json!({ "node": node })),
            "DOM.scrollIntoViewIfNeeded" => self.inside("scroll", &json!({ "targetId": context, "node": node })),
            "DOM.getContentQuads" => self.quads(context, node),
            "Accessibility.getFullAXTree" => Ok(json!({ "nodes": self.inside("nodes", &named)? })),
            "Accessibility.queryAXTree" => {
                let mut query = json!({ "targetId": context, "below": node, "role": params["role"] });
                if let Some(name) = params.get("accessibleName") {
                    query["name"] = name.clone();
                }
                Ok(json!({ "nodes": self.inside("nodes", &query)? }))
            }
            _ => Err(unknown(method)),
        }
    }
}

fn unknown(method: &str) -> HarnessError {
    HarnessError::Refused {
        method: method.to_owned(),
        message: "Firefox's driver has no words for it".to_owned(),
    }
}

impl Driver for Firefox {
    fn brand(&self) -> Brand {
        Brand::Firefox
    }

    fn request(
        &self,
        session: Option<&str>,
        method: &str,
        params: Value,
        limit: Duration,
    ) -> Result<Value, HarnessError> {
        match session {
            Some(context) => self.of_context(context, method, &params, limit),
            None => self.of_browser(method, &params),
        }
    }

    fn tell(&self, method: &str, params: Value) -> Result<(), HarnessError> {
        self.of_browser(method, &params).map(drop)
    }

    fn listen(&self, session: Option<&str>, method: &str) -> Events {
        lock(&self.listeners).add(session, method)
    }
}
