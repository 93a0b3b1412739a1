//! The manifest of each browser's package.
//!
//! `manifest.json` is Chrome's as it stands. Firefox's is made of it by a table of differences, each with its reason; whatever
//! the table does not name is the same for both. A difference that no longer fits what it changes is an error.

use anyhow::{Context as _, Result, bail, ensure};
use pith_tests::Brand;
use serde_json::Value;

/// One difference.
struct Difference {
    /// Where it is, as a JSON pointer.
    at: &'static str,
    change: Change,
    /// Why it has to be.
    why: &'static str,
}

/// What becomes of a place in the manifest.
enum Change {
    /// It is left out.
    Gone,
    /// This item of a list is left out.
    Without(&'static str),
    /// This, as JSON, which was not there.
    New(&'static str),
    /// What was there stands at this other place.
    Moved(&'static str),
    /// What was there is the one item of a list at this other place.
    MovedIntoList(&'static str),
}

/// All that is different for Firefox.
const FOR_FIREFOX: [Difference; 12] = [
    Difference {
        at: "/minimum_chrome_version",
        change: Change::Gone,
        why: "its own minimum stands in `browser_specific_settings`",
    },
    Difference {
        at: "/browser_specific_settings",
        change: Change::New(
            r#"{ "gecko": {
                "id": "pith@pith.invalid",
                "strict_min_version": "142.0",
                "data_collection_permissions": { "required": ["none"] }
            } }"#,
        ),
        why: "a package has to name itself, and to say what data it collects; custom highlights are there since 140, the latter everywhere since 142",
    },
    Difference {
        at: "/background/service_worker",
        change: Change::MovedIntoList("/background/scripts"),
        why: "it runs no service worker of an extension, but the same script in an event page",
    },
    Difference {
        at: "/permissions",
        change: Change::Without("offscreen"),
        why: "an event page starts workers itself",
    },
    Difference {
        at: "/permissions",
        change: Change::Without("sidePanel"),
        why: "its sidebar needs no permission",
    },
    Difference {
        at: "/side_panel/default_path",
        change: Change::Moved("/sidebar_action/default_panel"),
        why: "its sidebar has another name",
    },
    Difference {
        at: "/side_panel",
        change: Change::Gone,
        why: "nothing is left of it",
    },
    Difference {
        at: "/sidebar_action/open_at_install",
        change: Change::New("false"),
        why: "it would open by itself, which the person has not asked for",
    },
    Difference {
        at: "/sidebar_action/default_icon",
        change: Change::New(r#"{ "16": "icons/pith-16.png", "32": "icons/pith-32.png" }"#),
        why: "the sidebar's switcher shows it beside the name",
    },
    Difference {
        at: "/web_accessible_resources/0/use_dynamic_url",
        change: Change::Gone,
        why: "it does not know the key: an extension's address is a random one of each profile",
    },
    Difference {
        at: "/cross_origin_embedder_policy",
        change: Change::Gone,
        why: "it does not know the key: no page of an extension is isolated",
    },
    Difference {
        at: "/cross_origin_opener_policy",
        change: Change::Gone,
        why: "as above",
    },
];

/// The manifest for this browser, as text, made of the text of `manifest.json`.
///
/// # Errors
/// When the text is not JSON, or has not what is to be changed.
pub(crate) fn of(brand: Brand, text: &str) -> Result<String> {
    match brand {
        Brand::Chrome => Ok(text.to_owned()),
        Brand::Firefox => {
            let mut manifest: Value = serde_json::from_str(text).context("manifest.json is not JSON")?;
            for difference in &FOR_FIREFOX {
                let Difference { at, change, why } = difference;
                apply(&mut manifest, at, change)
                    .with_context(|| format!("Firefox's manifest differs at {at} ({why})"))?;
            }
            Ok(serde_json::to_string_pretty(&manifest)? + "\n")
        }
    }
}

fn apply(manifest: &mut Value, at: &str, change: &Change) -> Result<()> {
    match change {
        Change::Gone => take(manifest, at).map(drop),
        Change::Without(item) => {
            let list = manifest.pointer_mut(at).and_then(Value::as_array_mut);
            let list = list.context("there is no list")?;
            let before = list.len();
            list.retain(|value| value != item);
            ensure!(list.len() + 1 == before, "`{item}` is not once in it");
            Ok(())
        }
        Change::New(json) => put(manifest, at, serde_json::from_str(json)?),
        Change::Moved(to) => {
            let value = take(manifest, at)?;
            put(manifest, to, value)
        }
        Change::MovedIntoList(to) => {
            let value = take(manifest, at)?;
            put(manifest, to, Value::Array(vec![value]))
        }
    }
}

/// The object that a place is in, and its key there.
fn parent_and_key<'a>(manifest: &'a mut Value, at: &'a str) -> Result<(&'a mut Value, &'a str)> {
    let (parent, key) = at.rsplit_once('/').context("no JSON pointer")?;
    let parent = manifest.pointer_mut(parent).context("what it is in is not there")?;
    Ok((parent, key))
}

/// Takes what is at a place out of the manifest.
fn take(manifest: &mut Value, at: &str) -> Result<Value> {
    let (parent, key) = parent_and_key(manifest, at)?;
    let object = parent.as_object_mut().context("it is in no object")?;
    object.remove(key).context("it is not there")
}

/// Puts a value where nothing is; an object around it is made where there is none.
fn put(manifest: &mut Value, at: &str, value: Value) -> Result<()> {
    let (around, _) = at.rsplit_once('/').context("no JSON pointer")?;
    if !around.is_empty() && manifest.pointer(around).is_none() {
        put(manifest, around, Value::Object(serde_json::Map::new()))?;
    }
    let (parent, key) = parent_and_key(manifest, at)?;
    let object = parent.as_object_mut().context("it is in no object")?;
    if let Some(there) = object.insert(key.to_owned(), value) {
        bail!("{there} is there already");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn ours() -> String {
        std::fs::read_to_string(crate::paths::root().join("manifest.json")).unwrap()
    }

    #[test]
    fn chromes_is_the_file_itself() {
        assert_eq!(of(Brand::Chrome, &ours()).unwrap(), ours());
    }

    #[test]
    fn firefoxs_has_the_differences_and_nothing_else() {
        let chrome: Value = serde_json::from_str(&ours()).unwrap();
        let firefox: Value = serde_json::from_str(&of(Brand::Firefox, &ours()).unwrap()).unwrap();
        let settings = json!({
            "id": "pith@pith.invalid", "strict_min_version": "142.0",
            "data_collection_permissions": { "required": ["none"] },
        });
        assert_eq!(firefox["browser_specific_settings"], json!({ "gecko": settings }));
        assert_eq!(
            firefox["background"],
            json!({ "scripts": ["js/service_worker.js"], "type": "module" })
        );
        assert_eq!(
            firefox["permissions"],
            json!(["activeTab", "contextMenus", "scripting", "storage", "unlimitedStorage"])
        );
        assert_eq!(firefox["sidebar_action"]["default_panel"], "pages/panel.html");
        assert_eq!(firefox["sidebar_action"]["open_at_install"], false);
        assert_eq!(
            firefox["web_accessible_resources"],
            json!([{ "resources": ["pages/card.html"], "matches": ["<all_urls>"] }])
        );
        let changed = ["background", "permissions", "web_accessible_resources"];
        let (chrome, firefox) = (chrome.as_object().unwrap(), firefox.as_object().unwrap());
        for (key, value) in firefox.iter().filter(|(key, _)| !changed.contains(&key.as_str())) {
            match chrome.get(key) {
                Some(there) => assert_eq!(value, there, "{key}"),
                None => assert!(
                    ["browser_specific_settings", "sidebar_action"].contains(&key.as_str()),
                    "{key}"
                ),
            }
        }
        let gone: Vec<&str> = chrome
            .keys()
            .filter(|key| !firefox.contains_key(*key))
            .map(String::as_str)
            .collect();
        assert_eq!(
            gone.iter().collect::<std::collections::BTreeSet<_>>(),
            [
                "cross_origin_embedder_policy",
                "cross_origin_opener_policy",
                "minimum_chrome_version",
                "side_panel"
            ]
            .iter()
            .collect()
        );
    }

    #[test]
    fn a_difference_that_does_not_fit_is_an_error() {
        let mut manifest: Value = serde_json::from_str(&ours()).unwrap();
        let before = manifest.clone();
        for (at, change) in [
            ("/no_such_key", Change::Gone),
            ("/permissions", Change::Without("tabs")),
            ("/name", Change::Without("offscreen")),
            ("/name", Change::New("1")),
            ("/no_such_key", Change::Moved("/other")),
        ] {
            let refused = apply(&mut manifest, at, &change);
            assert!(refused.is_err(), "{at}");
            manifest = before.clone();
        }
        // What is changed already does not take the same change again.
        let twice = of(Brand::Firefox, &of(Brand::Firefox, &ours()).unwrap());
        assert!(twice.is_err());
    }
}
