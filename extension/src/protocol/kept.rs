//! What is kept for the person: preferences, and the results of earlier work.

use serde::{Deserialize, Serialize};

/// What the person has chosen. It is kept in `chrome.storage.local` under [`Preferences::KEY`], so that every screen can read
/// it without waking the service worker; a private window keeps nothing there of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Preferences {
    /// The interface's language, as a folder of `_locales` names it; empty: the browser's.
    pub language: String,
    /// Have the page's menu offer asking and labelling too. The browser then puts Pith's items into a menu of their own.
    pub full_menu: bool,
    /// Light or dark.
    pub theme: Theme,
    /// How large the text is.
    pub text_size: TextSize,
    /// When a graphics processor is used.
    pub gpu: GpuChoice,
}

/// When a graphics processor is used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum GpuChoice {
    /// When it is measured to be faster than the CPU.
    #[default]
    Auto,
    /// Whenever there is one.
    Always,
    /// Never.
    Never,
}

/// The colours of every screen. `assets/pages/comfort.js` and `tokens.css` know them by these names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Dark on light, whatever the system has.
    Light,
    /// Light on dark, whatever the system has.
    Dark,
}

/// How large the text of every screen is, as a share of the size that the browser is set to. `assets/pages/comfort.js` and
/// `tokens.css` know them by these names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TextSize {
    /// Seven eighths.
    Small,
    /// As the browser has it.
    #[default]
    Normal,
    /// A fifth larger.
    Large,
    /// Two fifths larger.
    Larger,
}

impl Preferences {
    /// The key in `chrome.storage.local`.
    pub const KEY: &'static str = "preferences";
}

/// What is to be changed of the preferences; what is not named stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct PreferencesChange {
    /// The interface's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Whether the page's menu offers everything.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_menu: Option<bool>,
    /// Light or dark.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub theme: Option<Theme>,
    /// How large the text is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_size: Option<TextSize>,
    /// When a graphics processor is used.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gpu: Option<GpuChoice>,
}

impl PreferencesChange {
    /// The preferences once it is made.
    #[must_use]
    pub fn applied_to(self, now: Preferences) -> Preferences {
        Preferences {
            language: self.language.unwrap_or(now.language),
            full_menu: self.full_menu.unwrap_or(now.full_menu),
            theme: self.theme.unwrap_or(now.theme),
            text_size: self.text_size.unwrap_or(now.text_size),
            gpu: self.gpu.unwrap_or(now.gpu),
        }
    }
}

/// Which work a kept result is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum ResultKind {
    /// A summary.
    Summary,
    /// Answers to a question.
    Answers,
    /// Labels.
    Labels,
}

/// One kept result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryEntry {
    /// Its number in the store.
    pub id: u32,
    /// Of which work.
    pub kind: ResultKind,
    /// The page's title.
    pub title: String,
    /// The page's address.
    pub url: String,
    /// When, in milliseconds since the epoch.
    pub at_ms: f64,
    /// The question that was asked; empty otherwise.
    #[serde(default)]
    pub question: String,
    /// The result: sentences, or the likeliest label.
    pub lines: Vec<String>,
}

/// How keeping results stands, and what was looked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct HistoryState {
    /// Are results kept? Not before the person has said so.
    pub is_on: bool,
    /// For how many days; 0: until they are deleted.
    pub days: u32,
    /// How many there are in all.
    pub total: u32,
    /// How much room they take, in bytes, about.
    pub size_bytes: u64,
    /// What the question was that `found` answers.
    pub query: String,
    /// What was found: the best first, without a question the newest first.
    pub found: Vec<HistoryEntry>,
}

/// How much of what a file brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// Labels that were not there.
    pub labels: u32,
    /// Examples that were not there.
    pub examples: u32,
    /// Results that were not there.
    pub results: u32,
    /// Examples that were left out: another model made them.
    pub examples_left_out: u32,
    /// Results that were left out: none are kept.
    pub results_left_out: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preferences_of_every_version_are_read() {
        let read = |json: &str| serde_json::from_str::<Preferences>(json).unwrap();
        assert_eq!(read("{}"), Preferences::default());
        let of_the_first = read(r#"{"language":"de","fullMenu":true}"#);
        assert_eq!(
            (of_the_first.theme, of_the_first.text_size),
            (Theme::System, TextSize::Normal)
        );
        assert!(of_the_first.full_menu);
        let now = Preferences {
            language: "ja".to_owned(),
            full_menu: false,
            theme: Theme::Dark,
            text_size: TextSize::Larger,
            gpu: GpuChoice::Never,
        };
        let json = serde_json::to_string(&now).unwrap();
        assert_eq!(
            json,
            r#"{"language":"ja","fullMenu":false,"theme":"dark","textSize":"larger","gpu":"never"}"#
        );
        assert_eq!(read(&json), now);
        assert!(serde_json::from_str::<Preferences>(r#"{"theme":"sepia"}"#).is_err());
    }

    #[test]
    fn what_is_not_named_stays() {
        let now = Preferences {
            language: "fr".to_owned(),
            full_menu: true,
            theme: Theme::Light,
            text_size: TextSize::Small,
            gpu: GpuChoice::Never,
        };
        let change = |json: &str| serde_json::from_str::<PreferencesChange>(json).unwrap();
        assert_eq!(change("{}").applied_to(now.clone()), now);
        let darker = change(r#"{"theme":"dark"}"#).applied_to(now.clone());
        assert_eq!(
            darker,
            Preferences {
                theme: Theme::Dark,
                ..now.clone()
            }
        );
        let larger = change(r#"{"textSize":"large","language":""}"#).applied_to(now.clone());
        let expected = Preferences {
            text_size: TextSize::Large,
            language: String::new(),
            ..now
        };
        assert_eq!(larger, expected);
    }
}
