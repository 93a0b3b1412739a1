//! The model of many languages: its tokenizer against the `tokenizers` crate, its encoder against the oracle.

use super::*;

pub(super) const MODEL: &str = "multilingual-e5-small";
/// Lines in fourteen languages, each after its language and a tab.
const LANGUAGES: &str = include_str!("languages.txt");
/// Mean cosine to the oracle, and the least of a line, over [`LANGUAGES`].
const SENTENCES_BARS: (f64, f64) = (0.997, 0.99);
/// The same over [`HARD`]: the worst is one letter 64 times (0.988).
const HARD_BARS: (f64, f64) = (0.995, 0.985);

/// What a tokenizer can stumble over.
const HARD: [&str; 44] = [
    "",
    " ",
    "     ",
    "a",
    " a",
    "a ",
    "  two   spaces  and    more ",
    "\t\ttabs\tand\nlines\r\nand\u{b}others\u{c}",
    "\u{1}\u{2}control\u{7f}\u{8f}\u{9f}characters\u{0}",
    "no\u{a0}break, thin\u{2009}space, ideographic\u{3000}space, zero\u{200b}width, \u{feff}mark",
    "<s>",
    "</s> <pad> <unk> <mask> <s>text</s>",
    "[CLS] and [SEP] say nothing here",
    "▁▁literal ▁beginnings▁",
    "🙂",
    "🙂🙂🙂 🚲🏔️ ☔️",
    "👩\u{200d}👩\u{200d}👧\u{200d}👦 family, 👩🏽\u{200d}🚀 astronaut, 🏴\u{200d}☠️ flag, 🇩🇪🇯🇵",
    "e\u{301}te\u{301} a\u{30a}ngstro\u{308}m n\u{303}",
    "Z\u{351}\u{36b}\u{343}a\u{308}\u{324}l\u{31e}\u{307}go",
    "q\u{301} x\u{323}\u{302}",
    "ﬁne ﬂow oﬃce ﬆ ǆ ĳ",
    "Ｆｕｌｌ　ｗｉｄｔｈ　１２３！？",
    "ｶﾀｶﾅ ｶﾞｷﾞｸﾞ ﾊﾟﾋﾟﾌﾟ ｳﾞ",
    "カ\u{3099}キ\u{3099} か\u{309a}",
    "㈱ ㌔ ㍿ ℃ № ™ ½ ² ³ ⅷ ①",
    "０１２３ ٠١٢٣ ०१२३ ۰۱۲۳",
    "가각 \u{1100}\u{1161}\u{11a8} \u{1112}\u{1161}\u{11ab}",
    "\u{fdfa} ﷲ \u{fe8d}\u{fedf}",
    "क्‍ष क़ \u{958} ज्\u{200d}ञ",
    "𠀀𠀁𪚥 𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𝟘𝟙",
    "\u{e000}\u{e001}private\u{10ffff}",
    "𓀀𓁐 ᚠᛇᚻ ꙮ ⸻",
    "a𓀀𓁐b 𓀀 𓁐",
    "\u{5d0}\u{5b8}\u{5de}\u{5b5}\u{5df} שלום",
    "ไม่มีช่องว่าง",
    "İstanbul ıSPARTA ŞĞÜ",
    "ẞ ß ſ Ω Å K",
    "pneumonoultramicroscopicsilicovolcanoconiosis",
    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    "0123456789012345678901234567890123456789",
    "https://example.org/a/b?c=d&e=%20#f user@example.org C:\\temp\\x",
    "let x = vec![1_u32; 3]; // → ⇒ ≠ ≤ ∑ √",
    "---===***___....!!!???",
    "一二三四五六七八九十百千万億兆零壱弐",
];

static WEIGHTS: LazyLock<Vec<u8>> = LazyLock::new(|| read(MODEL, "weights.safetensors"));
static PIECES: LazyLock<Vec<u8>> = LazyLock::new(|| read(MODEL, "pieces.bin"));
static DESCRIPTION: LazyLock<ModelDescription> =
    LazyLock::new(|| ModelDescription::from_json(&read(MODEL, "model.json")).unwrap());
static TOKENIZER: LazyLock<Tokenizer> = LazyLock::new(|| Tokenizer::from_file(&PIECES, DESCRIPTION.profile()).unwrap());

/// A tokenizer that puts nothing before a text.
fn plain() -> Tokenizer {
    let mut profile = DESCRIPTION.profile().clone();
    profile.roles = Roles::default();
    profile.max_tokens = usize::MAX;
    Tokenizer::from_file(&PIECES, &profile).unwrap()
}

fn lines() -> impl Iterator<Item = &'static str> {
    LANGUAGES.lines().filter_map(|line| Some(line.split_once('\t')?.1))
}

#[test]
fn every_line_has_the_ids_of_the_reference() {
    let reference = UnigramReference::from_pieces(&PIECES).unwrap();
    let tokenizer = plain();
    let mut texts: Vec<String> = HARD.into_iter().chain(lines()).map(str::to_owned).collect();
    // Decomposed, in one word, and all in one text.
    let decompose = icu_normalizer::DecomposingNormalizerBorrowed::new_nfd();
    let decomposed: Vec<String> = texts
        .iter()
        .map(|text| decompose.normalize(text).into_owned())
        .collect();
    let joined: Vec<String> = texts.iter().map(|text| text.replace(' ', "")).collect();
    texts.push(texts.join(" "));
    texts.extend(decomposed.into_iter().chain(joined));
    let (mut tokens, mut unknown) = (0, 0);
    for text in &texts {
        let ids = tokenizer.encode(Role::Passage, text).unwrap().ids;
        assert_eq!(ids, reference.encode(text).unwrap(), "{text:?}");
        tokens += ids.len();
        unknown += ids.iter().filter(|id| **id == 3).count();
    }
    println!("{} texts, {tokens} tokens, {unknown} of them unknown", texts.len());
    assert!(texts.len() > 350 && unknown > 20);
}

#[test]
fn all_fourteen_languages_are_in_the_lines_and_have_no_unknown_character() {
    let profile = DESCRIPTION.profile();
    for language in &profile.reads_well {
        let of_language = LANGUAGES
            .lines()
            .filter(|line| line.starts_with(&format!("{language}\t")));
        assert_eq!(of_language.count(), 6, "{language}");
    }
    assert_eq!(profile.reads_well.len(), 14);
    for line in lines() {
        let ids = TOKENIZER.encode(Role::Passage, line).unwrap().ids;
        assert!(!ids.contains(&3), "{line}: {ids:?}");
    }
}

#[test]
fn only_a_question_is_a_query_and_special_tokens_cannot_be_written() {
    let plain = plain();
    for text in ["text", "<s>text</s>"] {
        for (role, prefixed) in [
            (Role::Query, format!("query: {text}")),
            (Role::Passage, format!("passage: {text}")),
        ] {
            let ids = TOKENIZER.encode(role, text).unwrap().ids;
            assert_eq!(ids, plain.encode(Role::Passage, &prefixed).unwrap().ids);
            let (inner, special) = (&ids[1..ids.len() - 1], [ids[0], ids[ids.len() - 1]]);
            assert_eq!(special, [0, 2]);
            assert!(inner.iter().all(|id| *id > 3), "{ids:?}");
        }
    }
}

#[test]
fn an_endless_word_takes_no_longer_a_character_than_a_short_one() {
    let plain = plain();
    // As many bytes as are looked at: the lattice of one word is as long.
    for text in ["a".repeat(20_000), "語".repeat(20_000), "\u{10ffff}".repeat(20_000)] {
        let tokens = plain.encode(Role::Passage, &text).unwrap();
        assert!(
            tokens.truncated > 0 && tokens.ids.len() < 17_000,
            "{}",
            tokens.ids.len()
        );
    }
    let unknown = plain.encode(Role::Passage, &"\u{10ffff}".repeat(20_000)).unwrap();
    // The beginning of the word, then all that is unknown as one.
    assert_eq!((unknown.ids.len(), unknown.ids[2]), (4, 3));
}

#[test]
fn embeddings_stay_close_to_the_oracle() {
    let oracle = Oracle::from_bytes(
        &read(MODEL, "source/config.json"),
        &read(MODEL, "source/model.safetensors"),
    )
    .unwrap();
    let mut encoder = Encoder::from_weights(WEIGHTS.clone()).unwrap();
    encoder.fits(DESCRIPTION.profile()).unwrap();
    let mut check = |name: &str, texts: &mut dyn Iterator<Item = &'static str>, bars: (f64, f64)| {
        let sequences: Vec<Vec<u32>> = texts
            .map(|text| TOKENIZER.encode(Role::Passage, text).unwrap().ids)
            .collect();
        let batch: Vec<&[u32]> = sequences.iter().map(Vec::as_slice).collect();
        let (ours, exact) = (encoder.embed(&batch).unwrap(), oracle.embed(&batch).unwrap());
        let cosines: Vec<f64> = ours.iter().zip(exact.iter()).map(|(a, b)| cosine(a, b)).collect();
        let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
        let worst = cosines.iter().copied().fold(1.0, f64::min);
        println!("{} {name}: mean cosine {mean:.5}, worst {worst:.5}", cosines.len());
        assert!(
            mean >= bars.0 && worst >= bars.1,
            "{name}: mean {mean}, worst {worst}: {cosines:.4?}"
        );
    };
    check("sentences", &mut lines(), SENTENCES_BARS);
    check("hard cases", &mut HARD.into_iter(), HARD_BARS);
}

#[test]
fn what_belongs_to_the_other_model_is_refused() {
    let encoder = Encoder::from_weights(WEIGHTS.clone()).unwrap();
    let refused = |profile: &Profile| encoder.fits(profile).unwrap_err().to_string();
    assert!(refused(&Profile::for_tests()).contains("the weights are those of"));
    let mut profile = DESCRIPTION.profile().clone();
    profile.pooling = Pooling::Mean;
    assert!(refused(&profile).contains("centred"));
    let mini = Encoder::from_weights(read(MINI_LM, "weights.safetensors")).unwrap();
    let mut profile = Profile::for_tests();
    profile.pooling = Pooling::CentredMean;
    assert!(mini.fits(&profile).unwrap_err().to_string().contains("no centre"));
    // A scale of the table that is no number.
    let tensors = safetensors::SafeTensors::deserialize(&WEIGHTS).unwrap();
    let start = tensors.tensor("words.blocks").unwrap().data().as_ptr() as usize - WEIGHTS.as_ptr() as usize;
    let mut damaged = WEIGHTS.clone();
    damaged[start..start + 2].fill(0x7f);
    let error = Encoder::from_weights(damaged).unwrap_err();
    assert!(
        matches!(&error, ModelError::NotFinite { name } if name == "words.blocks"),
        "{error}"
    );
}

#[test]
fn quantising_gives_the_same_file_again_in_the_size_that_was_agreed() {
    let again = quantise(
        &read(MODEL, "source/model.safetensors"),
        &read(MODEL, "source/config.json"),
        MODEL,
    )
    .unwrap();
    assert!(
        again == *WEIGHTS,
        "the file in the model's folder was made by another version of the quantiser"
    );
    assert!(
        again.len() + PIECES.len() < 45_000_000,
        "{} bytes",
        again.len() + PIECES.len()
    );
}
