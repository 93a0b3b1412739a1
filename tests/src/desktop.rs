//! A display of our own with a window manager, a real mouse and a real keyboard: what a person does, with no shortcut.
//!
//! Needs the programs `Xvfb`, `openbox` and `xdotool`.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use serde_json::json;

use crate::{HarnessError, Page, until};

/// How long a program or a window may take to appear.
const START_LIMIT: Duration = Duration::from_secs(60);

/// Between a menu's window and its first key.
const MENU_PAUSE: Duration = Duration::from_millis(300);

/// A virtual display; it ends, with all that runs on it, when its handle is dropped.
pub struct Desktop {
    display: String,
    // In this order: the window manager needs the display.
    _window_manager: EndedWithHandle,
    _server: EndedWithHandle,
}

/// A program that is ended when its handle is dropped.
struct EndedWithHandle(Child);

impl Drop for EndedWithHandle {
    fn drop(&mut self) {
        // Already gone is as good.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Desktop {
    /// Starts a display of this size in pixels, with a window manager.
    ///
    /// # Errors
    /// When a program is missing or does not start.
    pub fn start(width: u32, height: u32) -> Result<Self, HarnessError> {
        // The server takes a free display number and writes it out once it is ready. Without `-noreset` it would start
        // over, and throw everybody out, whenever its last client leaves: xdotool, before the window manager has come.
        let screen = format!("{width}x{height}x24");
        let mut server = spawn(
            Command::new("Xvfb")
                .args([
                    "-displayfd",
                    "1",
                    "-screen",
                    "0",
                    &screen,
                    "-nolisten",
                    "tcp",
                    "-noreset",
                ])
                .stdout(Stdio::piped()),
        )?;
        let output = server.0.stdout.take();
        let (sender, number) = mpsc::channel();
        thread::spawn(move || {
            let mut line = String::new();
            // Without a line the channel is dropped, which the receiver sees.
            if output.is_some_and(|output| BufReader::new(output).read_line(&mut line).is_ok_and(|read| read > 0)) {
                let _ = sender.send(line.trim().to_owned());
            }
        });
        let number = number.recv_timeout(START_LIMIT).map_err(|_| HarnessError::Timeout {
            awaited: "Xvfb to be ready".to_owned(),
            after: START_LIMIT,
        })?;
        let display = format!(":{number}");
        let window_manager = spawn(Command::new("openbox").arg("--sm-disable").env("DISPLAY", &display))?;
        let desktop = Self {
            display,
            _window_manager: window_manager,
            _server: server,
        };
        until("the window manager to take the display", START_LIMIT, || {
            // A manager that is ready announces itself on the root window; xdotool then gets an answer.
            Ok(desktop.xdotool(&["get_desktop"]).is_ok().then_some(()))
        })?;
        Ok(desktop)
    }

    /// The display's name, for [`crate::Options::display`].
    pub fn display(&self) -> &str {
        &self.display
    }

    /// Presses keys one after the other, by their X names: `Up`, `Return`, `alt+shift+2`, ...
    ///
    /// # Errors
    /// When xdotool fails.
    pub fn press(&self, keys: &[&str]) -> Result<(), HarnessError> {
        let mut arguments = vec!["key", "--delay", "50"];
        arguments.extend(keys);
        self.xdotool(&arguments).map(drop)
    }

    /// Drags with the left button from one point of the page's viewport (CSS pixels) to another, as a person selects text.
    ///
    /// # Errors
    /// When the mouse does not reach the page, or the page does not get the focus.
    pub fn drag(&self, page: &Page, from: (f64, f64), to: (f64, f64)) -> Result<(), HarnessError> {
        let origin = self.viewport_origin(page)?;
        page.evaluate(
            "addEventListener('mouseup', () => { globalThis.mouseUpSeenByTest = true; }, { once: true }); true",
        )?;
        self.move_mouse(origin, from)?;
        self.xdotool(&["mousedown", "1"])?;
        self.move_mouse(origin, to)?;
        self.xdotool(&["mouseup", "1"])?;
        page.wait_until(
            "the page to see the end of the drag",
            "globalThis.mouseUpSeenByTest === true && delete globalThis.mouseUpSeenByTest",
            START_LIMIT,
        )?;
        page.wait_until("the page to have the focus", "document.hasFocus()", START_LIMIT)
    }

    /// Right-clicks at a point of the page's viewport (CSS pixels) and waits until the context menu takes keys.
    ///
    /// # Errors
    /// When the mouse does not reach the page, or no menu opens.
    pub fn right_click(&self, page: &Page, at: (f64, f64)) -> Result<(), HarnessError> {
        self.move_mouse(self.viewport_origin(page)?, at)?;
        let before = self.visible_windows()?;
        self.xdotool(&["click", "3"])?;
        until("the context menu to open", START_LIMIT, || {
            Ok(self
                .visible_windows()?
                .iter()
                .any(|window| !before.contains(window))
                .then_some(()))
        })?;
        // Its window is there a moment before it listens, and no event tells of it.
        thread::sleep(MENU_PAUSE);
        Ok(())
    }

    /// Holds the left button down from now on, or lets it go.
    ///
    /// # Errors
    /// When xdotool fails.
    pub fn hold_button(&self, is_held: bool) -> Result<(), HarnessError> {
        let way = if is_held { "mousedown" } else { "mouseup" };
        self.xdotool(&[way, "1"]).map(drop)
    }

    /// Moves the mouse to a point of the viewport that begins at `origin` of the screen.
    ///
    /// # Errors
    /// When xdotool fails.
    pub fn move_mouse(&self, origin: (f64, f64), to: (f64, f64)) -> Result<(), HarnessError> {
        let (x, y) = (
            (origin.0 + to.0).round().to_string(),
            (origin.1 + to.1).round().to_string(),
        );
        self.xdotool(&["mousemove", &x, &y]).map(drop)
    }

    /// Where the page's viewport begins on the screen, in pixels. Told by the page itself when the mouse moves over it,
    /// so that no assumption about window borders or toolbars is made.
    ///
    /// # Errors
    /// When the mouse does not reach the page.
    pub fn viewport_origin(&self, page: &Page) -> Result<(f64, f64), HarnessError> {
        page.evaluate(
            "addEventListener('mousemove', event => {
                globalThis.originSeenByTest = [event.screenX - event.clientX, event.screenY - event.clientY];
            }, { once: true }); true",
        )?;
        let mut step = 0;
        let origin = until("the mouse to reach the page", START_LIMIT, || {
            step += 1;
            let (x, y) = ((300 + step % 50).to_string(), (400 + step % 50).to_string());
            self.xdotool(&["mousemove", &x, &y])?;
            let origin = page.evaluate("globalThis.originSeenByTest ?? null")?;
            Ok((origin != json!(null)).then_some(origin))
        })?;
        Ok((
            origin[0].as_f64().unwrap_or_default(),
            origin[1].as_f64().unwrap_or_default(),
        ))
    }

    /// The ids of all windows that are drawn on the display.
    fn visible_windows(&self) -> Result<Vec<String>, HarnessError> {
        until("a list of the windows", START_LIMIT, || {
            match self.xdotool(&["search", "--onlyvisible", "--name", ""]) {
                Ok(ids) => Ok(Some(ids.lines().map(str::to_owned).collect())),
                // A window went while they were being listed.
                Err(HarnessError::Program { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    fn xdotool(&self, arguments: &[&str]) -> Result<String, HarnessError> {
        let output = Command::new("xdotool")
            .args(arguments)
            .env("DISPLAY", &self.display)
            .output()
            .map_err(|source| HarnessError::Start {
                program: "xdotool".to_owned(),
                source,
            })?;
        if !output.status.success() {
            return Err(HarnessError::Program {
                program: format!("xdotool {}", arguments.join(" ")),
                message: format!("{}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim()),
            });
        }
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

fn spawn(command: &mut Command) -> Result<EndedWithHandle, HarnessError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let started = command.stdin(Stdio::null()).stderr(Stdio::null()).spawn();
    started
        .map(EndedWithHandle)
        .map_err(|source| HarnessError::Start { program, source })
}
