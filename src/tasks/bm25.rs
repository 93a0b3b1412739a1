//! BM25 (Robertson and Zaragoza 2009): how well texts of one collection fit the words of a query.

use std::collections::{HashMap, HashSet};

/// How soon a word's repetitions stop to count.
const SATURATION: f32 = 1.2;
/// How much a long text is held against it.
const LENGTH_SHARE: f32 = 0.75;

/// A collection of texts, by their terms.
#[derive(Debug, Clone, Default)]
pub(super) struct Bm25 {
    /// For each term the texts that have it, and how often.
    postings: HashMap<String, Vec<(u32, f32)>>,
    /// How many terms each text has.
    lengths: Vec<f32>,
}

impl Bm25 {
    /// One text more, without terms yet.
    pub(super) fn begin_text(&mut self) {
        self.lengths.push(0.0);
    }

    /// Terms of the text that was begun last.
    pub(super) fn add(&mut self, terms: &[String]) {
        let Some(text) = self.lengths.len().checked_sub(1) else {
            return;
        };
        self.lengths[text] += terms.len() as f32;
        for term in terms {
            match self.postings.get_mut(term) {
                Some(postings) => match postings.last_mut() {
                    Some((last, count)) if *last as usize == text => *count += 1.0,
                    _ => postings.push((text as u32, 1.0)),
                },
                None => {
                    self.postings.insert(term.clone(), vec![(text as u32, 1.0)]);
                }
            }
        }
    }

    fn mean_length(&self) -> f32 {
        self.lengths.iter().sum::<f32>() / self.lengths.len().max(1) as f32
    }

    /// One score a text; 0 where it shares no term with the query.
    pub(super) fn scores(&self, query: &[String]) -> Vec<f32> {
        let mut scores = vec![0.0; self.lengths.len()];
        let mean_length = self.mean_length().max(1.0);
        for term in query {
            let rarity = self.rarity(term);
            for &(text, count) in self.postings.get(term).into_iter().flatten() {
                let text = text as usize;
                let length = 1.0 - LENGTH_SHARE + LENGTH_SHARE * self.lengths[text] / mean_length;
                scores[text] += rarity * count * (SATURATION + 1.0) / (count + SATURATION * length);
            }
        }
        scores
    }

    /// The share of the query, by the rarity of its terms, that each text has; `[texts]`, 0 to 1.
    pub(super) fn coverage(&self, query: &[String]) -> Vec<f32> {
        let mut query = query.to_vec();
        query.sort_unstable();
        query.dedup();
        let total: f32 = query.iter().map(|term| self.rarity(term)).sum();
        let mut coverage = vec![0.0; self.lengths.len()];
        for term in &query {
            for &(text, _) in self.postings.get(term).into_iter().flatten() {
                coverage[text as usize] += self.rarity(term) / total.max(f32::EPSILON);
            }
        }
        coverage
    }

    /// The share of the query's different terms that any text has, 0 to 1; of a query without terms 0.
    pub(super) fn known(&self, query: &[String]) -> f32 {
        let terms: HashSet<&String> = query.iter().collect();
        let known = terms.iter().filter(|term| self.postings.contains_key(term.as_str()));
        known.count() as f32 / terms.len().max(1) as f32
    }

    /// The inverse document frequency; of a term that no text has, that of one which half a text has.
    fn rarity(&self, term: &str) -> f32 {
        let with = self.postings.get(term).map_or(0.0, |postings| postings.len() as f32);
        (1.0 + (self.lengths.len() as f32 - with + 0.5) / (with + 0.5)).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::Bm25;

    fn terms(text: &str) -> Vec<String> {
        text.split_whitespace().map(str::to_owned).collect()
    }

    #[test]
    fn known_is_the_share_of_the_different_terms_that_any_text_has() {
        let mut words = Bm25::default();
        for text in ["the lamp", "the reef burned"] {
            words.begin_text();
            words.add(&terms(text));
        }
        for (query, known) in [
            ("", 0.0),
            ("moon", 0.0),
            ("lamp reef", 1.0),
            ("lamp lamp moon", 0.5),
            ("the lamp on the moon", 0.5),
        ] {
            assert_eq!(words.known(&terms(query)), known, "{query}");
        }
    }
}
