//! Finds the blocks of an article in the text that the page shows, so that everything after works on spans into that
//! text. The two come from different walks of the same page: white space differs, and marks or labels may stand in one
//! and not in the other.

use super::article::{Article, BlockKind};
use super::lines::trimmed;
use crate::steps::{Meter, Steps};
use std::collections::HashMap;
use std::ops::Range;

/// Characters by which a block is looked for. White space does not count anywhere here.
const ANCHOR_CHARS: usize = 16;
/// A block that does not begin with its first characters in the text may do so a little later.
const LATEST_ANCHOR: usize = 96;
/// So far apart may the two texts be where they differ, before they agree again.
const WIDEST_GAP: usize = 48;
/// So many characters in one may stand for other ones in the other.
const WIDEST_REPLACEMENT: usize = 12;
/// So many characters must agree after a difference.
const AGREEING_CHARS: usize = 8;
/// This share of a block must be found.
const LEAST_SHARE: f32 = 0.8;
/// A block that is found farther on than this may be another one with the same words.
const WIDEST_JUMP: usize = 400;
/// So many blocks are looked at to tell.
const BLOCKS_AHEAD: usize = 4;
/// Places with the same beginning that are tried.
const MOST_TRIED: usize = 8;

/// Characters that are looked at before the meter hears of them, and what each costs in units of [`crate::steps`].
const COUNTED_CHARS: usize = 4096;
const CHAR_UNITS: usize = 2;

/// A text without its white space, and where each character stands.
#[derive(Default)]
struct Dense {
    chars: Vec<char>,
    /// Byte offset of each character; a text is far below 4 GiB.
    offsets: Vec<u32>,
}

impl Dense {
    async fn of(text: &str, meter: &mut Meter) -> Self {
        let mut dense = Self::default();
        let mut counted = 0;
        for (offset, c) in text.char_indices() {
            if !c.is_whitespace() && !matches!(c, '\u{ad}' | '\u{200b}' | '\u{feff}') {
                dense.chars.push(c);
                dense.offsets.push(offset as u32);
            }
            if offset - counted >= COUNTED_CHARS {
                meter.done(CHAR_UNITS * (offset - counted)).await;
                counted = offset;
            }
        }
        meter.done(CHAR_UNITS * (text.len() - counted)).await;
        dense
    }
}

/// The article's blocks in `visible`: kinds with half-open byte ranges, in order, without overlap, on character
/// boundaries, without white space around. A block that is not shown is left out.
///
/// Each block is looked for after the end of the one before; the time is linear in the two texts.
pub fn align(article: &Article, visible: &str) -> Vec<(BlockKind, Range<usize>)> {
    Steps::new(find(article, visible)).run()
}

/// As [`align`], a part of longer work.
pub(super) async fn find(article: &Article, visible: &str) -> Vec<(BlockKind, Range<usize>)> {
    if article.blocks.is_empty() {
        return Vec::new();
    }
    let mut meter = Meter::default();
    let text = Dense::of(visible, &mut meter).await;
    let mut blocks: Vec<(BlockKind, Vec<char>)> = Vec::with_capacity(article.blocks.len());
    for block in &article.blocks {
        blocks.push((block.kind, Dense::of(&block.text, &mut meter).await.chars));
    }
    let places = Places::of(&text.chars, &blocks, &mut meter).await;
    let mut found: Vec<(BlockKind, Range<usize>)> = Vec::with_capacity(blocks.len());
    let mut position = 0;
    for (index, (kind, block)) in blocks.iter().enumerate() {
        meter.done(COUNTED_CHARS + CHAR_UNITS * block.len()).await;
        let Some(span) = places.find(&text.chars, block, position) else {
            continue;
        };
        // The same words may stand far below: not when one of the next blocks stands before them.
        let is_overtaken = || {
            let next = blocks[index + 1..].iter().take(BLOCKS_AHEAD);
            let mut next = next.filter_map(|(_, block)| places.find(&text.chars, block, position));
            next.any(|next| next.start < span.start)
        };
        if span.start > position + WIDEST_JUMP && is_overtaken() {
            continue;
        }
        position = span.end;
        let start = text.offsets[span.start] as usize;
        let last = text.offsets[span.end - 1] as usize;
        let end = last + text.chars[span.end - 1].len_utf8();
        let span = trimmed(visible, start..end);
        if !span.is_empty() {
            found.push((*kind, span));
        }
    }
    found
}

/// Where in the text the blocks' anchors stand.
struct Places {
    of_anchor: HashMap<u64, Vec<usize>>,
}

impl Places {
    async fn of(text: &[char], blocks: &[(BlockKind, Vec<char>)], meter: &mut Meter) -> Self {
        let mut of_anchor: HashMap<u64, Vec<usize>> = HashMap::new();
        for anchor in blocks.iter().flat_map(|(_, block)| anchors(block)) {
            of_anchor.entry(hash(anchor.1)).or_default();
        }
        for (place, window) in text.windows(ANCHOR_CHARS).enumerate() {
            if let Some(places) = of_anchor.get_mut(&hash(window)) {
                places.push(place);
            }
            if place % COUNTED_CHARS == 0 {
                meter.done(ANCHOR_CHARS * COUNTED_CHARS).await;
            }
        }
        Self { of_anchor }
    }

    /// The block's span at or after `from`, in characters.
    fn find(&self, text: &[char], block: &[char], from: usize) -> Option<Range<usize>> {
        if block.len() < ANCHOR_CHARS {
            // A short one, such as a heading or a list's item, stands right after the one before, or is not shown.
            let limit = text.len().min(from + WIDEST_GAP + block.len());
            let window = text.get(from..limit)?;
            let at = window.windows(block.len().max(1)).position(|window| window == block)?;
            return Some(from + at..from + at + block.len());
        }
        for (offset, anchor) in anchors(block) {
            let places = self.of_anchor.get(&hash(anchor)).map_or(&[][..], Vec::as_slice);
            let first = places.partition_point(|place| *place < from);
            let mut best: Option<(Range<usize>, usize)> = None;
            for &place in places[first..].iter().take(MOST_TRIED) {
                // Later places are other texts; those inside what was found may be where it really begins: a heading
                // may say the first words of its text.
                if best.as_ref().is_some_and(|(span, _)| place >= span.end) {
                    break;
                }
                if text[place..place + ANCHOR_CHARS] != *anchor {
                    continue;
                }
                let (end, matched) = follow(text, place, &block[offset..]);
                if (matched as f32) < LEAST_SHARE * block.len() as f32 {
                    continue;
                }
                // What stands before the anchor, as far as it agrees going back.
                let back = text[from..place].iter().rev().zip(block[..offset].iter().rev());
                let agreeing = back.take_while(|(a, b)| a == b).count();
                if best.as_ref().is_none_or(|(_, before)| matched >= *before) {
                    best = Some((place - agreeing..end, matched));
                }
            }
            if let Some((span, _)) = best {
                return Some(span);
            }
        }
        None
    }
}

/// The pieces of a block that it is looked for by, with their places in it.
fn anchors(block: &[char]) -> impl Iterator<Item = (usize, &[char])> {
    (0..=LATEST_ANCHOR)
        .step_by(ANCHOR_CHARS)
        .filter_map(|offset| Some((offset, block.get(offset..offset + ANCHOR_CHARS)?)))
}

/// FNV-1a over the characters' code points.
fn hash(chars: &[char]) -> u64 {
    chars.iter().fold(0xCBF2_9CE4_8422_2325, |hash, c| {
        (hash ^ u64::from(u32::from(*c))).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

/// Reads both on from an agreeing place: where the text ends that agrees, and how many characters do.
fn follow(text: &[char], start: usize, block: &[char]) -> (usize, usize) {
    let (mut at, mut in_block, mut matched, mut end) = (start, 0, 0, start);
    let most_missing = block.len() - (LEAST_SHARE * block.len() as f32) as usize;
    let mut missing = 0;
    while at < text.len() && in_block < block.len() {
        if text[at] == block[in_block] {
            (at, in_block, matched) = (at + 1, in_block + 1, matched + 1);
            end = at;
            continue;
        }
        let agrees = |in_text: usize, in_block: usize| {
            let rest = &block[in_block.min(block.len())..];
            let len = rest.len().min(AGREEING_CHARS);
            len > 0 && text.get(in_text..in_text + len) == Some(&rest[..len])
        };
        // One of them has more, or each has something else.
        let both = |widest: usize| (0..=widest).flat_map(move |near| [(near, widest), (widest, near)]);
        let one = |gap: usize| [(gap, 0), (0, gap)];
        let near = (1..=WIDEST_REPLACEMENT).flat_map(both);
        let far = (WIDEST_REPLACEMENT + 1..=WIDEST_GAP).flat_map(one);
        let gap = near
            .chain(far)
            .find(|(in_text, missed)| agrees(at + in_text, in_block + missed));
        let Some((in_text, missed)) = gap else { break };
        missing += missed;
        if missing > most_missing {
            break;
        }
        (at, in_block) = (at + in_text, in_block + missed);
    }
    (end, matched)
}
