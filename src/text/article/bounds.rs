//! Cuts HTML down to what can be parsed in bounded time and memory. A tree builder takes quadratic time for tags that
//! nest without end, and multiplies formatting tags that are never closed; scripts and pictures written into the page make
//! it large without a word of text.

use crate::steps::Meter;

/// Bytes of HTML without scripts, styles and comments.
const MOST_BYTES: usize = 4 << 20;
/// Elements; a tree takes about 250 bytes for each.
const MOST_ELEMENTS: usize = 120_000;
/// Open elements that nest; real pages stay below 100.
const DEEPEST: usize = 256;
/// Open tables in tables: what is done for each looks at all that is in it.
const MOST_TABLES: usize = 24;
/// Open formatting elements, which every new paragraph repeats.
const MOST_FORMATTING: usize = 24;
/// A longer attribute is a picture or a program.
const LONGEST_ATTRIBUTES_BYTES: usize = 8 << 10;

/// HTML that is safe to parse.
pub(super) struct Bounded {
    pub(super) html: String,
    /// How far the original was read.
    pub(super) read_bytes: usize,
}

/// A tag as written: `<div class="a">`, `</p>`.
struct Tag<'h> {
    name: &'h str,
    is_end: bool,
    attributes: &'h str,
    /// Where it ends in the HTML.
    end: usize,
}

/// The HTML without scripts (but data about the article), styles and comments, and without the tags that are too many.
pub(super) async fn bounded(html: &str, meter: &mut Meter) -> Bounded {
    let mut kept = String::with_capacity(html.len().min(MOST_BYTES));
    let (mut position, mut elements) = (0, 0);
    let (mut depth, mut tables, mut formatting) = (0_usize, 0_usize, 0_usize);
    let mut counted = 0;
    while let Some(offset) = html[position..].find('<') {
        meter.done(position - counted).await;
        counted = position;
        let at = position + offset;
        let text_len = push_text(&mut kept, &html[position..at]);
        if position + text_len < at || elements >= MOST_ELEMENTS {
            return Bounded {
                html: kept,
                read_bytes: position + text_len,
            };
        }
        let rest = &html[at..];
        if rest.starts_with("<!--") {
            position = comment_len(rest).map_or(html.len(), |len| at + len);
            continue;
        }
        if !begins_tag(&rest.as_bytes()[1..]) {
            // A lone `<`, a doctype, or a processing instruction.
            if !push(&mut kept, "<") {
                return Bounded {
                    html: kept,
                    read_bytes: at,
                };
            }
            position = at + 1;
            continue;
        }
        // A tag that is never closed swallows the rest, here as in a browser.
        let Some(tag) = tag_at(html, at) else {
            return Bounded {
                html: kept,
                read_bytes: html.len(),
            };
        };
        position = tag.end;
        let is = |names: &[&str]| names.iter().any(|name| tag.name.eq_ignore_ascii_case(name));
        if !tag.is_end && is(&["script", "style", "textarea"]) {
            let end = end_of_raw(html, tag.end, tag.name);
            if tag.name.eq_ignore_ascii_case("script") && tag.attributes.contains("ld+json") {
                push(&mut kept, &html[at..end]);
            }
            position = end;
            continue;
        }
        let is_formatting = is(&FORMATTING);
        let (open, most) = match () {
            () if is_formatting => (&mut formatting, MOST_FORMATTING),
            () if is(&["table"]) => (&mut tables, MOST_TABLES),
            () => (&mut depth, DEEPEST),
        };
        if is_formatting || !is(&NOT_NESTING) {
            if tag.is_end {
                // The end tags of those that were left out come first.
                *open = open.saturating_sub(1);
                if *open >= most {
                    continue;
                }
            } else {
                *open += 1;
                if *open > most {
                    continue;
                }
            }
        }
        // A new block repeats the formatting elements that are open.
        elements += match () {
            () if tag.is_end => 0,
            () if is_formatting => 1,
            () => 1 + formatting.min(MOST_FORMATTING),
        };
        let is_written = if tag.attributes.len() > LONGEST_ATTRIBUTES_BYTES {
            push(&mut kept, &format!("<{}>", tag.name))
        } else {
            push(&mut kept, &html[at..tag.end])
        };
        if !is_written {
            return Bounded {
                html: kept,
                read_bytes: at,
            };
        }
    }
    let read_bytes = position + push_text(&mut kept, &html[position..]);
    Bounded { html: kept, read_bytes }
}

/// Elements that close those of their kind, or have no end, and so do not nest by being forgotten.
const NOT_NESTING: [&str; 26] = [
    "a", "p", "li", "td", "th", "tr", "dd", "dt", "tbody", "thead", "tfoot", "br", "hr", "img", "input", "meta",
    "link", "source", "area", "base", "col", "embed", "wbr", "html", "head", "body",
];
const FORMATTING: [&str; 13] = [
    "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u",
];

/// Adds as much of a text as fits, and says how much that is.
fn push_text(kept: &mut String, text: &str) -> usize {
    let len = text.floor_char_boundary(MOST_BYTES.saturating_sub(kept.len()));
    kept.push_str(&text[..len]);
    len
}

/// Adds a tag if it fits.
fn push(kept: &mut String, slice: &str) -> bool {
    let fits = kept.len() + slice.len() <= MOST_BYTES;
    if fits {
        kept.push_str(slice);
    }
    fits
}

/// How long the comment is that the text begins with; none if it is never closed. As in a browser, `<!-->` and `--!>` close
/// one, too.
fn comment_len(rest: &str) -> Option<usize> {
    if let Some(abrupt) = ["<!-->", "<!--->"].iter().find(|abrupt| rest.starts_with(**abrupt)) {
        return Some(abrupt.len());
    }
    let mut position = "<!--".len();
    loop {
        let dashes = position + rest.get(position..)?.find("--")?;
        let after = &rest[dashes + 2..];
        match after.as_bytes() {
            [b'>', ..] => return Some(dashes + 3),
            [b'!', b'>', ..] => return Some(dashes + 4),
            _ => position = dashes + 1,
        }
    }
}

/// Whether what follows a `<` is the name of a tag.
fn begins_tag(after: &[u8]) -> bool {
    match after {
        [b'/', first, ..] | [first, ..] => first.is_ascii_alphabetic(),
        [] => false,
    }
}

/// The tag that begins at `at`; none if it is never closed.
fn tag_at(html: &str, at: usize) -> Option<Tag<'_>> {
    let bytes = html.as_bytes();
    let is_end = bytes.get(at + 1) == Some(&b'/');
    let start = at + 1 + usize::from(is_end);
    let name_len = bytes[start..]
        .iter()
        .take_while(|byte| !byte.is_ascii_whitespace() && !matches!(byte, b'>' | b'/'))
        .count();
    let name_end = start + name_len;
    let mut quote = None;
    let mut before = b'=';
    for (offset, byte) in bytes[name_end..].iter().enumerate() {
        match (quote, byte) {
            (None, b'>') => {
                let close = name_end + offset;
                return Some(Tag {
                    name: &html[start..name_end],
                    is_end,
                    attributes: &html[name_end..close],
                    end: close + 1,
                });
            }
            // A quotation mark opens a value only after `=`.
            (None, b'"' | b'\'') if before == b'=' => quote = Some(*byte),
            (Some(open), byte) if open == *byte => quote = None,
            _ => {}
        }
        if !byte.is_ascii_whitespace() {
            before = *byte;
        }
    }
    None
}

/// Where the element ends whose start tag ended at `from`; the end of the HTML if it is not closed.
fn end_of_raw(html: &str, from: usize, name: &str) -> usize {
    let mut position = from;
    while let Some(offset) = html[position..].find("</") {
        let at = position + offset;
        let after = at + 2 + name.len();
        if html
            .get(at + 2..after)
            .is_some_and(|found| found.eq_ignore_ascii_case(name))
        {
            return html[after..].find('>').map_or(html.len(), |end| after + end + 1);
        }
        position = at + 2;
    }
    html.len()
}
