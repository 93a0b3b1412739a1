//! The pieces as a tree of their bytes: which pieces does a text begin with?
//!
//! Nodes lie level by level, so a node's children are neighbours, in the order of their bytes. 100,000 pieces make 233,000
//! nodes of 9 bytes.

use crate::model::pieces::Strings;

/// No piece ends here.
const NONE: u32 = u32::MAX;

#[derive(Debug)]
pub(super) struct Trie {
    /// `[nodes]`: the byte that leads to a node; the first one is the root, to which none does.
    bytes: Vec<u8>,
    /// `[nodes + 1]`: where a node's children begin; those of the next one begin where they end.
    children: Vec<u32>,
    /// `[nodes]`: the piece that ends here, or [`NONE`].
    pieces: Vec<u32>,
}

impl Trie {
    /// Of texts that ascend by their bytes and are not empty.
    pub(super) fn new(texts: &Strings) -> Self {
        let mut trie = Self {
            bytes: vec![0],
            children: Vec::new(),
            pieces: Vec::new(),
        };
        // The texts below each node of a level: they begin alike, and are neighbours.
        let mut level = Vec::from_iter(Some(0..texts.len()));
        let mut next = Vec::new();
        let mut depth = 0;
        while !level.is_empty() {
            for mut below in level.drain(..) {
                let ends_here = below.start < below.end && texts.get(below.start).len() == depth;
                trie.pieces.push(if ends_here { below.start as u32 } else { NONE });
                below.start += usize::from(ends_here);
                trie.children.push(trie.bytes.len() as u32);
                while below.start < below.end {
                    let byte = texts.get(below.start)[depth];
                    let same = below.clone().take_while(|text| texts.get(*text)[depth] == byte).count();
                    trie.bytes.push(byte);
                    next.push(below.start..below.start + same);
                    below.start += same;
                }
            }
            core::mem::swap(&mut level, &mut next);
            depth += 1;
        }
        trie.children.push(trie.bytes.len() as u32);
        trie
    }

    /// The pieces that `text` begins with, the shortest first: each with its length in bytes.
    pub(super) fn prefixes<'a>(&'a self, text: &'a [u8]) -> impl Iterator<Item = (usize, usize)> + 'a {
        let mut node = 0;
        let steps = text.iter().map_while(move |byte| {
            let children = self.children[node] as usize..self.children[node + 1] as usize;
            let place = self.bytes[children.clone()].binary_search(byte).ok()?;
            node = children.start + place;
            Some(self.pieces[node])
        });
        steps
            .enumerate()
            .filter(|(_, piece)| *piece != NONE)
            .map(|(at, piece)| (at + 1, piece as usize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::pieces::{Pieces, SpecialTokens};

    #[test]
    fn prefixes_are_those_that_a_search_through_all_finds() {
        let special = SpecialTokens {
            begin: 0,
            end: 0,
            unknown: 0,
        };
        let sets: [&[&str]; 5] = [
            &[],
            &["a"],
            &["a", "ab", "abc", "abd", "b", "bcd", "▁", "▁a", "語", "語彙"],
            &["ab", "abcdef", "b"],
            &["\u{1}", "\u{7f}", "é", "ê", "\u{10ffff}"],
        ];
        let texts = [
            "",
            "a",
            "abcdefg",
            "abdabd",
            "▁a語",
            "語彙a",
            "\u{10ffff}é",
            "ê",
            "xyz",
            "b",
        ];
        let mut found = 0;
        for set in sets {
            let pieces: Vec<(&str, f32)> = set.iter().map(|text| (*text, 0.0)).collect();
            let pieces = Pieces::new(special, 1, &pieces, &[]).unwrap();
            let trie = Trie::new(&pieces.texts);
            for text in texts {
                let expected: Vec<(usize, usize)> = (0..set.len())
                    .filter(|piece| text.starts_with(set[*piece]))
                    .map(|piece| (set[piece].len(), piece))
                    .collect();
                assert_eq!(
                    trie.prefixes(text.as_bytes()).collect::<Vec<_>>(),
                    expected,
                    "{text} of {set:?}"
                );
                found += expected.len();
            }
        }
        assert!(found >= 20, "{found}");
    }
}
