//! The glyphs of a page, put together into lines in the order in which they are read.
//!
//! A PDF says where each glyph stands and not which line, column or paragraph it belongs to, and often leaves the spaces out.
//! * Glyphs are told apart by where they are turned to: a table may lie on its side, and Japanese runs downwards in columns
//!   from right to left. Every direction is turned upright, so that all that follows knows one.
//! * [`marks`]: accents to their letters.
//! * [`fragments`]: glyphs on a baseline without a wide gap.
//! * [`columns`]: fragments to rows, column after column.
//! * [`line`]: a row's glyphs to text, in the order of reading ([`order`]).
//!
//! Where a page is read from right to left, its columns are looked for in its mirror image. Lengths are points; `y` grows
//! downwards.

mod columns;
mod fragments;
mod line;
mod marks;
mod order;

use super::characters::{is_right_to_left, is_wide};

/// So many glyphs of a page are read; one with more is at fault.
const MAX_GLYPHS: usize = 400_000;
/// Text that slants more is decoration, such as a stamp across the page: this is its tangent.
const MAX_SLOPE: f64 = 0.18;
/// Smaller text is not there to be read, in points.
const MIN_SIZE: f64 = 0.5;
/// The middle of a glyph that is written downwards stands so far right of where the baseline of one that is turned would
/// stand, in parts of its size: so both are on one line.
const MIDDLE: f32 = 0.38;
/// How far a glyph reaches above its baseline, and below it.
const ASCENT: f32 = 0.88;
const DESCENT: f32 = 0.12;
/// Glyphs that are written downwards follow one another at such distances, in parts of their size, ...
const STEPS_DOWN: std::ops::Range<f32> = 0.6..1.7;
/// ... and so many at least.
const MIN_STEPS_DOWN: usize = 2;
/// Directions of text: upright, and turned by each quarter clockwise.
const TURNS: usize = 4;

/// A line, or a part of one.
#[derive(Debug, Clone, PartialEq)]
pub struct Line {
    /// What it says.
    pub text: String,
    /// Where it begins, in the direction of reading.
    pub left: f32,
    /// Where it ends.
    pub right: f32,
    /// How far below the page's upper edge it stands.
    pub baseline: f32,
    /// The size of its largest glyphs.
    pub size: f32,
    /// Which column of the page it is in, counted in reading order.
    pub column: usize,
    /// From where to where the parts of it stand that wide gaps divide.
    pub cells: Vec<(f32, f32)>,
    /// Whether it begins with a raised number, as a footnote does.
    pub has_mark: bool,
    /// Whether it is turned another way than the page's text.
    pub is_aside: bool,
}

/// A glyph where it stands on its page. Vectors are points of the page, `y` downwards.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Glyph<'a> {
    /// Its characters.
    pub text: &'a str,
    /// Where it begins, on its baseline; if it is written downwards, the middle of its upper edge.
    pub at: (f64, f64),
    /// From there to where the next one would begin.
    pub advance: (f64, f64),
    /// An em in the direction of the baseline.
    pub em: (f64, f64),
    /// An em upwards.
    pub up: (f64, f64),
    /// Whether it is written downwards.
    pub is_vertical: bool,
}

/// A glyph that is turned upright.
#[derive(Debug, Clone, Copy)]
struct Placed {
    /// Where its text stands among the page's texts.
    start: u32,
    end: u32,
    left: f32,
    right: f32,
    baseline: f32,
    size: f32,
}

impl Placed {
    fn text<'t>(&self, texts: &'t str) -> &'t str {
        &texts[self.start as usize..self.end as usize]
    }

    fn middle(&self) -> f32 {
        (self.left + self.right) / 2.0
    }

    fn is_space(&self, texts: &str) -> bool {
        self.text(texts).trim().is_empty()
    }
}

/// What is turned one way.
#[derive(Debug, Default)]
struct Turned {
    glyphs: Vec<Placed>,
    /// The sum of its directions, for a scan is rarely straight.
    direction: (f64, f64),
}

/// A page that is being read.
#[derive(Debug, Default)]
pub struct Page {
    texts: String,
    turns: [Turned; TURNS],
    glyphs: usize,
}

impl Page {
    /// Takes in the next glyph in the order of the page's content.
    pub fn add(&mut self, glyph: Glyph<'_>) {
        let size = glyph.up.0.hypot(glyph.up.1);
        // A mirror image is read where it stands: so recognised text is laid over a scan that is read from right to left.
        let is_mirrored = glyph.em.0 * glyph.up.1 - glyph.em.1 * glyph.up.0 > 0.0;
        let em = if is_mirrored {
            (-glyph.em.0, -glyph.em.1)
        } else {
            glyph.em
        };
        let turn = match em {
            (x, y) if x.abs() >= y.abs() => {
                if x >= 0.0 {
                    0
                } else {
                    2
                }
            }
            (_, y) => {
                if y > 0.0 {
                    1
                } else {
                    3
                }
            }
        };
        let em = upright(em, turn);
        let slope = em.1 / em.0;
        let (at, advance) = (upright(glyph.at, turn), upright(glyph.advance, turn));
        let numbers = [at.0, at.1, advance.0, advance.1, size];
        let is_sane = numbers.iter().all(|number| number.is_finite()) && slope.abs() <= MAX_SLOPE && size >= MIN_SIZE;
        if !is_sane || glyph.text.is_empty() || self.glyphs >= MAX_GLYPHS {
            return;
        }
        self.glyphs += 1;
        let start = self.texts.len() as u32;
        self.texts.push_str(glyph.text);
        // A page's lengths are far within 32 bits.
        let mut placed = Placed {
            start,
            end: self.texts.len() as u32,
            left: at.0.min(at.0 + advance.0) as f32,
            right: at.0.max(at.0 + advance.0) as f32,
            baseline: at.1 as f32,
            size: size as f32,
        };
        let mut turn = turn;
        if glyph.is_vertical {
            let (top, bottom) = (at.1.min(at.1 + advance.1) as f32, at.1.max(at.1 + advance.1) as f32);
            (placed.left, placed.right) = (top, bottom);
            placed.baseline = -(at.0 as f32) + MIDDLE * placed.size;
            turn = (turn + 1) % TURNS;
        }
        let turned = &mut self.turns[turn];
        turned.glyphs.push(placed);
        if !glyph.is_vertical {
            turned.direction.0 += em.0;
            turned.direction.1 += em.1;
        }
    }

    /// How many glyphs it has.
    pub(super) fn len(&self) -> usize {
        self.glyphs
    }

    /// Takes in all glyphs of another page, after its own.
    pub(super) fn append(&mut self, other: Self) {
        let offset = self.texts.len() as u32;
        self.texts.push_str(&other.texts);
        self.glyphs += other.glyphs;
        for (turned, others) in self.turns.iter_mut().zip(other.turns) {
            turned.direction.0 += others.direction.0;
            turned.direction.1 += others.direction.1;
            turned.glyphs.extend(others.glyphs.into_iter().map(|glyph| Placed {
                start: glyph.start + offset,
                end: glyph.end + offset,
                ..glyph
            }));
        }
    }

    /// The page's lines in reading order: first those that are turned as most of them are.
    #[must_use]
    pub fn lines(mut self) -> Vec<Line> {
        for turn in 0..TURNS {
            self.turns[turn].straighten();
        }
        let columns = self.turns.each_mut().map(|turned| turned.take_columns(&self.texts));
        for (turn, columns) in columns.into_iter().enumerate() {
            self.turns[(turn + 1) % TURNS].glyphs.extend(columns);
        }
        let Self {
            mut texts, mut turns, ..
        } = self;
        turns.sort_by_key(|turned| std::cmp::Reverse(turned.glyphs.len()));
        let mut lines: Vec<Line> = Vec::new();
        for (rank, turned) in turns.into_iter().enumerate() {
            let columns = lines.last().map_or(0, |line| line.column + 1);
            lines.extend(lay_out(turned.glyphs, &mut texts).into_iter().map(|line| Line {
                column: columns + line.column,
                is_aside: rank > 0,
                ..line
            }));
        }
        lines
    }
}

/// Turns a vector upright that is turned by so many quarters.
fn upright((x, y): (f64, f64), turn: usize) -> (f64, f64) {
    match turn {
        0 => (x, y),
        1 => (y, -x),
        2 => (-x, -y),
        _ => (-y, x),
    }
}

impl Turned {
    /// Takes out by how much all of it slants.
    fn straighten(&mut self) {
        let slope = self.direction.1 / self.direction.0;
        if slope.is_finite() {
            for glyph in &mut self.glyphs {
                glyph.baseline -= slope as f32 * glyph.left;
            }
        }
    }

    /// Takes out what is written downwards, if most of it is, one glyph below the other: turned by a quarter more.
    fn take_columns(&mut self, texts: &str) -> Vec<Placed> {
        let is_below = |pair: &[Placed]| {
            let (one, next) = (&pair[0], &pair[1]);
            (one.middle() - next.middle()).abs() < 0.3 * one.size
                && STEPS_DOWN.contains(&((next.baseline - one.baseline) / one.size))
        };
        let is_right_of = |pair: &[Placed]| {
            let gap = pair[1].left - pair[0].right;
            (pair[0].baseline - pair[1].baseline).abs() < 0.2 * pair[0].size && gap.abs() < 0.5 * pair[0].size
        };
        let (mut in_columns, mut start) = (0, 0);
        for at in 1..=self.glyphs.len() {
            if at == self.glyphs.len() || !is_below(&self.glyphs[at - 1..=at]) {
                let run = &self.glyphs[start..at];
                let wide = run
                    .iter()
                    .filter(|glyph| glyph.text(texts).chars().all(is_wide))
                    .count();
                if run.len() > MIN_STEPS_DOWN && 3 * wide >= 2 * run.len() {
                    in_columns += run.len();
                }
                start = at;
            }
        }
        if 2 * in_columns < self.glyphs.len() || in_columns == 0 {
            return Vec::new();
        }
        // Words that are written from left to right among them stay: three glyphs side by side.
        let mut stays = vec![false; self.glyphs.len()];
        for at in 2..self.glyphs.len() {
            if is_right_of(&self.glyphs[at - 2..at]) && is_right_of(&self.glyphs[at - 1..=at]) {
                stays[at - 2..=at].fill(true);
            }
        }
        let mut columns = Vec::with_capacity(in_columns);
        let mut at = 0;
        self.glyphs.retain(|glyph| {
            at += 1;
            if !stays[at - 1] {
                columns.push(Placed {
                    left: glyph.baseline - ASCENT * glyph.size,
                    right: glyph.baseline + DESCENT * glyph.size,
                    baseline: -glyph.middle() + MIDDLE * glyph.size,
                    ..*glyph
                });
            }
            stays[at - 1]
        });
        columns
    }
}

/// The lines of glyphs that are turned one way, in reading order.
fn lay_out(mut glyphs: Vec<Placed>, texts: &mut String) -> Vec<Line> {
    marks::join(&mut glyphs, texts);
    let letters = |is_of: fn(char) -> bool| {
        let characters = glyphs.iter().flat_map(|glyph| glyph.text(texts).chars());
        characters.filter(|c| is_of(*c)).count()
    };
    let is_right_to_left = 2 * letters(is_right_to_left) > letters(char::is_alphabetic);
    let mut fragments = fragments::fragments_of(&glyphs, texts);
    if is_right_to_left {
        for fragment in &mut fragments {
            (fragment.left, fragment.right) = (-fragment.right, -fragment.left);
        }
    }
    let line = |mut row: columns::Row| {
        let left = row.fragments.first()?.left;
        if is_right_to_left {
            row.fragments.reverse();
        }
        let indices = row.fragments.iter().flat_map(|fragment| &fragment.glyphs);
        let of_row: Vec<&Placed> = indices.map(|&index| &glyphs[index as usize]).collect();
        let line = line::line_of(&of_row, texts, is_right_to_left)?;
        let line = if is_right_to_left { line.mirrored() } else { line };
        Some(Line {
            left,
            column: row.column,
            ..line
        })
    };
    columns::rows_of(fragments).into_iter().filter_map(line).collect()
}

impl Line {
    fn mirrored(mut self) -> Self {
        (self.left, self.right) = (-self.right, -self.left);
        self.cells.reverse();
        for cell in &mut self.cells {
            *cell = (-cell.1, -cell.0);
        }
        self
    }
}

#[cfg(test)]
mod tests;
