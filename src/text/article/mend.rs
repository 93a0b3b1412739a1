//! What the extractor got wrong more often than right, mended piece by piece: captions are told apart, what stands
//! beside the text by its name or its words goes, lists of links to other articles go, and what was lost between two
//! kept pieces of one parent comes back.

use super::BlockKind;
use super::hints::{Beside, is_byline_line, is_credit_line, is_furniture_line};
use super::pieces::{Piece, Pieces};
use dom_query::{Document as Tree, NodeId, NodeRef};
use std::collections::{HashMap, HashSet};

/// An element that holds more of what was taken is the article itself, whatever its name says.
const LARGEST_ASIDE_SHARE: f32 = 0.3;
/// From this share of its characters on, a piece is a link and nothing else.
const LINK_SHARE: f32 = 0.85;
/// An article that is itself a list of links keeps them.
const LINKED_ARTICLE_SHARE: f32 = 0.35;
/// An element with this share of the text holds the article.
const NEARLY_ALL: f32 = 0.9;
/// A linked paragraph this long that ends as a sentence does is one.
const LEAST_LINKED_SENTENCE_CHARS: usize = 60;
/// Shorter pieces are not brought back: they are labels and buttons.
const LEAST_RECOVERED_CHARS: usize = 40;

/// Which pieces are the article's; captions among them get their kind.
pub(super) fn mend(pieces: &mut Pieces, title: &str, tree: &Tree) -> Vec<bool> {
    let mut kept: Vec<bool> = pieces
        .pieces
        .iter()
        .map(|piece| 2 * piece.taken_chars > piece.chars)
        .collect();
    let total: usize = pieces.pieces.iter().map(|piece| piece.taken_chars).sum();
    let linked: usize = taken(&pieces.pieces, &kept).map(|piece| piece.link_chars).sum();
    let is_linked_article = linked as f32 > LINKED_ARTICLE_SHARE * total as f32;

    for (index, keep) in kept.iter_mut().enumerate() {
        let beside = reason(pieces, index, total);
        let piece = &mut pieces.pieces[index];
        if beside == Some(Beside::Caption) || is_credit_line(&piece.text) {
            piece.kind = BlockKind::Caption;
        }
        let is_beside = matches!(beside, Some(Beside::Furniture | Beside::Byline));
        if is_beside
            || is_furniture_line(&piece.text, piece.link_chars as f32 / piece.chars as f32)
            // The lines of a quotation are its own.
            || (piece.kind != BlockKind::Quote && is_byline_line(&piece.text))
            || repeats(&piece.text, title)
        {
            *keep = false;
        }
    }
    if !is_linked_article {
        drop_link_lists(&pieces.pieces, &mut kept);
    }
    recover(pieces, &mut kept, total);
    recover_headings(&pieces.pieces, &mut kept, title);
    drop_tail(&pieces.pieces, &mut kept, tree);
    drop_repeated_captions(&pieces.pieces, &mut kept);
    drop_idle_headings(&pieces.pieces, &mut kept);
    kept
}

fn taken<'p>(pieces: &'p [Piece], kept: &[bool]) -> impl Iterator<Item = &'p Piece> {
    pieces
        .iter()
        .zip(kept.to_vec())
        .filter(|(_, kept)| *kept)
        .map(|(piece, _)| piece)
}

/// Why the piece stands beside the text: the outermost element that says so and is not the article itself.
fn reason(pieces: &Pieces, index: usize, total: usize) -> Option<Beside> {
    let mut aside = pieces.pieces[index].aside;
    let mut found = None;
    while let Some(place) = aside {
        let Some(element) = pieces.asides.get(place) else { break };
        if (element.taken_chars as f32) < LARGEST_ASIDE_SHARE * total as f32 {
            found = match (found, element.reason) {
                // A caption in a figure whose name has an advertisement's word is a caption.
                (Some(Beside::Caption), _) => found,
                (_, reason) => Some(reason),
            };
        }
        aside = element.outer;
    }
    found
}

fn repeats(text: &str, title: &str) -> bool {
    let words = |text: &str| {
        text.split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
            .map(str::to_lowercase)
            .collect::<Vec<_>>()
    };
    let (text, title) = (words(text), words(title));
    !text.is_empty() && text == title
}

/// Paragraphs that are one link, and lists in which every item is one, lead away from the article.
fn drop_link_lists(pieces: &[Piece], kept: &mut [bool]) {
    let is_link = |piece: &Piece| piece.link_chars as f32 >= LINK_SHARE * piece.chars as f32;
    let mut lists: HashMap<_, (usize, usize)> = HashMap::new();
    for (piece, _) in pieces
        .iter()
        .zip(kept.iter())
        .filter(|(piece, kept)| **kept && piece.kind == BlockKind::ListItem)
    {
        let (links, all) = lists.entry(piece.parent).or_default();
        (*links, *all) = (*links + usize::from(is_link(piece)), *all + 1);
    }
    for (piece, keep) in pieces.iter().zip(kept.iter_mut()) {
        let goes = match piece.kind {
            BlockKind::Paragraph => is_link(piece) && !is_linked_sentence(piece),
            BlockKind::ListItem => lists
                .get(&piece.parent)
                .is_some_and(|(links, all)| links == all && *all > 1),
            _ => false,
        };
        *keep &= !goes;
    }
}

/// Whether a paragraph that is all link is prose: a label leads away, a sentence says something.
fn is_linked_sentence(piece: &Piece) -> bool {
    piece.chars >= LEAST_LINKED_SENTENCE_CHARS && piece.text.ends_with(['.', '!', '?', '”', '"', '»', '。'])
}

/// Brings back pieces that the extractor dropped from among pieces of the same parent that it kept.
fn recover(pieces: &Pieces, kept: &mut [bool], total: usize) {
    let mut around: HashMap<_, (usize, usize)> = HashMap::new();
    for (piece, _) in pieces.pieces.iter().zip(kept.iter()).filter(|(_, kept)| **kept) {
        let (count, chars) = around.entry(piece.parent).or_default();
        (*count, *chars) = (*count + 1, *chars + piece.chars);
    }
    for (index, (piece, keep)) in pieces.pieces.iter().zip(kept.iter_mut()).enumerate() {
        let Some((count, chars)) = around.get(&piece.parent) else {
            continue;
        };
        let is_prose = matches!(
            piece.kind,
            BlockKind::Paragraph | BlockKind::ListItem | BlockKind::Quote | BlockKind::Code | BlockKind::TableRow
        );
        let links = piece.link_chars as f32 / piece.chars as f32;
        if piece.taken_chars == 0
            && is_prose
            && *count >= 2
            && *chars >= total / 5
            && piece.chars >= LEAST_RECOVERED_CHARS
            && (links < 0.5 || is_linked_sentence(piece))
            && reason(pieces, index, total).is_none()
            && !is_furniture_line(&piece.text, links)
            && !is_byline_line(&piece.text)
        {
            *keep = true;
        }
    }
}

/// Brings back a heading that stands right before what was kept, and beside it.
fn recover_headings(pieces: &[Piece], kept: &mut [bool], title: &str) {
    for index in 0..pieces.len().saturating_sub(1) {
        let (heading, next) = (&pieces[index], &pieces[index + 1]);
        let is_prose = matches!(
            next.kind,
            BlockKind::Paragraph | BlockKind::Quote | BlockKind::Code | BlockKind::ListItem
        );
        let links = heading.link_chars as f32 / heading.chars as f32;
        let is_lost = !kept[index] && heading.taken_chars == 0 && matches!(heading.kind, BlockKind::Heading(_));
        if is_lost
            && is_prose
            && kept[index + 1]
            && heading.parent == next.parent
            && links < LINK_SHARE
            && !is_furniture_line(&heading.text, links)
            && !repeats(&heading.text, title)
        {
            kept[index] = true;
        }
    }
}

/// What comes after the element that holds nearly all of the text stands below the article: a request, a hint, a line of the
/// site's.
fn drop_tail(pieces: &[Piece], kept: &mut [bool], tree: &Tree) {
    let around = |piece: &Piece| {
        let parent = piece.parent.as_ref().and_then(|id| tree.tree.get(id));
        let outer = parent
            .as_ref()
            .map(|parent| parent.ancestors_it(None).collect::<Vec<_>>());
        parent
            .into_iter()
            .chain(outer.into_iter().flatten())
            .map(|node: NodeRef<'_>| node.id)
    };
    let mut weights: HashMap<NodeId, usize> = HashMap::new();
    let mut total = 0;
    for (piece, _) in pieces.iter().zip(kept.iter()).filter(|(_, kept)| **kept) {
        total += piece.chars;
        for id in around(piece) {
            *weights.entry(id).or_default() += piece.chars;
        }
    }
    let holds_nearly_all = |id: &NodeId| {
        weights
            .get(id)
            .is_some_and(|chars| *chars as f32 >= NEARLY_ALL * total as f32)
    };
    // Those that do lie in each other; the innermost has the most around it.
    let candidates = weights.keys().filter(|id| holds_nearly_all(id));
    let depth = |id: &&NodeId| tree.tree.get(id).map_or(0, |node| node.ancestors_it(None).count());
    let container = candidates.max_by_key(depth).copied();
    let Some(container) = container else { return };
    for index in (0..pieces.len()).rev().filter(|index| kept[*index]).collect::<Vec<_>>() {
        if around(&pieces[index]).any(|id| id == container) {
            break;
        }
        kept[index] = false;
    }
}

/// Picture galleries say each caption several times.
fn drop_repeated_captions(pieces: &[Piece], kept: &mut [bool]) {
    let mut seen = HashSet::new();
    for (piece, keep) in pieces
        .iter()
        .zip(kept.iter_mut())
        .filter(|(piece, _)| piece.kind == BlockKind::Caption)
    {
        *keep &= seen.insert(piece.text.as_str());
    }
}

/// A heading that nothing follows but another of its rank, or a higher one, or the end, was a heading of what went.
fn drop_idle_headings(pieces: &[Piece], kept: &mut [bool]) {
    // The rank of the nearest heading after the piece, when only headings lie between; 0 at the end.
    let mut next_rank = Some(0);
    for index in (0..kept.len())
        .rev()
        .filter(|index| pieces[*index].kind != BlockKind::Caption)
        .collect::<Vec<_>>()
    {
        let piece = &pieces[index];
        match piece.kind {
            BlockKind::Heading(rank) if kept[index] => {
                if next_rank.is_some_and(|next| next <= rank) {
                    kept[index] = false;
                } else {
                    next_rank = Some(rank);
                }
            }
            _ if kept[index] => next_rank = None,
            _ => {}
        }
    }
}
