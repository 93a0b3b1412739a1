//! What stands at the edges of pages and is not of their text: headers, footers, page numbers.
//!
//! Known by repetition. A line whose words stand at the edges of several pages, whatever its numbers, is one; so is a line of
//! the same size at the same place on other pages, for a header may name the chapter. Beyond that, small print at the same
//! place on most pages, set off from the text, is one although it says something else on each.

use std::collections::{HashMap, HashSet};

use super::super::page::Line;

/// So many lines at the top and at the bottom of a page may be its header and footer.
const EDGE_LINES: usize = 3;
/// Lines stand at the same place if their baselines differ by less, in points.
const SAME_PLACE: f32 = 1.5;
/// A line whose words are repeated is no header if it is larger than they are elsewhere by this factor: it is a title.
const TITLE: f32 = 1.15;
/// Small print is smaller than the text by this factor.
const SMALL: f32 = 0.94;
/// What is set off from the text stands so far from its nearest line, in parts of the text's size.
const SET_OFF: f32 = 1.8;
/// Small print stands at the same place on so large a part of the pages.
const MOST_PAGES: f32 = 0.6;
/// A line that begins with a number is a page's number and its header, or a footnote: then it has so many words.
const MIN_NOTE_WORDS: usize = 5;
/// Pages are too few to tell.
const MIN_PAGES: usize = 2;

/// Takes them out of the pages of a document.
pub(super) fn drop_edges(pages: &mut [Vec<Line>]) {
    let written = pages.iter().filter(|page| !page.is_empty()).count();
    if written < MIN_PAGES {
        return;
    }
    // Left and right pages may have headers of their own.
    let enough = (written / 2).clamp(2, 3);
    let edges: Vec<Vec<usize>> = pages.iter().map(|page| edges(page)).collect();
    let repeated = Repeated::of(pages, &edges);
    let small_print = places_of_small_print(pages, &edges, (MOST_PAGES * written as f32).ceil() as usize);
    let mut places = Places::default();
    for (page, edges) in pages.iter().zip(&edges) {
        for line in edges
            .iter()
            .map(|&index| &page[index])
            .filter(|line| repeated.is_edge(line, enough))
        {
            places.insert(line);
        }
    }
    for (page, edges) in pages.iter_mut().zip(&edges) {
        let is_edge = |line: &Line| {
            repeated.is_edge(line, enough) || places.contains(line) || (small_print.contains(line) && !is_note(line))
        };
        let dropped: HashSet<usize> = edges.iter().copied().filter(|&index| is_edge(&page[index])).collect();
        let mut index = 0;
        page.retain(|_| {
            index += 1;
            !dropped.contains(&(index - 1))
        });
    }
}

/// Which lines of a page stand at its top or bottom, and those that are turned another way. A table goes on to the edge.
fn edges(page: &[Line]) -> Vec<usize> {
    let rows = super::rows(page);
    let is_of_table = |index: &usize| {
        let of_table = |row: &&bool| **row;
        let before = rows[..*index].iter().rev().take_while(of_table).count();
        let after = rows[*index..].iter().take_while(of_table).count();
        rows[*index] && before.min(super::TABLE_ROWS) + after.min(super::TABLE_ROWS) >= super::TABLE_ROWS
    };
    let (asides, mut order): (Vec<usize>, Vec<usize>) = (0..page.len()).partition(|&index| page[index].is_aside);
    order.sort_by(|&a, &b| page[a].baseline.total_cmp(&page[b].baseline));
    let bottom = order.len().saturating_sub(EDGE_LINES).max(EDGE_LINES.min(order.len()));
    let last = order.split_off(bottom);
    order.truncate(EDGE_LINES);
    order.extend(last);
    order.retain(|index| !is_of_table(index));
    order.extend(asides);
    order
}

/// The words of the lines at edges, without their numbers: on how many pages they stand, and in which size at least.
struct Repeated(HashMap<String, (usize, f32)>);

impl Repeated {
    fn of(pages: &[Vec<Line>], edges: &[Vec<usize>]) -> Self {
        let mut seen: HashMap<String, (usize, f32)> = HashMap::new();
        for (page, edges) in pages.iter().zip(edges) {
            let mut of_page: HashMap<String, f32> = HashMap::new();
            for line in edges.iter().map(|&index| &page[index]) {
                let size = of_page.entry(without_numbers(&line.text)).or_insert(line.size);
                *size = size.min(line.size);
            }
            for (words, size) in of_page {
                let entry = seen.entry(words).or_insert((0, size));
                *entry = (entry.0 + 1, entry.1.min(size));
            }
        }
        Self(seen)
    }

    fn is_edge(&self, line: &Line, enough: usize) -> bool {
        let seen = self.0.get(&without_numbers(&line.text));
        seen.is_some_and(|&(pages, size)| pages >= enough && line.size <= TITLE * size)
    }
}

/// A line with every number in it replaced, so that the same header on two pages is the same.
fn without_numbers(line: &str) -> String {
    let is_roman = |word: &str| !word.is_empty() && word.chars().all(|c| "ivxlc".contains(c));
    let words = line.split_whitespace().map(|word| {
        if is_roman(word) || word.chars().any(char::is_numeric) {
            "#".to_owned()
        } else {
            word.to_lowercase()
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Places of lines: how far from the upper edge, and their size.
#[derive(Debug, Default)]
struct Places(HashMap<(i32, i32), usize>);

impl Places {
    /// Neighbouring cells of the grid overlap, so that what is near is found.
    fn cells(line: &Line) -> [(i32, i32); 2] {
        let size = (2.0 * line.size).round() as i32;
        let cell = (line.baseline / (2.0 * SAME_PLACE)).floor() as i32;
        let half = (line.baseline / (2.0 * SAME_PLACE) + 0.5).floor() as i32;
        [(2 * cell, size), (2 * half + 1, size)]
    }

    fn insert(&mut self, line: &Line) {
        for cell in Self::cells(line) {
            *self.0.entry(cell).or_default() += 1;
        }
    }

    fn contains(&self, line: &Line) -> bool {
        Self::cells(line).iter().any(|cell| self.0.contains_key(cell))
    }
}

/// Where small print stands that is set off from the text on so many pages.
fn places_of_small_print(pages: &[Vec<Line>], edges: &[Vec<usize>], enough: usize) -> Places {
    let usual = usual_size(pages.iter().flatten());
    let mut places = Places::default();
    for (page, edges) in pages.iter().zip(edges) {
        let mut baselines: Vec<f32> = page
            .iter()
            .filter(|line| line.size >= SMALL * usual)
            .map(|line| line.baseline)
            .collect();
        baselines.sort_by(f32::total_cmp);
        let is_set_off = |line: &&Line| {
            let (Some(first), Some(last)) = (baselines.first(), baselines.last()) else {
                return false;
            };
            line.baseline < first - SET_OFF * usual || line.baseline > last + SET_OFF * usual
        };
        let small = edges
            .iter()
            .map(|&index| &page[index])
            .filter(|line| !line.is_aside && line.size < SMALL * usual);
        let mut of_page = Places::default();
        small
            .filter(is_set_off)
            .filter(|line| !is_note(line))
            .for_each(|line| of_page.insert(line));
        for cell in of_page.0.into_keys() {
            *places.0.entry(cell).or_default() += 1;
        }
    }
    places.0.retain(|_, pages| *pages >= enough.max(MIN_PAGES));
    places
}

/// Whether a line begins as a footnote does: with a mark, and goes on with a sentence.
fn is_note(line: &Line) -> bool {
    line.has_mark || (begins_with_mark(line) && line.text.split_whitespace().count() >= MIN_NOTE_WORDS)
}

/// Whether a line begins with a sign or a number.
pub(super) fn begins_with_mark(line: &Line) -> bool {
    let Some((mark, _)) = line.text.split_once(' ') else {
        return false;
    };
    let number = mark.trim_end_matches(['.', ')']);
    let is_number = (1..=3).contains(&number.len()) && number.chars().all(|c| c.is_ascii_digit());
    line.has_mark || is_number || mark.chars().all(|c| "*†‡§¶¹²³".contains(c))
}

/// The size in which most of the text is set.
pub(super) fn usual_size<'l>(lines: impl Iterator<Item = &'l Line>) -> f32 {
    let mut sizes: Vec<(f32, usize)> = lines.map(|line| (line.size, line.text.len())).collect();
    sizes.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = sizes.iter().map(|(_, length)| length).sum::<usize>() / 2;
    let mut passed = 0;
    let usual = sizes.iter().find(|(_, length)| {
        passed += length;
        passed > half
    });
    usual.map_or(1.0, |(size, _)| *size)
}
