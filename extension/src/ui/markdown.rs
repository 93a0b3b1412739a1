//! Results as Markdown whose sentences lead to their places in the page by text fragments (`#:~:text=`, of the WICG's draft *URL
//! Fragment Text Directives*), so that a shared quote opens where it stands. Pure functions, tested on the host.

use super::paragraphs::utf16_len;
use super::phrases::{SHOWN_LABELS, answer_line};
use crate::protocol::{Answers, Labels, SummarySection, SummarySentence};
use crate::words::{percent, say};

/// Up to here, in UTF-16 code units, the whole sentence names its place; a longer one is named by its first and last words.
const LONGEST_WHOLE_QUOTE: u32 = 300;
const WORDS_AT_THE_ENDS: usize = 6;

/// The page that a result is of.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// Its title; empty if it has none.
    pub title: &'a str,
    /// Its address without a fragment; empty for a text that has none: then nothing leads anywhere.
    pub url: &'a str,
}

/// A summary: its sentences, or its key points by section if there are `sections`.
pub fn summary(sentences: &[SummarySentence], sections: &[SummarySection], page: &Page<'_>) -> String {
    let mut lines = page.head();
    if sections.is_empty() {
        lines.extend(sentences.iter().map(|sentence| page.item(&sentence.text)));
    }
    for (index, section) in sections.iter().enumerate() {
        if index > 0 {
            lines.push(String::new());
        }
        if !section.heading.is_empty() {
            lines.extend([format!("## {}", escaped(&section.heading)), String::new()]);
        }
        lines.extend(section.points.iter().map(|point| page.item(&point.text)));
    }
    joined(lines)
}

/// A question and the passages that may answer it, each led to by its best sentence.
pub fn answers(question: &str, answers: &Answers, page: &Page<'_>) -> String {
    let mut lines = page.head();
    lines.extend([format!("**{}**", escaped(question)), String::new()]);
    lines.extend([escaped(&answer_line(answers)), String::new()]);
    let passages = answers.passages.iter();
    lines.extend(passages.map(|answer| page.item_at(&answer.passage.text, &answer.sentence.text)));
    joined(lines)
}

/// The likeliest labels.
pub fn labels(labels: &Labels, page: &Page<'_>) -> String {
    let mut lines = page.head();
    let shown = labels.labels.iter().take(SHOWN_LABELS);
    lines.extend(shown.map(|label| format!("- {} ({})", escaped(&label.name), percent(f64::from(label.probability)))));
    joined(lines)
}

fn joined(mut lines: Vec<String>) -> String {
    lines.push(String::new());
    lines.join("\n")
}

impl Page<'_> {
    /// What page it is, and an empty line; nothing where there is nothing to say.
    fn head(&self) -> Vec<String> {
        let name = escaped(if self.title.trim().is_empty() {
            self.url
        } else {
            self.title
        });
        let head = match (name.as_str(), self.url) {
            ("", _) => return Vec::new(),
            (_, "") => name,
            (_, url) => format!("[{name}]({})", in_brackets(url)),
        };
        vec![head, String::new()]
    }

    fn item(&self, text: &str) -> String {
        self.item_at(text, text)
    }

    /// A line for `text` with a link to where `quote` stands.
    fn item_at(&self, text: &str, quote: &str) -> String {
        let text = escaped(text);
        if self.url.is_empty() {
            return format!("- {text}");
        }
        format!("- {text} ([{}]({}))", say("in_the_page"), self.link_to(quote))
    }

    fn link_to(&self, text: &str) -> String {
        let words: Vec<&str> = text.split_whitespace().collect();
        let is_short = utf16_len(text) <= LONGEST_WHOLE_QUOTE && !text.contains('\n');
        let quote = if is_short || words.len() <= 2 * WORDS_AT_THE_ENDS {
            encoded(text)
        } else {
            let (first, last) = (&words[..WORDS_AT_THE_ENDS], &words[words.len() - WORDS_AT_THE_ENDS..]);
            format!("{},{}", encoded(&first.join(" ")), encoded(&last.join(" ")))
        };
        let (page, anchor) = self.url.split_once('#').unwrap_or((self.url, ""));
        let anchor = anchor.split(":~:").next().unwrap_or_default();
        format!("{}#{anchor}:~:text={quote}", in_brackets(page))
    }
}

/// An address that stands in round brackets, in which its own would end it.
fn in_brackets(url: &str) -> String {
    url.replace('(', "%28").replace(')', "%29").replace(' ', "%20")
}

/// Percent-encoded as a part of an address, with what has a meaning in a text fragment (hyphens, commas, ampersands) or in
/// Markdown (brackets).
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"_.!~*'".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

/// For one line of Markdown.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for word in text.split_whitespace() {
        if !escaped.is_empty() {
            escaped.push(' ');
        }
        for character in word.chars() {
            if "\\`*_[]<>#|~".contains(character) {
                escaped.push('\\');
            }
            escaped.push(character);
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::tests::speak_english;

    const PAGE: Page<'static> = Page {
        title: "A *title*",
        url: "https://example.org/a_(b)",
    };

    fn sentence(text: &str) -> SummarySentence {
        SummarySentence {
            text: text.to_owned(),
            start: 0,
            end: 0,
            score: 1.0,
            why: Vec::new(),
        }
    }

    #[test]
    fn a_sentence_leads_to_its_place() {
        speak_english();
        let cases = [
            ("It is so.", "It%20is%20so."),
            ("Well-known, (a) & b", "Well%2Dknown%2C%20%28a%29%20%26%20b"),
            ("Größe 大", "Gr%C3%B6%C3%9Fe%20%E5%A4%A7"),
        ];
        for (text, fragment) in cases {
            assert_eq!(
                PAGE.link_to(text),
                format!("https://example.org/a_%28b%29#:~:text={fragment}")
            );
        }
        let long = "one two three four five six seven ".repeat(12);
        let link = PAGE.link_to(long.trim());
        let expected = "#:~:text=one%20two%20three%20four%20five%20six,two%20three%20four%20five%20six%20seven";
        assert!(link.ends_with(expected), "{link}");
    }

    #[test]
    fn a_summary_is_a_list_of_quotes_under_the_pages_name() {
        speak_english();
        let text = summary(&[sentence("One [1]\nis.")], &[], &PAGE);
        assert_eq!(
            text,
            "[A \\*title\\*](https://example.org/a_%28b%29)\n\n\
             - One \\[1\\] is. ([in the page](https://example.org/a_%28b%29#:~:text=One%20%5B1%5D%0Ais.))\n"
        );
        let section = SummarySection {
            heading: "Part #1".to_owned(),
            start: 0,
            points: vec![sentence("Two.")],
        };
        let own = Page { title: "", url: "" };
        assert_eq!(summary(&[], &[section], &own), "## Part \\#1\n\n- Two.\n");
    }

    #[test]
    fn a_text_of_no_page_leads_nowhere() {
        let own = Page {
            title: "notes",
            url: "",
        };
        assert_eq!(summary(&[sentence("One.")], &[], &own), "notes\n\n- One.\n");
    }
}
