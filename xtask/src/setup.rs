//! What the machine must have. What is missing is added where the person may add it; otherwise one sentence says what to
//! install.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Result, bail};
use pith_tests::Brand;

use crate::step::run_quietly;

const WASM_TARGET: &str = "wasm32-unknown-unknown";

/// A program, and Debian's package that brings it.
struct Tool {
    program: &'static str,
    package: &'static str,
}

const CHROMIUM: Tool = Tool {
    program: "chromium",
    package: "chromium",
};
/// Debian's; elsewhere Firefox may have another name, by which the tests find it too.
const FIREFOX: Tool = Tool {
    program: "firefox-esr",
    package: "firefox-esr",
};
const NODE: [Tool; 2] = [
    Tool {
        program: "node",
        package: "nodejs",
    },
    Tool {
        program: "npm",
        package: "npm",
    },
];
const PYTHON: Tool = Tool {
    program: "python3",
    package: "python3",
};
/// A display without a screen, a window manager for it, and a hand for its mouse.
const DISPLAY: [Tool; 3] = [
    Tool {
        program: "Xvfb",
        package: "xvfb",
    },
    Tool {
        program: "openbox",
        package: "openbox",
    },
    Tool {
        program: "xdotool",
        package: "xdotool",
    },
];

/// The compiler's Wasm target.
pub(crate) fn wasm_target() -> Result<()> {
    let mut list = Command::new("rustup");
    list.args(["target", "list", "--installed"])
        .current_dir(crate::paths::root());
    let has_it = |list: &[u8]| {
        String::from_utf8_lossy(list)
            .lines()
            .any(|line| line.trim() == WASM_TARGET)
    };
    if list.output().is_ok_and(|output| has_it(&output.stdout)) {
        return Ok(());
    }
    run_quietly(
        "add the Wasm target to the compiler",
        Command::new("rustup")
            .args(["target", "add", WASM_TARGET])
            .current_dir(crate::paths::root()),
    )
}

/// A browser to load Pith into.
pub(crate) fn browser(brand: Brand) -> Result<()> {
    match brand {
        Brand::Chrome => install(&[CHROMIUM]),
        Brand::Firefox if find("firefox").is_some() => Ok(()),
        Brand::Firefox => install(&[FIREFOX]),
    }
}

/// A Vulkan driver, for the kernels of graphics processors: one that needs no such processor, where there is none.
pub(crate) fn vulkan() -> Result<()> {
    let drivers = ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"].map(std::fs::read_dir);
    if drivers.into_iter().flatten().flatten().next().is_some() {
        return Ok(());
    }
    install_packages(&["mesa-vulkan-drivers"])
}

/// All browsers, and a display for real mouse and keyboard.
pub(crate) fn browsers_and_display() -> Result<()> {
    Brand::ALL.into_iter().try_for_each(browser)?;
    install(&DISPLAY)
}

/// Node and npm, for what comes by npm: the linter of Firefox's packages, and the peers.
pub(crate) fn node() -> Result<()> {
    install(&NODE)
}

/// A Python with pip, to get packages with.
pub(crate) fn python_with_pip() -> Result<()> {
    install(&[PYTHON])?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    if pip.status().is_ok_and(|status| status.success()) {
        return Ok(());
    }
    install_packages(&["python3-pip"])
}

fn install(tools: &[Tool]) -> Result<()> {
    let missing: Vec<&str> = tools
        .iter()
        .filter(|tool| find(tool.program).is_none())
        .map(|tool| tool.package)
        .collect();
    if missing.is_empty() {
        Ok(())
    } else {
        install_packages(&missing)
    }
}

fn install_packages(packages: &[&str]) -> Result<()> {
    let list = packages.join(" ");
    let may_install = find("apt-get").is_some() && (is_root() || has_sudo());
    if !may_install {
        bail!("please install {list} (on Debian and Ubuntu: sudo apt-get install {list}), then run this again");
    }
    run_quietly("refresh the list of packages", &mut as_root(&["apt-get", "update"]))?;
    let mut install = as_root(&["apt-get", "install", "--yes", "--no-install-recommends"]);
    install.args(packages).env("DEBIAN_FRONTEND", "noninteractive");
    run_quietly(&format!("install {list}"), &mut install)
}

fn as_root(words: &[&str]) -> Command {
    let words: Vec<&str> = if is_root() {
        words.to_vec()
    } else {
        [&["sudo", "--non-interactive"], words].concat()
    };
    let mut command = Command::new(words[0]);
    command.args(&words[1..]);
    command
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

/// Whether sudo works without asking for a password: a question in the middle of a progress bar helps nobody.
fn has_sudo() -> bool {
    let mut sudo = Command::new("sudo");
    sudo.args(["--non-interactive", "true"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    sudo.status().is_ok_and(|status| status.success())
}

fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
