//! The terms of a text for word-based search: words in small letters without their endings, as far as the language's
//! endings are known; single characters and pairs of them in scripts that are written without spaces.

use rust_stemmers::{Algorithm, Stemmer};

/// Cuts texts of one language into terms.
pub struct Terms {
    stemmer: Option<Stemmer>,
}

impl Terms {
    /// For a language by its ISO 639-1 code; of an unknown one the words are taken as they are.
    pub fn of_language(code: &str) -> Self {
        let algorithm = match code {
            "ar" => Algorithm::Arabic,
            "da" => Algorithm::Danish,
            "de" => Algorithm::German,
            "el" => Algorithm::Greek,
            "en" => Algorithm::English,
            "es" => Algorithm::Spanish,
            "fi" => Algorithm::Finnish,
            "fr" => Algorithm::French,
            "hu" => Algorithm::Hungarian,
            "it" => Algorithm::Italian,
            "nb" | "nn" | "no" => Algorithm::Norwegian,
            "nl" => Algorithm::Dutch,
            "pt" => Algorithm::Portuguese,
            "ro" => Algorithm::Romanian,
            "ru" => Algorithm::Russian,
            "sv" => Algorithm::Swedish,
            "ta" => Algorithm::Tamil,
            "tr" => Algorithm::Turkish,
            _ => return Self { stemmer: None },
        };
        Self {
            stemmer: Some(Stemmer::create(algorithm)),
        }
    }

    /// The terms in order, with repetitions.
    pub fn of(&self, text: &str) -> Vec<String> {
        let mut terms = Vec::new();
        for word in text
            .split(|c: char| !c.is_alphanumeric())
            .filter(|word| !word.is_empty())
        {
            let word = word.to_lowercase();
            if word.contains(is_written_without_spaces) {
                let characters: Vec<char> = word.chars().collect();
                terms.extend(characters.iter().map(char::to_string));
                terms.extend(characters.windows(2).map(|pair| pair.iter().collect::<String>()));
            } else {
                terms.push(match &self.stemmer {
                    Some(stemmer) => stemmer.stem(&word).into_owned(),
                    None => word,
                });
            }
        }
        terms
    }
}

/// Whether its script is written without spaces between words: Chinese characters, kana, Thai, Lao, Khmer, Burmese.
pub fn is_written_without_spaces(c: char) -> bool {
    matches!(u32::from(c), 0x0E00..=0x0EFF | 0x1000..=0x109F | 0x1780..=0x17FF | 0x3040..=0x30FF | 0x3400..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}
