//! Lines of pages made into a text of paragraphs: what repeats on the pages' edges left out, words joined that a line's end
//! divides, lines joined that are one paragraph. Each paragraph is a line of the text, with an empty line between.

use std::collections::{HashMap, HashSet};

use super::page::Line;

/// So many lines at the top and at the bottom of a page may be its header and footer.
const EDGE_LINES: usize = 2;
/// A distance between baselines larger than the usual one by this factor begins a paragraph.
const PARAGRAPH_GAP: f32 = 1.3;
/// Sizes that differ by more are of different paragraphs: a heading and its text.
const SIZE_TOLERANCE: f32 = 0.1;
/// A line that begins so far to the right of those around it begins a paragraph, in parts of its size.
const INDENT: f32 = 0.8;
/// A line that ends so far before its column's right edge ends a paragraph, if a sentence ends with it.
const SHORT_LINE: f32 = 0.12;

/// The text of a document's pages.
#[must_use]
pub fn text_of(mut pages: Vec<Vec<Line>>) -> String {
    drop_edges(&mut pages);
    let words = Words::of(&pages);
    let mut text = String::new();
    let mut last: Option<(usize, &Line)> = None;
    for (number, page) in pages.iter().enumerate() {
        let columns = Columns::of(page);
        for (index, line) in page.iter().enumerate() {
            let said = plain(&line.text);
            match last {
                None => {}
                Some((before, earlier)) if before == number && earlier.column == line.column => {
                    let next = page.get(index + 1).filter(|next| next.column == line.column);
                    if columns.begins_paragraph(earlier, line, next) {
                        text.push_str("\n\n");
                    } else {
                        join(&mut text, &said, &words);
                        last = Some((number, line));
                        continue;
                    }
                }
                // The next column or page goes on with the sentence, or begins something new.
                Some((_, earlier)) => {
                    if is_unfinished(&text) && !differs_in_size(earlier, line) && goes_on(&text, &said) {
                        join(&mut text, &said, &words);
                        last = Some((number, line));
                        continue;
                    }
                    text.push_str("\n\n");
                }
            }
            text.push_str(&said);
            last = Some((number, line));
        }
    }
    text
}

/// Takes out what stands at the top or bottom of many pages: headers, footers, page numbers.
fn drop_edges(pages: &mut [Vec<Line>]) {
    let written = pages.iter().filter(|page| !page.is_empty()).count();
    if written < 2 {
        return;
    }
    let mut seen: HashMap<String, usize> = HashMap::new();
    for page in pages.iter() {
        let of_page: HashSet<String> = edges(page).map(|index| without_numbers(&page[index].text)).collect();
        for line in of_page {
            *seen.entry(line).or_default() += 1;
        }
    }
    // Left and right pages may have headers of their own.
    let enough = (written / 2).clamp(2, 3);
    for page in pages {
        let dropped: HashSet<usize> = edges(page)
            .filter(|&index| {
                seen.get(&without_numbers(&page[index].text))
                    .is_some_and(|&pages| pages >= enough)
            })
            .collect();
        let mut index = 0;
        page.retain(|_| {
            index += 1;
            !dropped.contains(&(index - 1))
        });
    }
}

/// Which lines of a page stand at its top or bottom.
fn edges(page: &[Line]) -> impl Iterator<Item = usize> + use<> {
    let mut order: Vec<usize> = (0..page.len()).collect();
    order.sort_by(|&a, &b| page[a].baseline.total_cmp(&page[b].baseline));
    let bottom = order.len().saturating_sub(EDGE_LINES).max(EDGE_LINES.min(order.len()));
    let last = order.split_off(bottom);
    order.truncate(EDGE_LINES);
    order.into_iter().chain(last)
}

/// A line with every number in it replaced, so that the same header on two pages is the same.
fn without_numbers(line: &str) -> String {
    let is_roman = |word: &str| !word.is_empty() && word.chars().all(|c| "ivxlc".contains(c));
    let words = line.split_whitespace().map(|word| {
        if is_roman(word) || word.chars().any(|c| c.is_ascii_digit()) {
            "#".to_owned()
        } else {
            word.to_lowercase()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The edges and the usual distance of lines of each column of a page.
struct Columns(HashMap<usize, Column>);

struct Column {
    right: f32,
    width: f32,
    /// Between two lines of a paragraph, in parts of their size.
    leading: f32,
}

impl Columns {
    fn of(page: &[Line]) -> Self {
        let mut columns: HashMap<usize, Vec<&Line>> = HashMap::new();
        for line in page {
            columns.entry(line.column).or_default().push(line);
        }
        let column = |lines: Vec<&Line>| {
            let left = lines.iter().map(|line| line.left).fold(f32::MAX, f32::min);
            let right = lines.iter().map(|line| line.right).fold(f32::MIN, f32::max);
            let mut steps: Vec<f32> = lines
                .windows(2)
                .filter(|pair| !differs_in_size(pair[0], pair[1]))
                .map(|pair| (pair[1].baseline - pair[0].baseline) / pair[1].size)
                .filter(|step| *step > 0.5)
                .collect();
            steps.sort_by(f32::total_cmp);
            Column {
                right,
                width: right - left,
                // The lower quartile: in a text of short paragraphs half of the distances are those between them.
                leading: steps.get(steps.len() / 4).copied().unwrap_or(1.2).min(2.5),
            }
        };
        Self(
            columns
                .into_iter()
                .map(|(number, lines)| (number, column(lines)))
                .collect(),
        )
    }

    /// Whether `line`, between `earlier` and `next` in its column, begins a paragraph.
    fn begins_paragraph(&self, earlier: &Line, line: &Line, next: Option<&Line>) -> bool {
        let Some(column) = self.0.get(&line.column) else {
            return true;
        };
        let step = (line.baseline - earlier.baseline) / line.size;
        let is_far = step > PARAGRAPH_GAP * column.leading;
        let indent = |other: &Line| line.left - other.left > INDENT * line.size;
        let is_indented = indent(earlier)
            && !begins_item(&earlier.text)
            && next.is_none_or(|next| indent(next) || next.left == line.left);
        let is_after_short = earlier.right < column.right - SHORT_LINE * column.width && ends_sentence(&earlier.text);
        is_far
            || differs_in_size(earlier, line)
            || is_indented
            || is_after_short
            || begins_item(&line.text)
            || has_leaders(&earlier.text)
    }
}

fn differs_in_size(one: &Line, other: &Line) -> bool {
    (one.size - other.size).abs() > SIZE_TOLERANCE * one.size.max(other.size)
}

fn ends_sentence(text: &str) -> bool {
    let closing = ['"', '”', '’', '»', ')', ']'];
    text.trim_end_matches(closing)
        .ends_with(['.', '!', '?', ':', '…', '。', '！', '？'])
}

/// `• …`, `– …`, `3. …`, `(b) …`.
fn begins_item(text: &str) -> bool {
    let Some((mark, _)) = text.split_once(' ') else {
        return false;
    };
    let number = mark.trim_start_matches(['(', '[']).trim_end_matches(['.', ')', ']']);
    let is_number = number.len() < mark.len()
        && number.len() <= 2
        && !number.is_empty()
        && number.chars().all(|c| c.is_ascii_digit() || c.is_ascii_lowercase());
    matches!(mark, "•" | "◦" | "▪" | "·" | "‣" | "–" | "—" | "-" | "*") || is_number
}

/// An entry in a table of contents: `The mill . . . . . . 12`.
fn has_leaders(text: &str) -> bool {
    text.contains(". . . .") || text.contains("......")
}

fn is_unfinished(text: &str) -> bool {
    !ends_sentence(text)
}

/// Whether a line may go on with what stands in the column or page before.
fn goes_on(text: &str, line: &str) -> bool {
    divided_word(text).is_some() || line.starts_with(|c: char| c.is_lowercase() || c.is_ascii_digit() || c == '(')
}

/// Adds the next line of a paragraph.
fn join(text: &mut String, line: &str, words: &Words) {
    match divided_word(text) {
        Some(_) if text.ends_with('\u{ad}') => {
            text.pop();
        }
        Some(first) if line.starts_with(char::is_alphabetic) => {
            let second = line.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            if !words.keeps_hyphen(first, second) {
                text.pop();
            }
        }
        // What follows is no word, as in `1990-\n1995`.
        Some(_) => {}
        None if joins_without_space(text, line) => {}
        None => text.push(' '),
    }
    text.push_str(line);
}

/// The first part of a word that is divided at the end of the text.
fn divided_word(text: &str) -> Option<&str> {
    let word = text.strip_suffix(['-', '\u{2010}', '\u{ad}'])?;
    let from = word
        .char_indices()
        .rev()
        .find(|(_, c)| !c.is_alphanumeric())
        .map_or(0, |(at, c)| at + c.len_utf8());
    Some(&word[from..]).filter(|part| !part.is_empty())
}

/// Chinese and Japanese have no spaces between lines.
fn joins_without_space(text: &str, line: &str) -> bool {
    let is_wide = |c: char| matches!(u32::from(c), 0x3000..=0x30ff | 0x3400..=0x9fff | 0xff00..=0xffef);
    text.chars().next_back().is_some_and(is_wide) && line.chars().next().is_some_and(is_wide)
}

/// The words that stand within the document's lines: they tell how a word is spelt that a line's end divides.
struct Words {
    whole: HashSet<String>,
    hyphenated: HashSet<String>,
}

impl Words {
    fn of(pages: &[Vec<Line>]) -> Self {
        let (mut whole, mut hyphenated) = (HashSet::new(), HashSet::new());
        for line in pages.iter().flatten() {
            for word in line.text.split_whitespace() {
                let word = word
                    .trim_matches(|c: char| !c.is_alphanumeric() && c != '-')
                    .to_lowercase();
                if !word.contains('-') {
                    whole.insert(word);
                } else if !word.ends_with('-') {
                    hyphenated.insert(word);
                }
            }
        }
        Self { whole, hyphenated }
    }

    /// Whether a word divided into these two parts is written with a hyphen anyway. The document decides if it has the word
    /// elsewhere; without that a hyphen stays before a capital (`Anglo-Saxon`) and after a number.
    fn keeps_hyphen(&self, first: &str, second: &str) -> bool {
        let (first, second) = (
            first.to_lowercase(),
            if second.starts_with(char::is_uppercase) {
                return true;
            } else {
                second.to_lowercase()
            },
        );
        if self.whole.contains(&format!("{first}{second}")) {
            return false;
        }
        self.hyphenated.contains(&format!("{first}-{second}")) || first.chars().all(|c| c.is_ascii_digit())
    }
}

/// A line with its ligatures written out and without what nobody sees.
fn plain(line: &str) -> String {
    let mut plain = String::with_capacity(line.len());
    let mut characters = line.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            'ﬀ' => plain.push_str("ff"),
            'ﬁ' => plain.push_str("fi"),
            'ﬂ' => plain.push_str("fl"),
            'ﬃ' => plain.push_str("ffi"),
            'ﬄ' => plain.push_str("ffl"),
            'ﬅ' | 'ﬆ' => plain.push_str("st"),
            // At the end of a line it may divide a word.
            '\u{ad}' if characters.peek().is_some() => {}
            '\u{feff}' | '\u{200b}' => {}
            _ if character.is_control() => {}
            '\u{a0}' => plain.push(' '),
            _ => plain.push(character),
        }
    }
    plain
}

#[cfg(test)]
mod tests;
