//! The browsers that Pith is made for, and tested in.

use std::str::FromStr;

use crate::HarnessError;

/// A browser, with all that is made of it: Chrome stands for Chromium, Edge and Brave too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Brand {
    /// Chromium and its kin.
    #[default]
    Chrome,
    /// Firefox.
    Firefox,
}

impl Brand {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Chrome, Self::Firefox];

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
