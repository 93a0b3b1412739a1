//! What the names of elements and the words of a piece say about whether it belongs to the article. Words of English
//! class names, which pages in every language use; no name of any site.

/// Why an element looks as if it stood beside the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beside {
    /// Navigation, footers, share bars, advertisements, newsletter boxes, related articles, comments.
    Furniture,
    /// Bylines and dates.
    Byline,
    /// Captions and credits of pictures.
    Caption,
}

/// Parts of names that stand for furniture wherever they occur as a word of a name.
const FURNITURE_WORDS: [&str; 70] = [
    "donate",
    "donation",
    "donations",
    "patreon",
    "ad",
    "ads",
    "advert",
    "adverts",
    "advertisement",
    "advertising",
    "adsbygoogle",
    "affiliate",
    "disclosure",
    "sponsor",
    "sponsored",
    "promo",
    "promoted",
    "promotion",
    "outbrain",
    "taboola",
    "newsletter",
    "signup",
    "subscribe",
    "subscription",
    "paywall",
    "share",
    "sharing",
    "sharedaddy",
    "social",
    "socials",
    "addtoany",
    "addthis",
    "related",
    "recommended",
    "recommendations",
    "recirc",
    "recirculation",
    "readmore",
    "trending",
    "popular",
    "comment",
    "comments",
    "disqus",
    "respond",
    "breadcrumb",
    "breadcrumbs",
    "pagination",
    "pager",
    "nav",
    "navbar",
    "navigation",
    "menu",
    "sidebar",
    "widget",
    "widgets",
    "footer",
    "masthead",
    "cookie",
    "cookies",
    "consent",
    "gdpr",
    "banner",
    "popup",
    "modal",
    "tags",
    "taglist",
    "toolbar",
    "tooltip",
    "skip",
    "print",
];
const BYLINE_WORDS: [&str; 14] = [
    "byline",
    "author",
    "authors",
    "dateline",
    "timestamp",
    "pubdate",
    "publishdate",
    "published",
    "posted",
    "postmeta",
    "meta",
    "updated",
    "datetime",
    "bio",
];
const CAPTION_WORDS: [&str; 8] = [
    "caption",
    "captions",
    "credit",
    "credits",
    "figcaption",
    "photocredit",
    "imagecaption",
    "copyright",
];

/// Why the element stands beside the text, if its names say so.
pub(super) fn beside(tag: &str, class: &str, id: &str, role: &str, property: &str) -> Option<Beside> {
    if is_callout(class, role) {
        return None;
    }
    match tag {
        // A heading is what follows it is.
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => return None,
        "nav" | "footer" | "menu" | "form" | "aside" => return Some(Beside::Furniture),
        "address" => return Some(Beside::Byline),
        "figcaption" => return Some(Beside::Caption),
        "body" | "html" | "main" | "article" => return None,
        _ => {}
    }
    if matches!(
        role,
        "navigation"
            | "complementary"
            | "contentinfo"
            | "banner"
            | "search"
            | "menu"
            | "menubar"
            | "toolbar"
            | "tablist"
            | "dialog"
            | "alertdialog"
            | "alert"
    ) {
        return Some(Beside::Furniture);
    }
    if property
        .split_whitespace()
        .any(|name| matches!(name, "author" | "datePublished" | "dateModified"))
    {
        return Some(Beside::Byline);
    }
    let mut found = None;
    for name in class.split_whitespace().chain(id.split_whitespace()).take(24) {
        for word in words(name) {
            if FURNITURE_WORDS.contains(&word.as_str()) {
                return Some(Beside::Furniture);
            }
            if BYLINE_WORDS.contains(&word.as_str()) {
                found = Some(Beside::Byline);
            } else if CAPTION_WORDS.contains(&word.as_str()) {
                found = found.or(Some(Beside::Caption));
            }
        }
    }
    found
}

/// What boxes in a text are called that warn, or give a tip.
const CALLOUT_WORDS: [&str; 11] = [
    "admonition",
    "callout",
    "note",
    "tip",
    "hint",
    "warning",
    "caution",
    "important",
    "danger",
    "pitfall",
    "notice",
];

/// Whether an element is a box that belongs to the text.
pub(super) fn is_callout(class: &str, role: &str) -> bool {
    let of_class = || {
        class
            .split_whitespace()
            .take(24)
            .flat_map(words)
            .any(|word| CALLOUT_WORDS.contains(&word.as_str()))
    };
    role == "note" && !names(class, &["hatnote"])
        || (!class.is_empty() && of_class() && !names(class, &FURNITURE_WORDS))
}

fn names(class: &str, those: &[&str]) -> bool {
    class
        .split_whitespace()
        .take(24)
        .flat_map(words)
        .any(|word| those.contains(&word.as_str()))
}

const COMMENT_WORDS: [&str; 12] = [
    "comments",
    "commentlist",
    "comment",
    "replies",
    "responses",
    "discussion",
    "disqus",
    "kommentare",
    "commentaires",
    "comentarios",
    "reacties",
    "commenti",
];

/// Whether a name says that the element holds what readers wrote: `comments`, `comment-list`.
pub(super) fn names_comments(class: &str, id: &str) -> bool {
    let says = |name: &str| {
        let words: Vec<String> = words(name).collect();
        // `has-comments`, `comments-open` say something of the page.
        let is_of_page = words.iter().any(|word| {
            matches!(
                word.as_str(),
                "has" | "no" | "with" | "open" | "closed" | "count" | "single"
            )
        });
        !is_of_page && words.iter().any(|word| COMMENT_WORDS.contains(&word.as_str()))
    };
    class.split_whitespace().chain(id.split_whitespace()).take(24).any(says)
}

/// Whether a heading is one of comments: `Comments`, `5 replies`, `Kommentare (12)`.
pub(super) fn is_comment_heading(text: &str) -> bool {
    let line = text.trim().to_lowercase();
    let is_word = |word: &str| {
        COMMENT_WORDS.contains(&word)
            || matches!(
                word,
                "reply"
                    | "response"
                    | "kommentar"
                    | "commentaire"
                    | "comentario"
                    | "comentários"
                    | "reactie"
                    | "コメント"
                    | "تعليقات"
                    | "комментарии"
                    | "leserkommentare"
                    | "antworten"
                    | "réponses"
                    | "respuestas"
            )
    };
    let is_beside = |word: &str| {
        word.chars().all(|c| c.is_ascii_digit())
            || matches!(word, "reader" | "readers" | "s" | "all" | "the" | "on" | "to")
    };
    let words: Vec<&str> = line
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .collect();
    words.len() <= 4
        && words.iter().any(|word| is_word(word))
        && words.iter().all(|word| is_word(word) || is_beside(word))
}

/// The words of a name such as `related-articles`, `shareBar` or `post__meta`, in small letters.
fn words(name: &str) -> impl Iterator<Item = String> + '_ {
    let mut rest = name;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphabetic());
        let first = rest.chars().next()?;
        let upper_run = first.is_ascii_uppercase();
        let mut end = first.len_utf8();
        let mut before = first;
        for c in rest[end..].chars() {
            let turns = c.is_ascii_uppercase() && before.is_ascii_lowercase();
            if !c.is_ascii_alphabetic() || (turns && (upper_run || before.is_ascii_lowercase())) {
                break;
            }
            before = c;
            end += c.len_utf8();
        }
        let word = rest[..end].to_ascii_lowercase();
        rest = &rest[end..];
        Some(word)
    })
}

/// Openings of short lines that lead away from the article, in small letters.
const FURNITURE_OPENINGS: [&str; 47] = [
    "donate",
    "support us",
    "advert",
    "share this",
    "share on",
    "sharing is caring",
    "like this",
    "follow us",
    "follow me",
    "sign up",
    "subscribe",
    "click here",
    "read more",
    "read next",
    "read also",
    "see more",
    "see also",
    "related",
    "also read",
    "also on",
    "more:",
    "more from",
    "more on",
    "don't miss",
    "don’t miss",
    "join our",
    "join the",
    "image 1",
    "image 2",
    "image 3",
    "image 4",
    "image 5",
    "tags",
    "filed under",
    "comments",
    "leave a comment",
    "leave a reply",
    "loading",
    "listen to this",
    "watch:",
    "sponsored",
    "all rights reserved",
    "©",
    "copyright",
    "this post contains affiliate",
    "this post may contain affiliate",
    "media playback is",
];
/// Whole lines that are labels of buttons.
const FURNITURE_LINES: [&str; 14] = [
    "close",
    "caption",
    "share",
    "print",
    "email",
    "tweet",
    "warning",
    "comments",
    "advert",
    "top",
    "back to top",
    "recommended",
    "next",
    "previous",
];
/// Longer lines are sentences, whatever they begin with.
const LONGEST_FURNITURE_LINE: usize = 160;

/// Whether the words of a line say that it is furniture. `links`: the share of its characters in links.
pub(super) fn is_furniture_line(text: &str, links: f32) -> bool {
    if !text.contains(char::is_alphanumeric) {
        return true;
    }
    if text.len() > LONGEST_FURNITURE_LINE {
        return false;
    }
    let line = text.to_lowercase();
    if FURNITURE_LINES.contains(&line.trim_end_matches([':', '.', '!'])) || line.chars().all(|c| c.is_ascii_digit()) {
        return true;
    }
    if is_row_of_labels(&line, links) {
        return true;
    }
    // A sentence that happens to begin so has no link in it and ends in a stop.
    let is_sentence = links == 0.0 && line.ends_with('.') && line.len() > 60;
    !is_sentence && FURNITURE_OPENINGS.iter().any(|opening| line.starts_with(opening))
}

/// What stands between the labels of a row.
const LABEL_SEPARATORS: [&str; 5] = [" · ", " | ", " • ", " » ", " › "];
/// A longer part of a line is no label.
const LONGEST_LABEL: usize = 40;

/// Whether a line is a row of labels, some of them links: `Page 1 of 3 · Watch this topic · Print`.
fn is_row_of_labels(line: &str, links: f32) -> bool {
    let is_row = |separator: &&str| {
        line.matches(separator).count() >= 2 && line.split(separator).all(|part| part.len() <= LONGEST_LABEL)
    };
    links > 0.0 && !line.ends_with('.') && LABEL_SEPARATORS.iter().any(is_row)
}

/// Whether an element in a heading is a handle of the page's and not of its words: a permanent link that is a mere sign, or
/// a link to the heading's editor. The same is left out of the visible text, in `extension/js/content/shown.js`.
pub(super) fn is_handle(tag: &str, class: &str, text: impl FnOnce() -> String) -> bool {
    let is_sign = tag == "a" && !text().contains(char::is_alphanumeric);
    is_sign
        || class
            .split_whitespace()
            .flat_map(words)
            .any(|word| word == "editsection")
}

/// Whether a line is a byline or a date: `By Jo Doe`, `Updated 12:24 am EST, Wednesday`.
pub(super) fn is_byline_line(text: &str) -> bool {
    let line = text.to_lowercase();
    let count = line.split_whitespace().count();
    let opens = |openings: &[&str]| openings.iter().any(|opening| line.starts_with(opening));
    let has_digit = line.contains(|c: char| c.is_ascii_digit());
    let has_year = line
        .split(|c: char| !c.is_ascii_digit())
        .any(|digits| digits.len() == 4 && (digits.starts_with("19") || digits.starts_with("20")));
    let has_stop = line.ends_with(['.', '!', '?', ':']) && !line.ends_with("m.");
    (count <= 16 && has_digit && opens(&["updated", "published", "posted", "last updated", "first published"]))
        || (count <= 10 && opens(&["by "]) && !has_stop)
        || (count <= 8 && has_year && !has_stop && MONTHS.iter().any(|month| line.contains(month)))
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];

/// Whether a line names the source of a picture.
pub(super) fn is_credit_line(text: &str) -> bool {
    let line = text.trim_start_matches(['(', '[']).to_lowercase();
    let opens = [
        "photo:",
        "photo by",
        "photos:",
        "image:",
        "image credit",
        "images:",
        "credit:",
        "photo credit",
        "picture:",
        "image copyright",
        "image caption",
        "media caption",
        "photograph:",
        "source: getty",
        "getty images",
    ];
    line.len() <= 200 && opens.iter().any(|opening| line.starts_with(opening))
}
