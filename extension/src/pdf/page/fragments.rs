//! Glyphs put together into fragments: parts of lines without a gap that may be the gutter between two columns.
//!
//! Most documents place the glyphs of a line one after the other, so a fragment is first what follows one another in the
//! document. Others place them in any order, backwards among them: fragments that stand side by side become one.

use std::collections::HashMap;

use super::Placed;
use super::line::SPACE_WIDTH;
use crate::pdf::characters::is_wide;

/// Glyphs whose baselines differ by less, in parts of the glyph's size, stand on one line: a footnote mark does.
pub(super) const BASELINE_TOLERANCE: f32 = 0.45;
/// A gap of this width ends a fragment. In justified text a space can be as wide: such fragments become one line again.
const GUTTER_WIDTH: f32 = 0.9;
/// Fragments that do not follow one another in the document are one if the gap is narrower: it may be a narrow gutter.
const MERGE_WIDTH: f32 = 0.5;
/// A glyph may stand so far before the end of the one before it: letters are kerned, and slanted ones lean over.
const OVERLAP: f32 = 0.5;
/// The same glyph again so near is the same one, drawn twice for a bold face or a shadow. A narrow letter is wider.
const DOUBLE: f32 = 0.12;
/// How many fragments side by side a fragment is compared with.
const LOOK_BACK: usize = 8;
/// A word of Chinese or Japanese has about so many characters.
const WIDE_WORD: usize = 2;
/// A first letter is larger than its text by this factor.
pub(super) const DROP_CAP: f32 = 1.8;
/// The lines beside it begin no farther from it, in parts of their size.
const CAP_GAP: f32 = 1.5;

/// Part of a line.
#[derive(Debug, Clone)]
pub(super) struct Fragment {
    /// Its glyphs from left to right, as indices of the page's.
    pub(super) glyphs: Vec<u32>,
    pub(super) left: f32,
    pub(super) right: f32,
    pub(super) baseline: f32,
    pub(super) size: f32,
    /// The middle of its last glyph.
    middle: f32,
    /// How many words it has.
    pub(super) words: usize,
}

/// Puts glyphs together that come in the order of the document.
pub(super) fn fragments_of(glyphs: &[Placed], texts: &str) -> Vec<Fragment> {
    let mut fragments: Vec<Fragment> = Vec::new();
    let mut seen = Doubles::default();
    for (index, glyph) in (0..).zip(glyphs) {
        let is_space = glyph.is_space(texts);
        if !is_space && seen.is_double(glyph, texts) {
            continue;
        }
        match fragments.last_mut() {
            Some(last) if last.goes_on(glyph) => last.push(index, glyph, is_space),
            _ if is_space => {}
            _ => fragments.push(Fragment::new(index, glyph)),
        }
    }
    let mut fragments = merged(fragments);
    take_drop_caps(&mut fragments);
    for fragment in &mut fragments {
        fragment.count_words(glyphs, texts);
    }
    fragments
}

impl Fragment {
    fn new(index: u32, glyph: &Placed) -> Self {
        Self {
            glyphs: vec![index],
            left: glyph.left,
            right: glyph.right,
            baseline: glyph.baseline,
            size: glyph.size,
            middle: glyph.middle(),
            words: 0,
        }
    }

    fn goes_on(&self, glyph: &Placed) -> bool {
        let em = glyph.size.max(self.size);
        let gap = glyph.left - self.right;
        let is_on_line = (glyph.baseline - self.baseline).abs() < BASELINE_TOLERANCE * em;
        is_on_line && gap < GUTTER_WIDTH * em && gap > -OVERLAP * em && glyph.middle() >= self.middle
    }

    fn push(&mut self, index: u32, glyph: &Placed, is_space: bool) {
        self.glyphs.push(index);
        self.middle = glyph.middle();
        self.right = self.right.max(glyph.right);
        if !is_space && glyph.size > self.size {
            (self.size, self.baseline) = (glyph.size, glyph.baseline);
        }
    }

    fn take(&mut self, other: Self) {
        if other.size > self.size {
            (self.size, self.baseline) = (other.size, other.baseline);
        }
        self.glyphs.extend(other.glyphs);
        self.middle = other.middle;
        self.left = self.left.min(other.left);
        self.right = self.right.max(other.right);
    }

    fn count_words(&mut self, glyphs: &[Placed], texts: &str) {
        let mut before: Option<&Placed> = None;
        let mut wide = 0;
        for &index in &self.glyphs {
            let glyph = &glyphs[index as usize];
            if glyph.is_space(texts) {
                before = None;
                continue;
            }
            let goes_on = before.is_some_and(|before| glyph.left - before.right <= SPACE_WIDTH * glyph.size);
            self.words += usize::from(!goes_on);
            wide += usize::from(glyph.text(texts).starts_with(is_wide));
            before = Some(glyph);
        }
        self.words += wide / WIDE_WORD;
    }
}

/// Makes one of fragments that stand side by side on a baseline without a wide gap, in whatever order they came.
fn merged(mut fragments: Vec<Fragment>) -> Vec<Fragment> {
    fragments.sort_by(|a, b| a.baseline.total_cmp(&b.baseline));
    let mut merged: Vec<Fragment> = Vec::with_capacity(fragments.len());
    let mut fragments = fragments.into_iter().peekable();
    while let Some(first) = fragments.next() {
        let reach = first.baseline + BASELINE_TOLERANCE * first.size;
        let mut row = vec![first];
        while let Some(next) = fragments.next_if(|next| next.baseline < reach) {
            row.push(next);
        }
        row.sort_by(|a, b| a.left.total_cmp(&b.left));
        let of_row = merged.len();
        for fragment in row {
            // Those that overlap are of lines of their own: a mark beside one line stands above or below another.
            let from = merged.len().saturating_sub(LOOK_BACK).max(of_row);
            let beside = |one: &&mut Fragment| {
                let em = one.size.max(fragment.size);
                let gap = fragment.left - one.right;
                let reach = BASELINE_TOLERANCE * em;
                let is_cap = em > DROP_CAP * one.size.min(fragment.size);
                !is_cap
                    && gap > -0.6 * OVERLAP * em
                    && gap < MERGE_WIDTH * em
                    && (one.baseline - fragment.baseline).abs() < reach
            };
            let distance =
                |one: &Fragment| (one.baseline - fragment.baseline).abs() + (fragment.left - one.right).abs();
            let nearest = merged[from..]
                .iter_mut()
                .filter(beside)
                .min_by(|a, b| distance(a).total_cmp(&distance(b)));
            match nearest {
                Some(one) => one.take(fragment),
                None => merged.push(fragment),
            }
        }
    }
    merged
}

/// Puts a large first letter before the line at its top; by its baseline it belongs to a later one.
fn take_drop_caps(fragments: &mut Vec<Fragment>) {
    // In the order of their baselines, as they come: the line at the top is a little before.
    for at in 0..fragments.len() {
        if let Some(line) = line_of_cap(fragments, at) {
            let glyphs = std::mem::take(&mut fragments[at].glyphs);
            fragments[line].glyphs.splice(0..0, glyphs);
            // The lines beside it begin where it does: none of them is indented.
            let Fragment {
                left, right, baseline, ..
            } = fragments[at];
            let end = fragments.len().min(at + LOOK_BACK);
            for beside in &mut fragments[line..end] {
                let gap = beside.left - right;
                if gap > -0.3 * beside.size
                    && gap < CAP_GAP * beside.size
                    && beside.baseline < baseline + 0.1 * beside.size
                {
                    beside.left = left;
                }
            }
        }
    }
    fragments.retain(|fragment| !fragment.glyphs.is_empty());
}

fn line_of_cap(fragments: &[Fragment], at: usize) -> Option<usize> {
    let cap = &fragments[at];
    if cap.glyphs.is_empty() || cap.glyphs.len() > 2 {
        return None;
    }
    let before = fragments[..at].iter().enumerate().rev().take(4 * LOOK_BACK);
    let of_cap = before.filter(|(_, line)| {
        let gap = line.left - cap.right;
        let above = cap.baseline - line.baseline;
        cap.size > DROP_CAP * line.size
            && gap > -0.3 * line.size
            && gap < CAP_GAP * line.size
            && above > 0.5 * line.size
            && above < cap.size
    });
    of_cap.map(|(index, _)| index).next_back()
}

/// Which glyphs were placed already, by where they are.
#[derive(Default)]
struct Doubles<'t>(HashMap<(&'t str, i32, i32), (f32, f32)>);

impl<'t> Doubles<'t> {
    /// Whether the same glyph stands here already.
    fn is_double(&mut self, glyph: &Placed, texts: &'t str) -> bool {
        let text = glyph.text(texts);
        let reach = DOUBLE * glyph.size;
        if reach <= f32::EPSILON {
            return false;
        }
        // What is near stands in the same cell or in one beside it, and no two glyphs have one cell. Out of range saturates.
        let cell = |at: f32| (at / reach).floor() as i32;
        let (column, row) = (cell(glyph.left), cell(glyph.baseline));
        let is_near = |&(left, baseline): &(f32, f32)| {
            (left - glyph.left).abs() < reach && (baseline - glyph.baseline).abs() < reach
        };
        let around = [-1, 0, 1].into_iter().flat_map(|x| [-1, 0, 1].map(|y| (x, y)));
        let is_double = around
            .filter_map(|(x, y)| self.0.get(&(text, column.saturating_add(x), row.saturating_add(y))))
            .any(is_near);
        if !is_double {
            self.0.insert((text, column, row), (glyph.left, glyph.baseline));
        }
        is_double
    }
}
