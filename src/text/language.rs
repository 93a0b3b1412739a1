//! The language of a text: what its letters and letter sequences say (the `whatlang` library), weighed against what the
//! page declares. Pages often declare a template's language, and short texts say little about theirs.

use whatlang::{Detector, Lang, Script, detect, detect_script};

/// A text with fewer letters is too short to contradict anything.
const LEAST_LETTERS: usize = 40;
/// So much of a text is looked at: slices from all over it.
const SLICES: usize = 4;
const SLICE_BYTES: usize = 1024;

/// Languages that are told apart by few words; between them the page's word counts.
const ALIKE: [&[&str]; 7] = [
    &["da", "nb", "nn", "no", "sv"],
    &["cs", "sk"],
    &["hr", "sr", "bs", "sl", "mk"],
    &["es", "pt", "ca", "gl"],
    &["id", "ms", "jv"],
    &["ru", "uk", "be", "bg", "mk"],
    &["af", "nl"],
];

/// The language's ISO 639-1 code (of a language that has none the code that the page declares or ISO 639-3 gives).
///
/// What is declared (`de-AT`) holds, unless the text is clearly in another language that is not easily taken for it;
/// `en` when nothing is declared and the text is not clear.
pub fn language_of(text: &str, declared: Option<&str>) -> String {
    let declared = declared.unwrap_or_default().trim();
    let declared = declared.split(['-', '_']).next().unwrap_or_default().to_lowercase();
    let detected = detected(text);
    let are_alike = |a: &str, b: &str| ALIKE.iter().any(|group| group.contains(&a) && group.contains(&b));
    match (declared.as_str(), detected) {
        ("", None) => "en".to_owned(),
        ("", Some(detected)) => detected.to_owned(),
        (_, Some(detected)) if !are_alike(&declared, detected) => detected.to_owned(),
        _ => declared,
    }
}

/// The code of the language that the text is clearly in.
fn detected(text: &str) -> Option<&'static str> {
    let sample = sample(text);
    let letters = sample.chars().filter(|c| c.is_alphabetic());
    // A character of a script without spaces counts as three: it says as much.
    let weight: usize = letters.map(|c| if u32::from(c) >= 0x2E80 { 3 } else { 1 }).sum();
    let found = detect(&sample).filter(|found| weight >= LEAST_LETTERS && found.is_reliable())?;
    Some(code(found.lang()))
}

/// Whether a short text, a question, is surely in another language than a page, in one of `among` (ISO 639-1): it is written
/// otherwise, or it is told apart with certainty. Among fourteen languages two to three in four of XQuAD's questions are certain
/// that are written in Latin letters, and of these one in four hundred is in another language than it seems.
pub(crate) fn is_surely_foreign(text: &str, page: &str, page_language: &str, among: &[String]) -> bool {
    let of = |code: &str| among.iter().any(|known| known == code);
    let languages = CODES.iter().filter(|(_, code)| of(code)).map(|(language, _)| *language);
    let Some(found) = Detector::with_allowlist(languages.collect()).detect(text) else {
        return false;
    };
    // Where a script has one language, that one is found in any case.
    let code = code(found.lang());
    let page = &page[..page.floor_char_boundary(SLICE_BYTES)];
    let is_written_otherwise = detect_script(page).is_some_and(|script| {
        let east_asian = |script| matches!(script, Script::Mandarin | Script::Hiragana | Script::Katakana);
        script != found.script() && !(east_asian(script) && east_asian(found.script()))
    });
    of(code) && code != page_language && (is_written_otherwise || found.is_reliable())
}

fn sample(text: &str) -> String {
    if text.len() <= SLICES * SLICE_BYTES {
        return text.to_owned();
    }
    let slice = |index: usize| {
        let start = text.ceil_char_boundary(index * (text.len() - SLICE_BYTES) / (SLICES - 1));
        let end = text.floor_char_boundary((start + SLICE_BYTES).min(text.len()));
        &text[start..end.max(start)]
    };
    (0..SLICES).map(slice).collect::<Vec<_>>().join(" ")
}

const CODES: [(Lang, &str); 70] = [
    (Lang::Epo, "eo"),
    (Lang::Eng, "en"),
    (Lang::Rus, "ru"),
    (Lang::Cmn, "zh"),
    (Lang::Spa, "es"),
    (Lang::Por, "pt"),
    (Lang::Ita, "it"),
    (Lang::Ben, "bn"),
    (Lang::Fra, "fr"),
    (Lang::Deu, "de"),
    (Lang::Ukr, "uk"),
    (Lang::Kat, "ka"),
    (Lang::Ara, "ar"),
    (Lang::Hin, "hi"),
    (Lang::Jpn, "ja"),
    (Lang::Heb, "he"),
    (Lang::Yid, "yi"),
    (Lang::Pol, "pl"),
    (Lang::Amh, "am"),
    (Lang::Jav, "jv"),
    (Lang::Kor, "ko"),
    (Lang::Nob, "nb"),
    (Lang::Dan, "da"),
    (Lang::Swe, "sv"),
    (Lang::Fin, "fi"),
    (Lang::Tur, "tr"),
    (Lang::Nld, "nl"),
    (Lang::Hun, "hu"),
    (Lang::Ces, "cs"),
    (Lang::Ell, "el"),
    (Lang::Bul, "bg"),
    (Lang::Bel, "be"),
    (Lang::Mar, "mr"),
    (Lang::Kan, "kn"),
    (Lang::Ron, "ro"),
    (Lang::Slv, "sl"),
    (Lang::Hrv, "hr"),
    (Lang::Srp, "sr"),
    (Lang::Mkd, "mk"),
    (Lang::Lit, "lt"),
    (Lang::Lav, "lv"),
    (Lang::Est, "et"),
    (Lang::Tam, "ta"),
    (Lang::Vie, "vi"),
    (Lang::Urd, "ur"),
    (Lang::Tha, "th"),
    (Lang::Guj, "gu"),
    (Lang::Uzb, "uz"),
    (Lang::Pan, "pa"),
    (Lang::Aze, "az"),
    (Lang::Ind, "id"),
    (Lang::Tel, "te"),
    (Lang::Pes, "fa"),
    (Lang::Mal, "ml"),
    (Lang::Ori, "or"),
    (Lang::Mya, "my"),
    (Lang::Nep, "ne"),
    (Lang::Sin, "si"),
    (Lang::Khm, "km"),
    (Lang::Tuk, "tk"),
    (Lang::Aka, "ak"),
    (Lang::Zul, "zu"),
    (Lang::Sna, "sn"),
    (Lang::Afr, "af"),
    (Lang::Lat, "la"),
    (Lang::Slk, "sk"),
    (Lang::Cat, "ca"),
    (Lang::Tgl, "tl"),
    (Lang::Hye, "hy"),
    (Lang::Cym, "cy"),
];

fn code(lang: Lang) -> &'static str {
    CODES
        .iter()
        .find(|(known, _)| *known == lang)
        .map_or_else(|| lang.code(), |(_, code)| code)
}
