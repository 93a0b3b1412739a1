//! The cases that are known to fail, each with its reason. The list is kept short by the test itself: a case on it that
//! comes out right must be taken off.

use std::collections::BTreeMap;
use std::path::Path;

use pith_tests::Brand;
use serde::Deserialize;

use super::case::json_file;

/// The list's file for a browser, in the folder of cases: `{"name of the case": "why it fails"}`.
const fn list_of(brand: Brand) -> &'static str {
    match brand {
        Brand::Chrome => "known_failures.json",
        Brand::Firefox => "known_failures_in_firefox.json",
    }
}

/// Reasons by the names of cases.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Known(BTreeMap<String, String>);

impl Known {
    /// The list of a folder for a browser; a folder without one has none.
    pub(crate) fn of(folder: &Path, brand: Brand) -> Result<Self, String> {
        let list = folder.join(list_of(brand));
        if list.exists() {
            json_file(&list)
        } else {
            Ok(Self::default())
        }
    }

    pub(crate) fn reason(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// The names on the list that are no case.
    pub(crate) fn strays(&self, is_case: impl Fn(&str) -> bool) -> Vec<&str> {
        self.0
            .keys()
            .map(String::as_str)
            .filter(|name| !is_case(name))
            .collect()
    }
}
