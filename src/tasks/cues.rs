//! What a sentence's words say about its place in a text: whether it leans on the sentence before it, announces what
//! the text is about, or draws a conclusion. English words only; in other languages nothing is found.

/// Openings that point back to what was said before.
const LEANING: [&str; 62] = [
    "he",
    "she",
    "it",
    "they",
    "him",
    "her",
    "his",
    "hers",
    "its",
    "their",
    "theirs",
    "them",
    "this",
    "that",
    "these",
    "those",
    "such",
    "here",
    "there",
    "however",
    "but",
    "and",
    "or",
    "nor",
    "so",
    "yet",
    "also",
    "then",
    "thus",
    "hence",
    "therefore",
    "moreover",
    "furthermore",
    "besides",
    "instead",
    "otherwise",
    "nevertheless",
    "nonetheless",
    "still",
    "meanwhile",
    "similarly",
    "likewise",
    "conversely",
    "consequently",
    "accordingly",
    "additionally",
    "again",
    "another",
    "both",
    "neither",
    "either",
    "indeed",
    "though",
    "because",
    "afterwards",
    "later",
    "next",
    "second",
    "third",
    "finally",
    "secondly",
    "thirdly",
];

/// After "this" these name the text itself, which is no leaning.
pub(super) const THE_TEXT_ITSELF: [&str; 24] = [
    "paper", "article", "study", "work", "page", "book", "guide", "tutorial", "report", "essay", "post", "document",
    "chapter", "survey", "section", "thesis", "review", "talk", "speech", "letter", "research", "site", "course",
    "wikihow",
];

/// Words of a sentence that says what the text does or found.
const ANNOUNCING: [&str; 40] = [
    "we",
    "our",
    "paper",
    "article",
    "study",
    "propose",
    "proposes",
    "proposed",
    "present",
    "presents",
    "introduce",
    "introduces",
    "show",
    "shows",
    "demonstrate",
    "demonstrates",
    "investigate",
    "investigates",
    "examine",
    "examines",
    "explore",
    "explores",
    "develop",
    "develops",
    "describe",
    "describes",
    "aim",
    "aims",
    "find",
    "finds",
    "found",
    "argue",
    "argues",
    "novel",
    "explain",
    "explains",
    "discuss",
    "discusses",
    "announced",
    "reveals",
];

/// Openings and words of a conclusion.
const CONCLUDING: [&str; 14] = [
    "overall",
    "conclusion",
    "conclude",
    "concludes",
    "summary",
    "results",
    "result",
    "suggest",
    "suggests",
    "finally",
    "ultimately",
    "therefore",
    "thus",
    "importantly",
];

/// The words in small letters.
pub(super) fn words(sentence: &str) -> impl Iterator<Item = String> + '_ {
    sentence
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
}

/// Whether the sentence cannot be understood without the one before it.
pub(super) fn leans_on_previous(sentence: &str) -> bool {
    let mut words = words(sentence);
    let Some(first) = words.next() else { return false };
    let second = words.next().unwrap_or_default();
    let names_the_text = first == "this" && THE_TEXT_ITSELF.contains(&second.as_str());
    LEANING.contains(&first.as_str()) && !names_the_text
}

/// Whether the sentence is a byline, a date line or a notice, which pages set among their sentences.
pub(super) fn is_furniture(sentence: &str) -> bool {
    let count = sentence.split_whitespace().count();
    let opening: Vec<String> = words(sentence).take(2).collect();
    let opens_with = |first: &str| opening.first().is_some_and(|word| word == first);
    let is_dated =
        opens_with("updated") || opens_with("published") || opens_with("posted") || opening == ["last", "updated"];
    let has_digits = sentence.contains(|c: char| c.is_ascii_digit());
    let is_clock = |word: &str| {
        word.split_once(':').is_some_and(|(hour, minute)| {
            (1..=2).contains(&hour.len())
                && hour.chars().all(|c| c.is_ascii_digit())
                && minute.len() >= 2
                && minute.chars().take(2).all(|c| c.is_ascii_digit())
        })
    };
    let is_notice = [
        "scroll",
        "click",
        "subscribe",
        "sign",
        "share",
        "advertisement",
        "follow",
        "copyright",
    ]
    .iter()
    .any(|first| opens_with(first));
    (count <= 15 && is_dated && has_digits)
        || (count <= 15 && sentence.split_whitespace().any(is_clock) && has_digits && !sentence.contains(['"', '“']))
        || (count <= 12 && sentence.split_whitespace().next().is_some_and(is_clock))
        || (count <= 8
            && (is_notice || opens_with("by") || sentence.trim_end_matches([' ', '.']).ends_with(" Reporter")))
}

/// How many announcing words the sentence has, up to three, as a share of three.
pub(super) fn announces(sentence: &str) -> f32 {
    words(sentence)
        .filter(|word| ANNOUNCING.contains(&word.as_str()))
        .take(3)
        .count() as f32
        / 3.0
}

/// Whether the sentence draws a conclusion.
pub(super) fn concludes(sentence: &str) -> bool {
    words(sentence).any(|word| CONCLUDING.contains(&word.as_str()))
}
