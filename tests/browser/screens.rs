//! Every screen in every state: looked through by axe-core, in light and in dark; nothing sticks out of a narrow window or
//! an enlarged one; and a picture of each is saved to be looked at.

mod card;
mod pages;
mod popup;

use std::time::Duration;

use pith_tests::layout::{ENLARGED, NARROW, Scheme, draw_in, overflow};
use pith_tests::{HarnessError, Options, Setup, Surface, Words, artefacts, axe, unpacked_extension};
use serde_json::json;

/// How long a change of a screen after a key or a click may take.
const REACTION: Duration = Duration::from_secs(30);

/// The languages that the screens are shown in.
const LANGUAGES: [&str; 3] = ["en", "ar", "de"];

/// Brings one screen into each of its states and shows each.
type Walk = fn(&Setup, &mut Gallery) -> Result<(), HarnessError>;

/// The screens. Each walk opens what it needs and closes it again.
const WALKS: [Walk; 6] = [
    popup::walk,
    card::walk,
    pages::panel,
    pages::options,
    pages::welcome,
    pages::read,
];

/// Takes in one state after the other.
struct Gallery {
    words: Words,
    states: usize,
    rules: usize,
    undecided: usize,
    faults: Vec<String>,
}

#[test]
fn every_screen_is_free_of_faults_and_fits_its_window() {
    let mut gallery = Gallery {
        words: Words::of(LANGUAGES[0]).unwrap(),
        states: 0,
        rules: 0,
        undecided: 0,
        faults: Vec::new(),
    };
    for language in LANGUAGES {
        gallery.words = Words::of(language).unwrap();
        let options = Options {
            language: language.to_owned(),
            ..Options::default()
        };
        let setup = Setup::start_with(&options, unpacked_extension().unwrap()).unwrap();
        setup.extension.speak(language).unwrap();
        for walk in WALKS {
            walk(&setup, &mut gallery).unwrap();
        }
    }
    println!(
        "{} states in {} languages, {} rules of axe-core applied, {} of them left to a person",
        gallery.states,
        LANGUAGES.len(),
        gallery.rules,
        gallery.undecided
    );
    assert!(gallery.faults.is_empty(), "{}", gallery.faults.join("\n"));
}

#[test]
fn what_looks_for_faults_finds_them() {
    let setup = Setup::start().unwrap();
    let page = setup.open("faults.html").unwrap();
    let surface = Surface::document(&page);
    let report = axe::check(&surface).unwrap();
    let mut broken: Vec<&str> = report
        .violations
        .iter()
        .map(|violation| violation.rule.as_str())
        .collect();
    broken.sort_unstable();
    assert_eq!(broken, ["button-name", "color-contrast"], "{:?}", report.violations);
    let narrow = overflow(&surface, NARROW).unwrap().join("; ");
    let all = ["Wider", "Cut off", "breaks 'Incomprehensibility'"];
    assert!(all.iter().all(|fault| narrow.contains(fault)), "{narrow}");
    let enlarged = overflow(&surface, ENLARGED).unwrap().join("; ");
    assert!(
        !enlarged.contains("Wider") && enlarged.contains("Cut off"),
        "{enlarged}"
    );
    // The page has its own size again.
    assert_eq!(
        page.evaluate("[innerWidth, devicePixelRatio]").unwrap(),
        json!([1280, 1])
    );
}

impl Gallery {
    /// Looks at a state: `name` is the screen and the state, as the picture's file is to be called.
    fn show(&mut self, name: &str, surface: &Surface<'_>) -> Result<(), HarnessError> {
        self.states += 1;
        let page = surface.page();
        for scheme in [Scheme::Light, Scheme::Dark] {
            draw_in(page, scheme)?;
            let view = format!("{name}-{}-{}", scheme.name(), self.words.language());
            page.screenshot(&artefacts().join(format!("{view}.png")))?;
            // Colours are the same in every language.
            if scheme == Scheme::Dark && self.words.language() != LANGUAGES[0] {
                continue;
            }
            let report = axe::check(surface)?;
            self.rules += report.kept.len() + report.violations.len();
            // Every state has words in colours: an axe that found none was looking elsewhere.
            if !report.kept.iter().any(|rule| rule == "color-contrast") {
                self.faults.push(format!("{view}: axe found no words"));
            }
            self.faults
                .extend(report.violations.iter().map(|violation| format!("{view}: {violation}")));
            self.undecided += report.undecided.len();
        }
        for window in [NARROW, ENLARGED] {
            let lines = overflow(surface, window)?;
            let language = self.words.language();
            let faults = lines
                .iter()
                .map(|line| format!("{name}-{language} at {}: {line}", window.name));
            self.faults.extend(faults);
        }
        Ok(())
    }
}
