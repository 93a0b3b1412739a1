//! What is mended in the page's tree before the extractor sees it, which weighs text by its length and so is led astray by
//! whatever is long: another article below, comments that outgrow their post. And boxes that belong to the text are told from
//! boxes beside it.

use super::hints::{is_callout, is_comment_heading, names_comments};
use dom_query::{Document as Tree, NodeData, NodeId, NodeRef};
use std::collections::{HashMap, HashSet};

/// So much prose must be left, in characters that are not white space.
const LEAST_PROSE_CHARS: usize = 120;
/// A shorter run of text is a label.
const LEAST_RUN_CHARS: usize = 30;
/// So many words of a heading must be the title's.
const LEAST_TITLE_WORDS: usize = 2;

/// Mends the tree. The time is linear in it.
pub(super) fn prepare(tree: &Tree, title: &str) {
    open_callouts(tree);
    let outline = outline(tree);
    let about = outline.headings.iter().position(|(_, text)| is_in_title(text, title));
    if let Some(about) = about {
        drop_other_articles(&outline, about);
    }
    drop_comments(&outline);
}

/// A box with a warning or a tip stands in the text, whatever its element says.
fn open_callouts(tree: &Tree) {
    for aside in tree.select("aside").nodes() {
        let attribute = |name: &str| aside.attr(name).unwrap_or_default();
        if is_callout(&attribute("class"), &attribute("role")) {
            aside.rename("div");
        }
    }
}

/// The page in the order of its text.
struct Outline<'t> {
    /// Headings of the first two ranks, with their words.
    headings: Vec<(NodeRef<'t>, String)>,
    /// What is called comments or begins with such a heading: the element, and how much prose stands before it.
    comments: Vec<(NodeRef<'t>, usize)>,
}

fn outline(tree: &Tree) -> Outline<'_> {
    let mut outline = Outline {
        headings: Vec::new(),
        comments: Vec::new(),
    };
    let mut prose = 0;
    let mut stack = vec![(tree.root(), false)];
    while let Some((node, is_beside)) = stack.pop() {
        let text = node.query(|node| match &node.data {
            NodeData::Text { contents } => Some(contents.chars().filter(|c| !c.is_whitespace()).count()),
            _ => None,
        });
        if let Some(chars) = text.flatten() {
            prose += if is_beside || chars < LEAST_RUN_CHARS { 0 } else { chars };
            continue;
        }
        let mut is_beside = is_beside;
        if let Some(element) = node.element_ref() {
            let tag: &str = &element.name.local;
            let attribute = |name: &str| {
                let found = element.attrs.iter().find(|attr| &*attr.name.local == name);
                found.map_or("", |attr| &*attr.value)
            };
            match tag {
                "script" | "style" | "head" | "noscript" | "template" => continue,
                "nav" | "footer" | "aside" | "form" | "header" => is_beside = true,
                "h1" | "h2" => outline.headings.push((node, words(&beginning(&node)).join(" "))),
                _ => {}
            }
            let is_heading = matches!(tag, "h1" | "h2" | "h3" | "h4");
            if matches!(tag, "div" | "section" | "ol" | "ul" | "aside" | "article")
                && names_comments(attribute("class"), attribute("id"))
            {
                outline.comments.push((node, prose));
                continue;
            }
            // What a heading of comments stands in, if it opens it.
            if is_heading
                && is_comment_heading(&beginning(&node))
                && let Some(parent) = node.parent().filter(|parent| opens(parent, &node))
            {
                outline.comments.push((parent, prose));
            }
        }
        stack.extend(node.children_it(true).map(|child| (child, is_beside)));
    }
    outline
}

/// Whether the heading is the first that its parent holds, and the parent is not the page.
fn opens(parent: &NodeRef<'_>, heading: &NodeRef<'_>) -> bool {
    let first = parent.children_it(false).find(|child| child.is_element());
    let is_part = parent
        .element_ref()
        .is_some_and(|element| matches!(&*element.name.local, "div" | "section" | "aside"));
    is_part && first.is_some_and(|first| first.id == heading.id)
}

/// Articles that the page shows after the one that it is about, each with a heading of its own of the same rank.
fn drop_other_articles(outline: &Outline<'_>, about: usize) {
    let (heading, _) = &outline.headings[about];
    let rank = heading.node_name();
    let others = outline.headings[about + 1..]
        .iter()
        .filter(|(other, _)| other.node_name() == rank);
    let ancestors: Vec<_> = heading.ancestors_it(None).collect();
    let own_ids: HashSet<NodeId> = ancestors.iter().map(|own| own.id).collect();
    let mut prose: HashMap<NodeId, usize> = HashMap::new();
    for (other, _) in others {
        // The part that holds the other heading and not this one, and the part beside it that holds this one.
        let Some(part) = other
            .ancestors_it(None)
            .take_while(|part| !own_ids.contains(&part.id))
            .last()
        else {
            continue;
        };
        let Some(around) = part.parent() else { continue };
        let beside = |own: &&NodeRef<'_>| own.parent().is_some_and(|parent| parent.id == around.id);
        let Some(own) = ancestors.iter().find(beside) else {
            continue;
        };
        // Sections of one article have headings of lower rank than its title, or the same element around them.
        let are_articles = is_article(own) && is_article(&part);
        let are_alike = rank.as_deref() == Some("h1")
            && own.node_name() == part.node_name()
            && own.attr("class") == part.attr("class");
        let is_other = are_articles || are_alike;
        if is_other && *prose.entry(own.id).or_insert_with(|| prose_of(own)) >= LEAST_PROSE_CHARS {
            part.remove_from_parent();
        }
    }
}

/// Whether the element is an article, or stands closely around one.
fn is_article(node: &NodeRef<'_>) -> bool {
    let is_named = node.has_name("article") || node.attr("role").is_some_and(|role| &*role == "article");
    is_named
        || node
            .descendants_it()
            .take(MOST_INSIDE)
            .any(|inner| inner.has_name("article"))
}

/// The first words of an element: headings nest in pages that mean harm, and each holds the text of all in it.
fn beginning(node: &NodeRef<'_>) -> String {
    let mut text = String::new();
    for part in node.descendants_it().take(MOST_INSIDE).filter(NodeRef::is_text) {
        text.extend(part.text().chars().take(LONGEST_HEADING_CHARS));
        text.push(' ');
    }
    text
}

/// Longer headings are cut.
const LONGEST_HEADING_CHARS: usize = 300;
/// So many nodes are looked at for an article inside.
const MOST_INSIDE: usize = 24;

fn prose_of(node: &NodeRef<'_>) -> usize {
    let runs = node
        .descendants_it()
        .filter(NodeRef::is_text)
        .map(|text| text.text().trim().chars().count());
    runs.filter(|chars| *chars >= LEAST_RUN_CHARS).sum()
}

/// Comments go where the post before them is long enough to be one.
fn drop_comments(outline: &Outline<'_>) {
    for (comments, prose_before) in &outline.comments {
        if *prose_before >= LEAST_PROSE_CHARS {
            comments.remove_from_parent();
        }
    }
}

/// Whether a heading says the title, or the title but for the site's name.
fn is_in_title(heading: &str, title: &str) -> bool {
    let title = format!(" {} ", words(title).join(" "));
    heading.split(' ').count() >= LEAST_TITLE_WORDS && title.contains(&format!(" {heading} "))
}

fn words(text: &str) -> Vec<String> {
    let words = text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect()
}
