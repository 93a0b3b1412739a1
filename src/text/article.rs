//! The main content of a page, from its HTML: title, byline, date, language, and the article's text in blocks of a known
//! kind, without navigation, advertisements, comments and what else stands beside it.
//!
//! The `dom_smoothie` library (Mozilla's Readability in Rust) proposes which text nodes are the article. The blocks are
//! cut from the page's own tree and mended there, where names and neighbours are still known: of the library's text 92 %
//! belongs to the article on the development pages, of the mended text 97 %, and as much of the article is found.
//!
//! Total: any text is accepted as HTML, in bounded time and memory; [`Article::read_bytes`] says how much of it was read.

mod bounds;
mod hints;
mod mend;
mod pieces;
mod prepare;
#[cfg(test)]
mod tests;

use crate::steps::{Meter, Steps};
use dom_query::{Document as Tree, NodeId};
use dom_smoothie::{Config, Readability};
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tree_builder::TreeBuilderOpts;
use html5ever::{ParseOpts, parse_document};
use std::collections::HashSet;

/// Less prose than this, in characters that are not white space, is no article.
const LEAST_PROSE_CHARS: usize = 110;
/// A paragraph shorter than this is a label, not prose.
const LEAST_PARAGRAPH_CHARS: usize = 40;
/// What mostly consists of links is an index of other pages.
const LARGEST_LINK_SHARE: f32 = 0.6;
/// A title or byline longer than this is not one.
const LONGEST_FIELD_BYTES: usize = 500;

/// What a block of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BlockKind {
    /// A heading of this rank, 1 the highest, 6 the lowest.
    Heading(u8),
    /// Running text.
    Paragraph,
    /// An item of a list, a term, or its definition.
    ListItem,
    /// One row of a table; its cells are divided by tabs.
    TableRow,
    /// What stands under a picture or over a table: a caption, a credit.
    Caption,
    /// Preformatted text, white space as it was.
    Code,
    /// Words of somebody else.
    Quote,
}

/// One block of an article.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// Its text, white space collapsed except in code; not empty.
    pub text: String,
}

/// The main content of a page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Article {
    /// The article's title, without the site's name where it can be told apart.
    pub title: Option<String>,
    /// Who wrote it.
    pub byline: Option<String>,
    /// When it was published, as the page writes it for machines.
    pub date: Option<String>,
    /// The language that the page declares (`en`, `de-AT`, …).
    pub language: Option<String>,
    /// In reading order; empty when there is no article.
    pub blocks: Vec<Block>,
    /// Whether the page has an article. A web application or a list of search results has none: then read the visible
    /// text, and say so.
    pub is_article: bool,
    /// How much of the HTML was read.
    pub read_bytes: usize,
    /// How long the HTML is.
    pub total_bytes: usize,
}

impl Article {
    /// The text without captions, a line for each block.
    pub fn text(&self) -> String {
        let blocks = self.blocks.iter().filter(|block| block.kind != BlockKind::Caption);
        blocks.map(|block| block.text.as_str()).collect::<Vec<_>>().join("\n")
    }
}

/// HTML that is parsed at a time.
const PARSED_BYTES: usize = 8 << 10;
/// What a node costs to look at, in units of [`crate::steps`].
const NODE_UNITS: usize = 64;

/// Finds the article of a page.
///
/// At most 4 MiB of HTML are read, scripts and styles not counted, and at most 120,000 elements; elements nested deeper
/// than 256, and tables deeper than 24, are read as if they were not there, with their text.
pub fn article(html: &str) -> Article {
    article_in_steps(html).run()
}

/// As [`article`], in steps. One of them is long on a large page, for it cannot be divided: what the `dom_smoothie` library
/// does.
pub fn article_in_steps(html: &str) -> Steps<'_, Article> {
    Steps::new(find(html))
}

async fn find(html: &str) -> Article {
    let mut meter = Meter::default();
    let bounded = bounds::bounded(html, &mut meter).await;
    let mut article = Article {
        read_bytes: bounded.read_bytes,
        total_bytes: html.len(),
        ..Article::default()
    };
    let tree = parsed(&bounded.html, &mut meter).await;
    article.language = tree.select("html[lang]").attr("lang").and_then(|lang| field(&lang));
    article.date = date(&tree);
    prepare::prepare(&tree, &tree.select("title").text());
    meter.done(crate::steps::STEP_UNITS).await;
    let Ok(mut reader) = Readability::with_document(tree.clone(), None, Some(Config::default())) else {
        return article;
    };
    let Ok(found) = reader.parse() else {
        article.title = field(&tree.select("title").text());
        return article;
    };
    article.title = field(&found.title);
    article.byline = found.byline.as_deref().and_then(field);
    article.date = found.published_time.as_deref().and_then(field).or(article.date);
    article.language = article.language.or(found.lang.as_deref().and_then(field));
    meter.done(crate::steps::STEP_UNITS).await;

    let content = reader.doc.select("#readability-page-1");
    let mut taken: HashSet<NodeId> = HashSet::new();
    for node in content.nodes().iter().flat_map(|node| node.descendants_it()) {
        if node.is_text() {
            taken.insert(node.id);
        }
        meter.done(NODE_UNITS).await;
    }
    let mut pieces = pieces::pieces(&tree.root(), &taken, &mut meter).await;
    let kept = mend::mend(&mut pieces, article.title.as_deref().unwrap_or_default(), &tree);
    let pieces: Vec<_> = pieces
        .pieces
        .into_iter()
        .zip(kept)
        .filter_map(|(piece, kept)| kept.then_some(piece))
        .collect();
    article.is_article = is_article(&pieces);
    if article.is_article {
        let block = |piece: pieces::Piece| Block {
            kind: piece.kind,
            text: piece.text,
        };
        article.blocks = pieces.into_iter().map(block).collect();
    }
    article
}

/// The tree of the HTML, as `Tree::from` makes it, piece by piece.
async fn parsed(html: &str, meter: &mut Meter) -> Tree {
    let options = ParseOpts {
        tree_builder: TreeBuilderOpts {
            scripting_enabled: false,
            ..TreeBuilderOpts::default()
        },
        ..ParseOpts::default()
    };
    let mut parser = parse_document(Tree::default(), options);
    let mut rest = html;
    while !rest.is_empty() {
        let (piece, after) = rest.split_at(rest.ceil_char_boundary(PARSED_BYTES.min(rest.len())));
        parser.process(StrTendril::from(piece));
        rest = after;
        meter.done(piece.len() * 4).await;
    }
    parser.finish()
}

/// Whether the pieces hold enough prose, and are not mostly links.
fn is_article(pieces: &[pieces::Piece]) -> bool {
    let is_prose = |piece: &&pieces::Piece| {
        !matches!(piece.kind, BlockKind::Heading(_) | BlockKind::Caption)
            && (piece.chars >= LEAST_PARAGRAPH_CHARS || piece.kind != BlockKind::Paragraph)
    };
    let prose: usize = pieces.iter().filter(is_prose).map(|piece| piece.chars).sum();
    let links: usize = pieces.iter().filter(is_prose).map(|piece| piece.link_chars).sum();
    // A Chinese character says as much as three letters.
    let ideographs = pieces
        .iter()
        .filter(is_prose)
        .flat_map(|piece| piece.text.chars())
        .filter(|c| u32::from(*c) >= 0x2E80);
    prose + 2 * ideographs.count() >= LEAST_PROSE_CHARS && links as f32 <= LARGEST_LINK_SHARE * prose as f32
}

/// The date of publication where the library does not look for it.
fn date(tree: &Tree) -> Option<String> {
    let places = [
        ("meta[itemprop='datePublished']", "content"),
        (
            "meta[name='date'], meta[name='pubdate'], meta[name='publish-date']",
            "content",
        ),
        ("time[itemprop='datePublished'], time[pubdate]", "datetime"),
        ("article time[datetime]", "datetime"),
        ("time[datetime]", "datetime"),
    ];
    places.iter().find_map(|(place, attribute)| {
        tree.select_single(place)
            .attr(attribute)
            .and_then(|value| field(&value))
    })
}

/// A value of a page, its white space collapsed; none if empty or too long.
fn field(value: &str) -> Option<String> {
    let value = value.split_whitespace().collect::<Vec<_>>().join(" ");
    (!value.is_empty() && value.len() <= LONGEST_FIELD_BYTES).then_some(value)
}
