//! The browsers that Pith is made for, and tested in.

use std::str::FromStr;

use crate::HarnessError;

/// A browser, with all that is made of it: Chrome stands for Chromium, Edge and Brave too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Brand {
    /// Chromium and its kin.
    Chrome,
    /// Firefox.
    Firefox,
}

impl Brand {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Chrome, Self::Firefox];

    /// The one that the environment variable `PITH_BROWSER` names; Chrome where there is none.
    ///
    /// # Errors
    /// When Pith is made for no such browser.
    pub fn wanted() -> Result<Self, HarnessError> {
        std::env::var("PITH_BROWSER").map_or(Ok(Self::Chrome), |name| name.parse())
    }

    /// The name on a command line, and of the folders that are a browser's own.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chrome => "chrome",
            Self::Firefox => "firefox",
        }
    }
}

impl FromStr for Brand {
    type Err = HarnessError;

    fn from_str(name: &str) -> Result<Self, HarnessError> {
        let found = Self::ALL.into_iter().find(|brand| brand.name() == name);
        found.ok_or_else(|| HarnessError::UnknownBrand { name: name.to_owned() })
    }
}
