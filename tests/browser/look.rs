//! How Pith looks as the person wants it: theme and size of text, in every screen, at once.

use std::time::Duration;

use pith_tests::layout::{Scheme, draw_in};
use pith_tests::setup::SUMMARY_LIMIT;
use pith_tests::{Card, Page, Setup, Surface, until};
use serde_json::{Value, json};

use crate::worker::{answer, console};

const REACTION: Duration = Duration::from_secs(30);

/// `[how light the ground is, how light the words are, how large the words are in CSS pixels]`, lightness from 0 to 255.
const LOOK: &str = "(root) => {
    // Buttons first: what is said beside them comes and goes.
    const word = [...root.querySelectorAll('main button, section button'), ...root.querySelectorAll('main label, main p')]
        .find((element) => element.textContent.trim() && element.checkVisibility());
    // Nothing is drawn yet.
    if (!word) return null;
    const channels = (colour) => {
        const canvas = root.createElement('canvas');
        canvas.width = canvas.height = 1;
        const pen = canvas.getContext('2d', { willReadFrequently: true });
        pen.fillStyle = colour;
        pen.fillRect(0, 0, 1, 1);
        const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
        return (red + green + blue) / 3;
    };
    // What is painted below it: the first ground that is not to be seen through.
    let ground = 'rgb(255, 255, 255)';
    for (let element = root.querySelector('main') ?? word; element; element = element.parentElement) {
        const { backgroundColor } = getComputedStyle(element);
        if (/rgba\\(.*, 0\\)|transparent/.test(backgroundColor)) continue;
        ground = backgroundColor;
        break;
    }
    const style = getComputedStyle(root.body);
    return [channels(ground), channels(style.color), parseFloat(getComputedStyle(word).fontSize)];
}";

#[derive(Debug, Clone, Copy)]
struct Look {
    ground: f64,
    words: f64,
    size_px: f64,
}

impl Look {
    /// None before the screen is drawn.
    fn of(surface: &Surface<'_>) -> Option<Self> {
        let look = surface.call(LOOK, &[]).unwrap();
        let part = |index: usize| look[index].as_f64();
        Some(Self {
            ground: part(0)?,
            words: part(1)?,
            size_px: part(2)?,
        })
    }

    fn is_dark(self) -> bool {
        self.ground < 80.0 && self.words > 150.0
    }

    fn is_light(self) -> bool {
        self.ground > 200.0 && self.words < 110.0
    }
}

/// Opens a screen beside the page `outline.html`, with something to be read in it.
type Open = fn(&Setup, &Page) -> Option<Page>;

/// A page of Pith's in a tab.
fn in_tab(setup: &Setup, path: &str) -> Page {
    let page = setup.browser.open(&setup.extension.url(path)).unwrap();
    let is_alive = "document.querySelector('main button') !== null";
    page.wait_until("the page to be alive", is_alive, REACTION).unwrap();
    page
}

/// The screens; the one without a page of its own is the card in the page.
const SCREENS: [(&str, Open); 6] = [
    ("popup", |setup, page| Some(setup.extension.open_popup(page).unwrap())),
    ("panel", |setup, page| {
        let popup = setup.extension.open_popup(page).unwrap();
        popup
            .click(&crate::popup::button(&popup, "Key points beside the page"))
            .unwrap();
        Some(setup.extension.wait_for_page("pages/panel.html").unwrap())
    }),
    ("options", |setup, _| Some(in_tab(setup, "pages/options.html"))),
    ("welcome", |setup, _| Some(in_tab(setup, "pages/welcome.html"))),
    ("reader", |setup, _| Some(in_tab(setup, "pages/read.html"))),
    ("card", |setup, page| {
        setup.summarize_page(page).unwrap();
        Card::wait_until_done(page, SUMMARY_LIMIT).unwrap();
        None
    }),
];

#[test]
fn theme_and_size_of_text_apply_in_every_screen_at_once() {
    let setup = Setup::start().unwrap();
    let own = console(&setup);
    let choose = |preferences: Value| {
        let told = answer(&own, json!({ "kind": "setPreferences", "preferences": preferences }));
        assert_ne!(told["kind"], "error", "{told}");
    };
    for (name, open) in SCREENS {
        choose(json!({ "theme": "system", "textSize": "normal" }));
        let page = setup.open("outline.html").unwrap();
        page.bring_to_front().unwrap();
        let screen = open(&setup, &page);
        let shown = screen.as_ref().unwrap_or(&page);
        draw_in(shown, Scheme::Light).unwrap();
        let surface = match &screen {
            Some(screen) => Surface::document(screen),
            None => Surface::card(&page).unwrap(),
        };
        let wait = |how: &str, is_it: &dyn Fn(Look) -> bool| {
            let mut last = None;
            until(format!("the {name} to be {how}"), REACTION, || {
                last = Look::of(&surface);
                Ok(last.filter(|look| is_it(*look)))
            })
            .unwrap_or_else(|error| panic!("{error}; it is {last:?}"))
        };
        let normal = wait("light as the system", &Look::is_light);
        draw_in(shown, Scheme::Dark).unwrap();
        wait("dark as the system", &Look::is_dark);
        choose(json!({ "theme": "light" }));
        wait("light whatever the system is", &Look::is_light);
        draw_in(shown, Scheme::Light).unwrap();
        choose(json!({ "theme": "dark" }));
        wait("dark whatever the system is", &Look::is_dark);
        let mut before = 0.0;
        for (size, share) in [("small", 0.875), ("normal", 1.0), ("large", 1.2), ("larger", 1.4)] {
            choose(json!({ "textSize": size }));
            let expected = normal.size_px * share;
            let look = wait(&format!("in {size} text"), &|look| {
                (look.size_px / expected - 1.0).abs() < 0.06
            });
            assert!(look.size_px > before, "{name}: {size} is {look:?}");
            before = look.size_px;
        }
        // What opens later looks so from its first picture on.
        if let Some(screen) = screen {
            screen.close().unwrap();
        }
        page.close().unwrap();
        println!("{name}: {normal:?}, at most {before} px");
    }
    let later = in_tab(&setup, "pages/welcome.html");
    let look = Look::of(&Surface::document(&later)).unwrap();
    assert!(look.is_dark(), "{look:?}");
}
