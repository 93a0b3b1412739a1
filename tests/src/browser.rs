//! The browser's process: started with a profile of its own and a way to speak with it, ended with its handle.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use command_fds::{CommandFdExt as _, FdMapping};
use serde_json::json;
use tempfile::TempDir;

use crate::connection::{Connection, Pipe, REQUEST_LIMIT};
use crate::target::{self, TargetInfo};
use crate::{Brand, Extension, HarnessError, Page, firefox, until};

/// How long the browser may take to start and to answer for the first time.
const START_LIMIT: Duration = Duration::from_secs(60);

/// How long the browser may take to close by itself before it is killed.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);

/// How to start the browser.
#[derive(Debug, Clone)]
pub struct Options {
    /// Without any window.
    pub headless: bool,
    /// The X display for a headed browser, such as `:99`; `None`: the one of the environment.
    pub display: Option<String>,
    /// Width and height of the window in pixels.
    pub window: (u32, u32),
    /// A profile folder to use and keep; `None`: a fresh one that is deleted with the browser.
    pub profile: Option<PathBuf>,
    /// The browser's interface language.
    pub language: String,
    /// Whether the extension may work in private windows too, as a person can allow it.
    pub in_private_windows: bool,
    /// Whether a [`crate::Setup`] with it waits until no other browser of the tests runs, and keeps them away.
    pub alone: bool,
    /// Further command-line arguments.
    pub arguments: Vec<String>,
    /// Which browser; `None`: the one that the environment variable `PITH_BROWSER` names, else Chromium.
    pub brand: Option<Brand>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            headless: true,
            display: None,
            window: (1280, 900),
            profile: None,
            language: "en-US".to_owned(),
            in_private_windows: false,
            alone: false,
            arguments: Vec::new(),
            brand: None,
        }
    }
}

/// A running browser.
pub struct Browser {
    connection: Arc<Connection>,
    process: Child,
    /// The empty tab that the browser starts with, until it is used.
    first_tab: Mutex<Option<String>>,
    in_private_windows: bool,
    // After the process in order of dropping: the folder can only be deleted when nobody writes into it.
    _fresh_profile: Option<TempDir>,
}

impl Browser {
    /// Starts a browser.
    ///
    /// # Errors
    /// When there is none, or it does not answer.
    pub fn launch(options: &Options) -> Result<Self, HarnessError> {
        let (profile, fresh_profile) = match &options.profile {
            Some(folder) => (folder.clone(), None),
            None => {
                let folder = tempfile::Builder::new()
                    .prefix("pith-profile-")
                    .tempdir()
                    .map_err(HarnessError::io("make a folder for the browser's profile"))?;
                (folder.path().to_owned(), Some(folder))
            }
        };
        fs::create_dir_all(&profile).map_err(HarnessError::io("make the folder of the browser's profile"))?;
        let brand = options.brand.map_or_else(Brand::wanted, Ok)?;
        let (connection, process): (Arc<Connection>, Child) = match brand {
            Brand::Chrome => {
                let (pipe, process) = launch_chromium(options, &profile)?;
                (pipe, process)
            }
            Brand::Firefox => {
                let (firefox, process) = firefox::launch(options, &profile)?;
                (firefox, process)
            }
        };
        let browser = Self {
            connection,
            process,
            first_tab: Mutex::new(None),
            in_private_windows: options.in_private_windows,
            _fresh_profile: fresh_profile,
        };
        match browser.first_tab() {
            Ok(tab) => *browser.first_tab.lock().unwrap_or_else(PoisonError::into_inner) = Some(tab),
            Err(HarnessError::Disconnected { .. }) => {
                return Err(HarnessError::Program {
                    program: brand.name().to_owned(),
                    message: fs::read_to_string(profile.join("browser.log")).unwrap_or_default(),
                });
            }
            Err(error) => return Err(error),
        }
        Ok(browser)
    }

    /// Waits until the browser answers and has its first tab.
    fn first_tab(&self) -> Result<String, HarnessError> {
        self.connection
            .request(None, "Browser.getVersion", json!({}), START_LIMIT)?;
        until("the browser's first tab", START_LIMIT, || {
            Ok(self
                .targets()?
                .into_iter()
                .find(|info| info.kind == "tab")
                .map(|info| info.id))
        })
    }

    /// Installs an unpacked extension, as *Load unpacked* on chrome://extensions does; where the options say so, as *Allow in
    /// Incognito* does too.
    ///
    /// # Errors
    /// When the browser refuses the folder; its message says why.
    pub fn load_extension(&self, folder: &Path) -> Result<Extension, HarnessError> {
        let method = "Extensions.loadUnpacked";
        let params = json!({ "path": folder, "enableInIncognito": self.in_private_windows });
        let answer = self.connection.request(None, method, params, REQUEST_LIMIT)?;
        Extension::of(Arc::clone(&self.connection), &answer)
    }

    /// Opens an address in a tab of its own, in front, and waits until it has loaded.
    ///
    /// # Errors
    /// When the address cannot be opened or does not load in time.
    pub fn open(&self, url: &str) -> Result<Page, HarnessError> {
        let first = self.first_tab.lock().unwrap_or_else(PoisonError::into_inner).take();
        let page = match first {
            Some(tab_id) => Page::in_tab(&self.connection, tab_id)?,
            None => Page::create(&self.connection)?,
        };
        page.navigate(url)?;
        Ok(page)
    }

    /// Which browser it is.
    #[must_use]
    pub fn brand(&self) -> Brand {
        self.connection.brand()
    }

    /// The address of a page of the browser's own, which is closed to every extension.
    #[must_use]
    pub fn own_page(&self) -> &'static str {
        match self.brand() {
            Brand::Chrome => "chrome://version/",
            Brand::Firefox => "about:license",
        }
    }

    /// All targets that the browser has: tabs, pages, workers, and more.
    ///
    /// # Errors
    /// When the browser does not answer.
    pub fn targets(&self) -> Result<Vec<TargetInfo>, HarnessError> {
        target::targets(&self.connection)
    }

    /// Sends a request to the browser itself and waits for its result.
    ///
    /// # Errors
    /// When the browser refuses, does not answer in 60 s, or ends.
    pub fn request(&self, method: &str, params: serde_json::Value) -> Result<serde_json::Value, HarnessError> {
        self.connection.request(None, method, params, REQUEST_LIMIT)
    }

    /// Waits until the browser ends, as when a person closes its last window.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn wait_until_closed(mut self) -> Result<(), HarnessError> {
        self.process
            .wait()
            .map(drop)
            .map_err(HarnessError::io("wait for the browser"))
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // Asked first, so that what it stores is written; it answers or is already gone.
        let _ = self.connection.tell("Browser.close", json!({}));
        let closed = until("the browser to close", CLOSE_LIMIT, || {
            self.process
                .try_wait()
                .map_err(HarnessError::io("wait for the browser"))
        });
        if closed.is_err() {
            // Already gone is as good.
            let _ = self.process.kill();
            let _ = self.process.wait();
        }
    }
}

/// Starts Chromium with this profile and two pipes.
fn launch_chromium(options: &Options, profile: &Path) -> Result<(Arc<Pipe>, Child), HarnessError> {
    let (requests_out, requests_in) = io::pipe().map_err(HarnessError::io("make a pipe"))?;
    let (answers_out, answers_in) = io::pipe().map_err(HarnessError::io("make a pipe"))?;
    let log = fs::File::create(profile.join("browser.log")).map_err(HarnessError::io("make the browser's log"))?;
    let program = CHROMIUM.find()?;
    let mut command = Command::new(&program);
    command
        .args(arguments(options, profile))
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(log);
    if let Some(display) = &options.display {
        command.env("DISPLAY", display).env_remove("WAYLAND_DISPLAY");
    }
    // Of its own group: Ctrl-C in the terminal reaches us, and the closed pipe then ends the browser in order.
    command.process_group(0);
    command
        .fd_mappings(vec![
            FdMapping {
                parent_fd: OwnedFd::from(requests_out),
                child_fd: 3,
            },
            FdMapping {
                parent_fd: OwnedFd::from(answers_in),
                child_fd: 4,
            },
        ])
        .map_err(|collision| HarnessError::Start {
            program: program.display().to_string(),
            source: io::Error::other(collision),
        })?;
    let process = command.spawn().map_err(|source| HarnessError::Start {
        program: program.display().to_string(),
        source,
    })?;
    // The command holds our copies of the browser's pipe ends; while they are open, its end would go unnoticed.
    drop(command);
    Ok((Arc::new(Pipe::new(answers_out, requests_in)), process))
}

/// The command line.
fn arguments(options: &Options, profile: &Path) -> Vec<OsString> {
    let mut user_data = OsString::from("--user-data-dir=");
    user_data.push(profile);
    let mut arguments = vec![user_data];
    let mut add = |argument: &str| arguments.push(argument.into());
    for argument in [
        "--remote-debugging-pipe",
        "--enable-unsafe-extension-debugging",
        "--no-first-run",
        "--no-default-browser-check",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-default-apps",
        "--disable-domain-reliability",
        "--disable-search-engine-choice-screen",
        "--disable-sync",
        "--metrics-recording-only",
        "--mute-audio",
        "--password-store=basic",
        "--use-mock-keychain",
        // What is hidden or behind another window works on as in the foreground: the tests measure times.
        "--disable-backgrounding-occluded-windows",
        "--disable-renderer-backgrounding",
        "--disable-features=Translate,OptimizationHints,MediaRouter",
    ] {
        add(argument);
    }
    add(&format!("--lang={}", options.language));
    add(&format!("--window-size={},{}", options.window.0, options.window.1));
    if options.headless {
        add("--headless");
        add("--hide-scrollbars");
    } else {
        add("--window-position=0,0");
        add("--ozone-platform=x11");
    }
    if is_root() {
        // Chromium refuses its sandbox to root.
        add("--no-sandbox");
    }
    for argument in &options.arguments {
        add(argument);
    }
    add("about:blank");
    arguments
}

/// Whether this process runs as root, as it does in most containers.
fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|myself| myself.uid() == 0)
}

/// How a browser's program is found.
pub(crate) struct Program {
    /// The browser's name.
    pub(crate) name: &'static str,
    /// The environment variable that a person can name the program in.
    pub(crate) variable: &'static str,
    /// The names that it may have, in the order in which they are tried.
    pub(crate) programs: &'static [&'static str],
}

/// Chromium or its kin.
const CHROMIUM: Program = Program {
    name: "Chromium",
    variable: "PITH_CHROMIUM",
    programs: &[
        "chromium",
        "chromium-browser",
        "google-chrome-stable",
        "google-chrome",
        "/snap/bin/chromium",
    ],
};

impl Program {
    /// The one that the environment names, else the first that is there.
    pub(crate) fn find(&self) -> Result<PathBuf, HarnessError> {
        self.find_in(env::var_os(self.variable), env::var_os("PATH"))
    }

    /// The one that `named` says, else the first known one in the folders of `path`.
    fn find_in(&self, named: Option<OsString>, path: Option<OsString>) -> Result<PathBuf, HarnessError> {
        if let Some(program) = named {
            return Ok(PathBuf::from(program));
        }
        let folders: Vec<PathBuf> = path.iter().flat_map(env::split_paths).collect();
        let mut candidates = self
            .programs
            .iter()
            .flat_map(|program| folders.iter().map(move |folder| folder.join(program)));
        candidates
            .find(|candidate| candidate.is_file())
            .ok_or_else(|| HarnessError::NoBrowser {
                name: self.name,
                variable: self.variable,
                looked_for: self.programs.join(", "),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_machine_without_a_browser_is_told_what_to_install() {
        let empty = tempfile::tempdir().unwrap();
        let error = CHROMIUM
            .find_in(None, Some(empty.path().into()))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("install Chromium") && error.contains("PITH_CHROMIUM"),
            "{error}"
        );

        fs::write(empty.path().join("google-chrome"), "").unwrap();
        fs::write(empty.path().join("chromium"), "").unwrap();
        let found = CHROMIUM.find_in(None, Some(empty.path().into())).unwrap();
        assert_eq!(
            found,
            empty.path().join("chromium"),
            "the first of the list is preferred"
        );
        let named = CHROMIUM
            .find_in(Some("/opt/mine".into()), Some(empty.path().into()))
            .unwrap();
        assert_eq!(named, Path::new("/opt/mine"), "what the person names is taken");
    }
}
