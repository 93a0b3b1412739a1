//! The page's own tree, cut into pieces of text: one for each paragraph, heading, list item, row of a table and so on,
//! with what the tree says about each. The walk keeps its own stack, so that no nesting is too deep for it.

use super::hints::{Beside, beside, is_handle};
use super::{BlockKind, NODE_UNITS};
use crate::steps::Meter;
use dom_query::{NodeData, NodeId, NodeRef};
use std::collections::HashSet;

/// A piece of text, not empty, and what its place in the tree says.
#[derive(Debug)]
pub(super) struct Piece {
    /// White space collapsed, except in code.
    pub(super) text: String,
    pub(super) kind: BlockKind,
    /// Characters that are not white space.
    pub(super) chars: usize,
    /// Of those, the ones that the extractor took.
    pub(super) taken_chars: usize,
    /// Of those, the ones inside links.
    pub(super) link_chars: usize,
    /// The block element around the one that holds the piece; pieces with the same parent stand side by side.
    pub(super) parent: Option<NodeId>,
    /// The innermost element around the piece that looks as if it stood beside the text; an index into
    /// [`Pieces::asides`].
    pub(super) aside: Option<usize>,
}

/// An element whose name says that it stands beside the text.
#[derive(Debug)]
pub(super) struct Aside {
    pub(super) reason: Beside,
    pub(super) taken_chars: usize,
    /// The aside around this one.
    pub(super) outer: Option<usize>,
}

/// A page's pieces in reading order.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pub(super) pieces: Vec<Piece>,
    pub(super) asides: Vec<Aside>,
}

/// What holds for everything inside an element.
#[derive(Debug, Clone, Copy)]
struct Context {
    kind: BlockKind,
    is_link: bool,
    keeps_space: bool,
    aside: Option<usize>,
    /// The innermost block element.
    block: Option<NodeId>,
    /// The block element around that.
    parent: Option<NodeId>,
}

enum Step<'a> {
    Enter(NodeRef<'a>, Context),
    /// The end of a block element.
    Leave,
}

/// Cuts the tree below `root`. `taken` holds the text nodes that the extractor took.
pub(super) async fn pieces(root: &NodeRef<'_>, taken: &HashSet<NodeId>, meter: &mut Meter) -> Pieces {
    let mut builder = Builder::default();
    let start = Context {
        kind: BlockKind::Paragraph,
        is_link: false,
        keeps_space: false,
        aside: None,
        block: None,
        parent: None,
    };
    let mut stack = vec![Step::Enter(*root, start)];
    // Of the text that is being put together, what the meter has heard of.
    let mut counted = 0;
    while let Some(step) = stack.pop() {
        meter
            .done(NODE_UNITS + 4 * builder.text.len().saturating_sub(counted))
            .await;
        counted = builder.text.len();
        match step {
            Step::Leave => builder.flush(),
            Step::Enter(node, context) => {
                if let Some((inner, is_block)) = builder.enter(&node, context, taken) {
                    if is_block {
                        stack.push(Step::Leave);
                    }
                    stack.extend(node.children_it(true).map(|child| Step::Enter(child, inner)));
                }
            }
        }
    }
    builder.flush();
    builder.done
}

#[derive(Default)]
struct Builder {
    done: Pieces,
    text: String,
    context: Option<Context>,
    space_due: bool,
    chars: usize,
    taken_chars: usize,
    link_chars: usize,
}

impl Builder {
    /// What holds inside the element, and whether it is a block; `None` where there is nothing to visit.
    fn enter(&mut self, node: &NodeRef<'_>, mut context: Context, taken: &HashSet<NodeId>) -> Option<(Context, bool)> {
        if let Some(text) = text_of(node) {
            self.add(&text, context, taken.contains(&node.id));
            return None;
        }
        let Some(element) = node.element_ref() else {
            return (node.is_document() || node.is_fragment()).then_some((context, false));
        };
        let tag: &str = &element.name.local;
        if is_never_text(tag) {
            return None;
        }
        let attribute = |name: &str| {
            let found = element.attrs.iter().find(|attr| &*attr.name.local == name);
            found.map_or("", |attr| &*attr.value)
        };
        if tag == "br" {
            self.break_line();
            return None;
        }
        let has = |name: &str| element.attrs.iter().any(|attr| &*attr.name.local == name);
        let style = attribute("style");
        if has("hidden") || style.contains("display:none") || style.contains("display: none") {
            return None;
        }
        let is_in_heading = matches!(context.kind, BlockKind::Heading(_));
        if is_in_heading && is_handle(tag, attribute("class"), || node.text().to_string()) {
            return None;
        }
        let is_block = is_block(tag);
        let is_cell = matches!(tag, "td" | "th");
        if is_block || (is_cell && holds_blocks(node)) {
            self.flush();
            context.parent = context.block;
            context.block = Some(node.id);
        } else if is_cell {
            self.break_cell();
        }
        context.kind = kind_inside(tag, attribute("role"), attribute("aria-level"), context.kind);
        context.is_link |= tag == "a" && has("href");
        context.keeps_space |= tag == "pre";
        if let Some(reason) = beside(
            tag,
            attribute("class"),
            attribute("id"),
            attribute("role"),
            attribute("itemprop"),
        ) {
            self.done.asides.push(Aside {
                reason,
                taken_chars: 0,
                outer: context.aside,
            });
            context.aside = Some(self.done.asides.len() - 1);
        }
        Some((context, is_block || (is_cell && holds_blocks(node))))
    }

    fn add(&mut self, text: &str, context: Context, is_taken: bool) {
        let before = self.text.len();
        for c in text.chars() {
            if c.is_whitespace() && !context.keeps_space {
                self.space_due |= !self.text.is_empty();
                continue;
            }
            if std::mem::take(&mut self.space_due) && !self.text.ends_with(['\n', '\t']) {
                self.text.push(' ');
            }
            if matches!(c, '\u{ad}' | '\u{200b}') {
                continue;
            }
            self.text.push(c);
        }
        let visible = self.text[before..].chars().filter(|c| !c.is_whitespace()).count();
        if visible == 0 {
            return;
        }
        self.context.get_or_insert(context);
        self.chars += visible;
        self.taken_chars += if is_taken { visible } else { 0 };
        self.link_chars += if context.is_link { visible } else { 0 };
    }

    fn break_line(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\n') {
            self.text.push('\n');
        } else if self.text.ends_with('\n') {
            // Two line breaks in a row part paragraphs.
            self.flush();
        }
        self.space_due = false;
    }

    fn break_cell(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with('\t') {
            self.text.push('\t');
        }
        self.space_due = false;
    }

    fn flush(&mut self) {
        let text = std::mem::take(&mut self.text);
        let (chars, taken_chars, link_chars) = (self.chars, self.taken_chars, self.link_chars);
        (self.chars, self.taken_chars, self.link_chars, self.space_due) = (0, 0, 0, false);
        let Some(context) = self.context.take() else { return };
        let mut outer = context.aside;
        while let Some(aside) = outer {
            self.done.asides[aside].taken_chars += taken_chars;
            outer = self.done.asides[aside].outer;
        }
        self.done.pieces.push(Piece {
            text: if context.keeps_space {
                text.trim_matches('\n').to_owned()
            } else {
                text.trim().to_owned()
            },
            kind: context.kind,
            chars,
            taken_chars,
            link_chars,
            parent: context.parent,
            aside: context.aside,
        });
    }
}

fn text_of(node: &NodeRef<'_>) -> Option<String> {
    node.query(|node| match &node.data {
        NodeData::Text { contents } => Some(contents.to_string()),
        _ => None,
    })
    .flatten()
}

/// Elements whose content is not read.
fn is_never_text(tag: &str) -> bool {
    matches!(
        tag,
        "script"
            | "style"
            | "noscript"
            | "template"
            | "head"
            | "select"
            | "option"
            | "datalist"
            | "textarea"
            | "button"
            | "svg"
            | "math"
            | "iframe"
            | "object"
            | "embed"
            | "audio"
            | "video"
            | "canvas"
            | "progress"
            | "meter"
            | "dialog"
            | "rt"
            | "rp"
    )
}

fn is_block(tag: &str) -> bool {
    matches!(
        tag,
        "address"
            | "article"
            | "aside"
            | "blockquote"
            | "body"
            | "caption"
            | "center"
            | "dd"
            | "details"
            | "dir"
            | "div"
            | "dl"
            | "dt"
            | "fieldset"
            | "figcaption"
            | "figure"
            | "footer"
            | "form"
            | "h1"
            | "h2"
            | "h3"
            | "h4"
            | "h5"
            | "h6"
            | "header"
            | "hgroup"
            | "hr"
            | "html"
            | "legend"
            | "li"
            | "main"
            | "menu"
            | "nav"
            | "ol"
            | "p"
            | "pre"
            | "section"
            | "summary"
            | "table"
            | "tbody"
            | "tfoot"
            | "thead"
            | "tr"
            | "ul"
    )
}

/// Whether a table's cell is there for the layout.
fn holds_blocks(cell: &NodeRef<'_>) -> bool {
    cell.children_it(false)
        .any(|child| child.element_ref().is_some_and(|element| is_block(&element.name.local)))
}

fn kind_inside(tag: &str, role: &str, level: &str, outer: BlockKind) -> BlockKind {
    match tag.as_bytes() {
        [b'h', digit @ b'1'..=b'6'] => BlockKind::Heading(digit - b'0'),
        _ if role == "heading" => BlockKind::Heading(level.parse().map_or(2, |level: u8| level.clamp(1, 6))),
        b"figcaption" | b"caption" => BlockKind::Caption,
        b"pre" => BlockKind::Code,
        b"blockquote" => BlockKind::Quote,
        b"li" | b"dd" | b"dt" => BlockKind::ListItem,
        b"tr" => BlockKind::TableRow,
        // A cell with paragraphs in it is there for the layout.
        b"p" | b"div" if outer == BlockKind::TableRow => BlockKind::Paragraph,
        _ => outer,
    }
}
