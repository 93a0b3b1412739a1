//! Porter's suffix stripping (1980) with the changes that NLTK made to it, which is the stemmer inside `rouge-score`:
//! a few irregular words, short words in -ies and -ied, -y only after a consonant, and -fulli and -logi.

/// The stem of a word in small ASCII letters and digits.
pub(super) fn stem(word: &str) -> String {
    const IRREGULAR: [(&str, &str); 14] = [
        ("sky", "sky"),
        ("skies", "sky"),
        ("dying", "die"),
        ("lying", "lie"),
        ("tying", "tie"),
        ("news", "news"),
        ("innings", "inning"),
        ("inning", "inning"),
        ("outings", "outing"),
        ("outing", "outing"),
        ("cannings", "canning"),
        ("canning", "canning"),
        ("howe", "howe"),
        ("proceed", "proceed"),
    ];
    if let Some((_, stem)) = IRREGULAR.iter().find(|(irregular, _)| *irregular == word) {
        return (*stem).to_owned();
    }
    if matches!(word, "exceed" | "succeed") || word.len() <= 2 || !word.is_ascii() {
        return word.to_owned();
    }
    let mut word = Word(word.as_bytes().to_vec());
    word.plural();
    word.past_and_progressive();
    if word.ends("y") && word.0.len() > 2 && word.is_consonant(word.0.len() - 2) {
        word.replace(1, "i");
    }
    word.double_suffixes();
    word.first_rule(&NOUN_AND_ADJECTIVE_SUFFIXES, 0);
    word.last_suffix();
    word.final_letters();
    String::from_utf8(word.0).unwrap_or_default()
}

type Rules = [(&'static str, &'static str)];

const DOUBLE_SUFFIXES: [(&str, &str); 21] = [
    ("ational", "ate"),
    ("tional", "tion"),
    ("enci", "ence"),
    ("anci", "ance"),
    ("izer", "ize"),
    ("bli", "ble"),
    ("alli", "al"),
    ("entli", "ent"),
    ("eli", "e"),
    ("ousli", "ous"),
    ("ization", "ize"),
    ("ation", "ate"),
    ("ator", "ate"),
    ("alism", "al"),
    ("iveness", "ive"),
    ("fulness", "ful"),
    ("ousness", "ous"),
    ("aliti", "al"),
    ("iviti", "ive"),
    ("biliti", "ble"),
    ("fulli", "ful"),
];

const NOUN_AND_ADJECTIVE_SUFFIXES: [(&str, &str); 7] = [
    ("icate", "ic"),
    ("ative", ""),
    ("alize", "al"),
    ("iciti", "ic"),
    ("ical", "ic"),
    ("ful", ""),
    ("ness", ""),
];

const LAST_SUFFIXES: [(&str, &str); 19] = [
    ("al", ""),
    ("ance", ""),
    ("ence", ""),
    ("er", ""),
    ("ic", ""),
    ("able", ""),
    ("ible", ""),
    ("ant", ""),
    ("ement", ""),
    ("ment", ""),
    ("ent", ""),
    ("ion", ""),
    ("ou", ""),
    ("ism", ""),
    ("ate", ""),
    ("iti", ""),
    ("ous", ""),
    ("ive", ""),
    ("ize", ""),
];

struct Word(Vec<u8>);

impl Word {
    fn ends(&self, suffix: &str) -> bool {
        self.0.ends_with(suffix.as_bytes())
    }

    fn replace(&mut self, suffix_len: usize, replacement: &str) {
        self.0.truncate(self.0.len() - suffix_len);
        self.0.extend_from_slice(replacement.as_bytes());
    }

    /// A letter other than a, e, i, o, u, and other than y after a consonant.
    fn is_consonant(&self, at: usize) -> bool {
        match self.0[at] {
            b'a' | b'e' | b'i' | b'o' | b'u' => false,
            b'y' => at == 0 || !self.is_consonant(at - 1),
            _ => true,
        }
    }

    /// How often a vowel is followed by a consonant in the first `len` letters: Porter's m.
    fn measure(&self, len: usize) -> usize {
        (1..len)
            .filter(|&at| self.is_consonant(at) && !self.is_consonant(at - 1))
            .count()
    }

    fn has_vowel(&self, len: usize) -> bool {
        (0..len).any(|at| !self.is_consonant(at))
    }

    /// Consonant, vowel, consonant other than w, x, y at the end of the first `len` letters; or vowel and consonant alone.
    fn ends_in_short_syllable(&self, len: usize) -> bool {
        match len {
            2 => !self.is_consonant(0) && self.is_consonant(1),
            3.. => {
                self.is_consonant(len - 3)
                    && !self.is_consonant(len - 2)
                    && self.is_consonant(len - 1)
                    && !matches!(self.0[len - 1], b'w' | b'x' | b'y')
            }
            _ => false,
        }
    }

    fn ends_in_double_consonant(&self) -> bool {
        let len = self.0.len();
        len >= 2 && self.0[len - 1] == self.0[len - 2] && self.is_consonant(len - 1)
    }

    /// Applies the first rule whose suffix fits, if what is before the suffix measures more than `least`.
    fn first_rule(&mut self, rules: &Rules, least: usize) {
        if let Some((suffix, replacement)) = rules.iter().find(|(suffix, _)| self.ends(suffix))
            && self.measure(self.0.len() - suffix.len()) > least
        {
            self.replace(suffix.len(), replacement);
        }
    }

    fn plural(&mut self) {
        if self.ends("ies") {
            let keep_e = self.0.len() == 4;
            self.replace(3, if keep_e { "ie" } else { "i" });
        } else if self.ends("sses") {
            self.replace(2, "");
        } else if self.ends("s") && !self.ends("ss") {
            self.replace(1, "");
        }
    }

    fn past_and_progressive(&mut self) {
        if self.ends("ied") {
            let keep_e = self.0.len() == 4;
            self.replace(3, if keep_e { "ie" } else { "i" });
            return;
        }
        if self.ends("eed") {
            if self.measure(self.0.len() - 3) > 0 {
                self.replace(1, "");
            }
            return;
        }
        let suffix_len = match () {
            () if self.ends("ed") && self.has_vowel(self.0.len() - 2) => 2,
            () if self.ends("ing") && self.has_vowel(self.0.len() - 3) => 3,
            () => return,
        };
        self.replace(suffix_len, "");
        let len = self.0.len();
        if self.ends("at") || self.ends("bl") || self.ends("iz") {
            self.replace(0, "e");
        } else if self.ends_in_double_consonant() {
            if !matches!(self.0[len - 1], b'l' | b's' | b'z') {
                self.replace(1, "");
            }
        } else if self.measure(len) == 1 && self.ends_in_short_syllable(len) {
            self.replace(0, "e");
        }
    }

    fn double_suffixes(&mut self) {
        while self.ends("alli") && self.measure(self.0.len() - 4) > 0 {
            self.replace(4, "al");
        }
        if self.ends("logi") && !DOUBLE_SUFFIXES.iter().any(|(suffix, _)| self.ends(suffix)) {
            if self.measure(self.0.len() - 3) > 0 {
                self.replace(1, "");
            }
        } else {
            self.first_rule(&DOUBLE_SUFFIXES, 0);
        }
    }

    fn last_suffix(&mut self) {
        if let Some((suffix, _)) = LAST_SUFFIXES.iter().find(|(suffix, _)| self.ends(suffix)) {
            let len = self.0.len() - suffix.len();
            let fits = *suffix != "ion" || matches!(self.0[..len].last(), Some(b's' | b't'));
            if fits && self.measure(len) > 1 {
                self.replace(suffix.len(), "");
            }
        }
    }

    fn final_letters(&mut self) {
        let len = self.0.len();
        if self.ends("e") {
            let measure = self.measure(len - 1);
            if measure > 1 || (measure == 1 && !self.ends_in_short_syllable(len - 1)) {
                self.replace(1, "");
            }
        }
        let len = self.0.len();
        if self.ends("ll") && self.measure(len - 1) > 1 {
            self.replace(1, "");
        }
    }
}
