//! From a snapshot to a text that can be worked on: a page's article is found in it, its language told, its words counted.

use std::cell::RefCell;
use std::sync::Arc;

use js_sys::Uint8Array;
use pith::steps::{Step, Steps};
use pith::store::hex;
use pith::text::{Document, article_in_steps};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;

use super::job::Cancel;
use super::kept_texts::ReadText;
use super::pace::Pace;
use crate::browser::subtle_crypto;
use crate::protocol::{Scope, Snapshot};

/// A longer title says no more about its text.
const MOST_TITLE_BYTES: usize = 500;
/// So many headings are enough to ask about,
const MOST_HEADINGS: usize = 6;
/// and so much of a text without marked ones is searched for some.
const SEARCHED_BYTES: usize = 64 << 10;
/// So much of a text is counted before others have a turn.
const COUNTED_BYTES: usize = 256 << 10;
/// Scripts without spaces begin here; a word of theirs has about two characters.
const WITHOUT_SPACES: char = '\u{2e80}';

/// The digest by which a snapshot's text is known: SHA-256 over scope, title, language and text, each with its length before
/// it; hexadecimal.
pub(super) async fn digest_of(snapshot: &Snapshot) -> Result<String, JsValue> {
    let scope = match snapshot.scope {
        Scope::Selection => "selection",
        Scope::Page => "page",
    };
    let parts = [scope, &snapshot.title, &snapshot.language, &snapshot.text];
    let mut bytes = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
    for part in parts {
        bytes.extend_from_slice(&(part.len() as u64).to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    // By the browser, beside this thread.
    let bytes = Uint8Array::from(bytes.as_slice());
    let digest = subtle_crypto()?.digest_with_str_and_buffer_source("SHA-256", &bytes.buffer())?;
    Ok(hex(&Uint8Array::new(&JsFuture::from(digest).await?).to_vec()))
}

/// Reads it, step by step. None if it was cancelled.
pub(super) async fn read(snapshot: &Snapshot, pace: &mut Pace, cancel: &Cancel) -> Option<ReadText> {
    let declared = Some(&snapshot.language)
        .filter(|language| !language.is_empty())
        .cloned();
    let is_page = snapshot.scope == Scope::Page && !snapshot.html.is_empty();
    let text = snapshot.text.clone();
    let mut searched_share = 1.0;
    let mut document = if is_page {
        let article = in_steps(article_in_steps(&snapshot.html), pace, cancel).await?;
        if article.read_bytes < article.total_bytes {
            searched_share = article.read_bytes as f64 / article.total_bytes as f64;
        }
        in_steps(Document::of_page_in_steps(text, &article), pace, cancel).await?
    } else {
        Document::plain(text, None)
    };
    // The part of the page may be in another language than the page.
    document.language = declared.or(document.language);
    let title = &snapshot.title;
    let title = title[..title.floor_char_boundary(MOST_TITLE_BYTES)].to_owned();
    document.title = document.title.or(Some(title)).filter(|title| !title.trim().is_empty());
    let words = count_words(&document, pace, cancel).await?;
    let units = |text: &str| text.encode_utf16().count();
    let length = count(&document.text, units, pace, cancel).await?;
    Some(ReadText {
        language: document.language_code(),
        headings: headings_of(&document),
        asked: RefCell::default(),
        document: Arc::new(document),
        searched_share,
        is_drawn: snapshot.is_drawn,
        is_page,
        words,
        length,
    })
}

/// The headings of a document, a few and none twice. Of a text that does not say which they are, its beginning is searched.
fn headings_of(document: &Document) -> Vec<String> {
    let beginning = document.text.floor_char_boundary(SEARCHED_BYTES);
    let beginning = Document::plain(&document.text[..beginning], None);
    let searched = if document.is_article() { document } else { &beginning };
    let mut headings: Vec<String> = Vec::new();
    for heading in searched.headings().map(str::trim).filter(|heading| !heading.is_empty()) {
        if !headings.iter().any(|known| known == heading) {
            headings.push(heading.to_owned());
        }
        if headings.len() == MOST_HEADINGS {
            break;
        }
    }
    headings
}

/// About how many words are to be read. None if it was cancelled.
async fn count_words(document: &Document, pace: &mut Pace, cancel: &Cancel) -> Option<u32> {
    if !document.is_article() {
        return count(&document.text, words_in, pace, cancel).await;
    }
    let mut words = 0_u32;
    for (_, block) in &document.blocks {
        let text = document.text.get(block.clone()).unwrap_or_default();
        words = words.saturating_add(count(text, words_in, pace, cancel).await?);
    }
    Some(words)
}

/// Counts by `count_in` in a text, piece by piece. None if it was cancelled.
async fn count(mut text: &str, count_in: impl Fn(&str) -> usize, pace: &mut Pace, cancel: &Cancel) -> Option<u32> {
    let mut counted = 0;
    while !text.is_empty() {
        let (piece, rest) = text.split_at(text.floor_char_boundary(COUNTED_BYTES));
        counted += count_in(piece);
        text = rest;
        if !goes_on(pace, cancel).await {
            return None;
        }
    }
    Some(u32::try_from(counted).unwrap_or(u32::MAX))
}

fn words_in(text: &str) -> usize {
    let (mut words, mut unspaced, mut is_inside) = (0, 0, false);
    for character in text.chars() {
        if character >= WITHOUT_SPACES {
            unspaced += 1;
            is_inside = false;
        } else {
            let begins = character.is_alphanumeric() && !is_inside;
            words += usize::from(begins);
            is_inside = !character.is_whitespace() && (is_inside || begins);
        }
    }
    words + unspaced / 2
}

/// Does work step by step, others having their turns. None if it was cancelled.
pub(super) async fn in_steps<T>(mut work: Steps<'_, T>, pace: &mut Pace, cancel: &Cancel) -> Option<T> {
    loop {
        match work.step() {
            Step::Done(done) => return Some(done),
            Step::Left(left) => work = left,
        }
        if !goes_on(pace, cancel).await {
            return None;
        }
    }
}

/// Lets others have a turn if it is time. Whether to go on.
pub(super) async fn goes_on(pace: &mut Pace, cancel: &Cancel) -> bool {
    if pace.is_due() {
        pace.take_turn().await;
    }
    !cancel.is_cancelled()
}
