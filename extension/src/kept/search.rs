//! Looking for kept results: by their words first, then by what they are about.

use crate::protocol::HistoryEntry;

/// The words that a question has, as they are looked for.
#[must_use]
pub fn words_of(query: &str) -> Vec<String> {
    query.to_lowercase().split_whitespace().map(str::to_owned).collect()
}

/// Does a result have all these words, anywhere?
#[must_use]
pub fn has_words(entry: &HistoryEntry, words: &[String]) -> bool {
    let parts = [&entry.title, &entry.question, &entry.url];
    let text: Vec<String> = parts
        .into_iter()
        .chain(&entry.lines)
        .map(|part| part.to_lowercase())
        .collect();
    words.iter().all(|word| text.iter().any(|part| part.contains(word)))
}

/// Which of the results were found, the best first, at most so many: those that have the words, the newest first, then those
/// about the same, the nearest first. Of each result is given when it came, whether it has the words, and the cosine between
/// it and what was asked, if that is known; from `near` on, a number of the model's, it is about that.
#[must_use]
pub fn best(results: &[(f64, bool, Option<f32>)], near: f32, most: usize) -> Vec<usize> {
    let mut found: Vec<usize> = (0..results.len())
        .filter(|index| {
            let (_, has_words, cosine) = results[*index];
            has_words || cosine.is_some_and(|cosine| cosine >= near)
        })
        .collect();
    let rank = |index: usize| {
        let (at_ms, has_words, cosine) = results[index];
        let within = if has_words {
            at_ms
        } else {
            f64::from(cosine.unwrap_or_default())
        };
        (has_words, within)
    };
    found.sort_by(|a, b| {
        let (a, b) = (rank(*a), rank(*b));
        b.0.cmp(&a.0).then(b.1.total_cmp(&a.1))
    });
    found.truncate(most);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::ResultKind;

    #[test]
    fn all_words_are_found_anywhere_in_either_case() {
        let entry = HistoryEntry {
            id: 1,
            kind: ResultKind::Answers,
            title: "Schleusen am Fluß".to_owned(),
            url: "locks.example/gates".to_owned(),
            at_ms: 0.0,
            question: "How heavy is a Gate?".to_owned(),
            lines: vec!["It weighs four tonnes.".to_owned(), "ÄLTER als die Brücke".to_owned()],
        };
        for query in [
            "",
            "GATE tonnes",
            "locks.example schleusen",
            "älter FLUSS",
            "älter FLUß",
            "weighs four",
        ] {
            let expected = query != "älter FLUSS";
            assert_eq!(has_words(&entry, &words_of(query)), expected, "{query}");
        }
        assert!(!has_words(&entry, &words_of("gate missing")));
    }

    #[test]
    fn words_come_before_meaning() {
        let results = [
            (1.0, false, Some(0.9)),
            (2.0, true, Some(0.1)),
            (3.0, true, None),
            (4.0, false, Some(0.2)),
            (5.0, false, None),
            (6.0, false, Some(0.95)),
        ];
        assert_eq!(best(&results, 0.25, 50), [2, 1, 5, 0]);
        assert_eq!(best(&results, 0.25, 3), [2, 1, 5]);
        assert_eq!(best(&[], 0.25, 3), [0; 0]);
    }
}
