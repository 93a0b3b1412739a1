//! What the look of every screen promises: contrast in light and in dark, text that grows with the size that was chosen, and the
//! names of themes and sizes that the preferences have.

#![allow(clippy::disallowed_macros, clippy::unwrap_used, reason = "tests assert")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use pith_extension::protocol::{TextSize, Theme};

/// What stands behind what is read.
const GROUNDS: [&str; 5] = ["surface", "raised", "hover", "tint", "mark"];

fn pages() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/pages")
}

/// The colours of the design, and those that take their place where the person wants more contrast.
fn colours() -> [BTreeMap<String, [u32; 2]>; 2] {
    let css = fs::read_to_string(pages().join("tokens.css")).unwrap();
    let (usual, more) = css.split_once("@media (prefers-contrast: more)").unwrap();
    let usual = colours_in(usual);
    let mut strong = usual.clone();
    strong.extend(colours_in(more));
    [usual, strong]
}

/// Every colour by its name, in light and in dark.
fn colours_in(css: &str) -> BTreeMap<String, [u32; 2]> {
    let colour = |line: &str| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(#")?;
        let (light, dark) = value.strip_suffix(");")?.split_once(", #")?;
        let read = |digits| u32::from_str_radix(digits, 16).ok();
        Some((name.to_owned(), [read(light)?, read(dark)?]))
    };
    css.lines().filter_map(colour).collect()
}

/// Relative luminance of an sRGB colour, after WCAG 2.2.
fn luminance(colour: u32) -> f64 {
    let linear = |shift: u32| {
        let value = f64::from(colour >> shift & 0xff) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * linear(16) + 0.7152 * linear(8) + 0.0722 * linear(0)
}

/// Contrast ratio, after WCAG 2.2: 1 to 21.
fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn what_is_read_stands_out_in_light_and_in_dark() {
    let mut checked = 0;
    let mut check = |colours: &BTreeMap<String, [u32; 2]>, front: &str, ground: &str, least: f64| {
        for (theme, (front_colour, ground_colour)) in colours[front].into_iter().zip(colours[ground]).enumerate() {
            let found = contrast(front_colour, ground_colour);
            let theme = ["light", "dark"][theme];
            assert!(
                found >= least,
                "{front} on {ground} in {theme}: {found:.2} to 1, not {least}"
            );
            checked += 1;
        }
    };
    let [usual, more] = colours();
    for ground in GROUNDS {
        for front in ["ink", "quiet", "accent", "danger", "ready", "accent-hover"] {
            check(&usual, front, ground, 4.5);
        }
        check(&more, "quiet", ground, 7.0);
    }
    // What is filled with the accent, and the edges of fields on what they stand on.
    check(&usual, "on-accent", "accent", 4.5);
    check(&usual, "on-accent", "accent-hover", 4.5);
    for ground in ["surface", "raised"] {
        check(&usual, "edge", ground, 3.0);
        check(&more, "edge", ground, 4.5);
        check(&more, "line", ground, 3.0);
    }
    println!("{checked} contrasts");
}

/// The style sheets with their names.
fn style_sheets() -> Vec<(String, String)> {
    let files = fs::read_dir(pages()).unwrap().map(|entry| entry.unwrap().path());
    let sheets = files.filter(|path| path.extension().is_some_and(|ending| ending == "css"));
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    sheets
        .map(|path| (name(&path), fs::read_to_string(&path).unwrap()))
        .collect()
}

#[test]
fn no_text_keeps_its_size_when_another_one_is_chosen() {
    let sheets = style_sheets();
    let mut sizes = 0;
    for (name, css) in &sheets {
        let of_text = |line: &&str| line.starts_with("font:") || line.starts_with("font-size:");
        for line in css.lines().map(str::trim).filter(of_text) {
            let is_fixed = line.split([' ', '/', ';', '(', ',']).any(|part| {
                let number = part.strip_suffix("px").or_else(|| part.strip_suffix("pt"));
                number.is_some_and(|number| number.parse::<f64>().is_ok())
            });
            assert!(!is_fixed, "{name}: {line}");
            sizes += 1;
        }
    }
    assert!(sizes > sheets.len(), "{sizes} sizes in {} style sheets", sheets.len());
}

#[test]
fn every_theme_and_size_has_its_rule() {
    let css = fs::read_to_string(pages().join("tokens.css")).unwrap();
    let name = |value: serde_json::Value| value.as_str().unwrap().to_owned();
    for theme in [Theme::Light, Theme::Dark] {
        let theme = name(serde_json::to_value(theme).unwrap());
        let rule = format!(":root[data-theme=\"{theme}\"] {{\n  color-scheme: {theme};");
        assert!(css.contains(&rule), "there is no {rule}");
    }
    for size in [TextSize::Small, TextSize::Large, TextSize::Larger] {
        let size = name(serde_json::to_value(size).unwrap());
        let rule = format!(":root[data-size=\"{size}\"] {{\n  font-size: ");
        assert!(css.contains(&rule), "there is no {rule}");
    }
}

#[test]
fn every_page_that_is_seen_has_its_look_before_it_is_painted() {
    let mut seen = 0;
    for entry in fs::read_dir(pages()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "html") {
            continue;
        }
        let html = fs::read_to_string(&path).unwrap();
        let Some(style) = html.find("href=\"tokens.css\"") else {
            continue;
        };
        let script = html.find("<script src=\"comfort.js\"></script>");
        assert!(
            script.is_some_and(|script| script < style),
            "{} does not follow the person's choice",
            path.display()
        );
        seen += 1;
    }
    assert!(seen >= 5, "{seen} pages seen");
}
