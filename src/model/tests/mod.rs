//! Tests with the real models: the encoder against the f32 oracle, and the weights file against damage; here with MiniLM, in
//! `multilingual` with the model of many languages.
//!
//! They read the folder named by `PITH_MODELS_DIR`, in it a folder of each model's id: `weights.safetensors`, the tokenizer,
//! `model.json`, and the published files in `source/`. Without it they fail: a test that passes because its data is absent
//! would say nothing.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "in tests an unwrap is the assertion"
)]

mod multilingual;

use std::path::PathBuf;
use std::sync::LazyLock;

use super::*;
use crate::kernels::Kernel;

const MINI_LM: &str = "all-MiniLM-L6-v2";
/// Mean cosine to the oracle, and the least of a sentence, over [`SENTENCES`].
const MEAN_COSINE: f64 = 0.995;
const WORST_COSINE: f64 = 0.98;

#[expect(
    clippy::panic,
    reason = "a test without its model fails, and says which file it lacks"
)]
fn read(model: &str, name: &str) -> Vec<u8> {
    let folder = std::env::var_os("PITH_MODELS_DIR")
        .expect("PITH_MODELS_DIR must name the models' folder; `cargo xtask test` makes it and sets the variable");
    let path = PathBuf::from(folder).join(model).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

static WEIGHTS: LazyLock<Vec<u8>> = LazyLock::new(|| read(MINI_LM, "weights.safetensors"));
static DESCRIPTION: LazyLock<ModelDescription> =
    LazyLock::new(|| ModelDescription::from_json(&read(MINI_LM, "model.json")).unwrap());
static TOKENIZER: LazyLock<Tokenizer> =
    LazyLock::new(|| Tokenizer::from_file(&read(MINI_LM, "tokenizer.json"), DESCRIPTION.profile()).unwrap());
static ORACLE: LazyLock<Oracle> = LazyLock::new(|| {
    Oracle::from_bytes(
        &read(MINI_LM, "source/config.json"),
        &read(MINI_LM, "source/model.safetensors"),
    )
    .unwrap()
});

/// Sentences of many kinds: lengths, registers, scripts, figures, code, nothing at all.
const SENTENCES: [&str; 56] = [
    "",
    "a",
    "?",
    "No.",
    "Rain again.",
    "The kettle clicked off before anyone had found a clean cup.",
    "Our tram was late, so we walked along the canal instead.",
    "She keeps bees on the roof of the library.",
    "How do I reset the password of my router?",
    "Why did nobody tell the night shift that the valve had been replaced?",
    "Please send the signed form to the registry by Friday at noon.",
    "Turn left after the second bridge, then follow the signs to the quarry.",
    "The committee rejected the proposal by eleven votes to four.",
    "Prices rose by 3.4 % in March, after 2.9 % in February.",
    "In 1887 the harbour froze for the last time.",
    "Glaciers store about 69 percent of the world's fresh water.",
    "The enzyme binds its substrate in a pocket lined with three histidines.",
    "We prove that every finite graph of this family has a perfect matching.",
    "Photosynthesis turns light, water and carbon dioxide into sugar and oxygen.",
    "The defendant shall bear the costs of the proceedings.",
    "Notwithstanding clause 7, either party may terminate this agreement with thirty days' notice in writing.",
    "let total = prices.iter().sum::<f64>() / prices.len() as f64;",
    "SELECT name, COUNT(*) FROM visits GROUP BY name HAVING COUNT(*) > 10;",
    "error[E0382]: borrow of moved value: `buffer`",
    "https://example.org/archive/2021/05/notes.html?page=3#figure-2",
    "Call +44 20 7946 0018 or write to desk@example.org.",
    "lol that match was SO bad, even the mascot left early",
    "best. soup. ever!!!",
    "Mix the flour with the salt, rub in the butter, and rest the dough for an hour.",
    "Add two tablespoons of vinegar; stir until it thickens.",
    "The violin enters alone, pianissimo, above a drone in the cellos.",
    "He was, by all accounts, an indifferent painter and a superb thief.",
    "To wake before the birds and owe the day nothing: that was her plan.",
    "The keeper saved a penalty in the ninety-third minute.",
    "After extra time the visitors won 4-2 on penalties, their first cup in forty years.",
    "The central bank left its rate unchanged and hinted at a cut in autumn.",
    "Shares of the shipbuilder fell nine percent after the delay was announced.",
    "The vaccine was effective in 87 of 100 patients, with mild side effects in six.",
    "Take one tablet twice a day with food, and do not drive.",
    "A comet that was last seen by Roman astronomers returns next winter.",
    "The probe's antenna opened on the fourth attempt.",
    "Der Zug nach Leipzig hat heute zwanzig Minuten Verspätung.",
    "Le marché ouvre à six heures, mais les pêcheurs arrivent avant.",
    "El museo cierra los lunes y los días festivos.",
    "Ви можете залишити велосипед у дворі.",
    "図書館は九時に開きます。",
    "الكتاب على الطاولة قرب النافذة.",
    "Ωραία μέρα για περπάτημα.",
    "🙂🙂 see you at 8?? 🚲",
    "ALL DOORS MUST REMAIN CLOSED DURING THE TEST.",
    "item   qty   price\nbolts  200   0.04\nnuts   200   0.03",
    "antidisestablishmentarianism pneumonoultramicroscopicsilicovolcanoconiosis",
    "the the the the the the the the the the the the the the the the the the the the",
    "x1 = 0.5, x2 = -1.25, x3 = 1e-9, x4 = 7",
    "Although the survey had been planned for spring, the ice did not break until June, which meant that the crew spent \
     eleven weeks repairing nets, reading the same four novels, and arguing about whether the old chart of the eastern \
     shoals could be trusted when half of its soundings had been copied from a map that nobody had seen since the war.",
    "The town built its first reservoir in the hills above the mill. It leaked. The second, lower and smaller, was dug \
     by hand in a single dry summer, and it still feeds the fountain in the square, the baths, and the fire hydrants \
     along the main street; the water tastes faintly of iron, and visitors who complain are told that it is good for \
     them. Only in the very driest years, when the stream behind the school stops running, is the old one filled again, \
     and then the leak is found anew by the grass, which stays green in a long thin line down to the mill.",
];

fn ids(text: &str) -> Vec<u32> {
    TOKENIZER.encode(Role::Passage, text).unwrap().ids
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

/// Texts of an exact number of tokens, cut from a long one.
fn of_length(tokens: usize) -> Vec<u32> {
    let mut ids = ids(&SENTENCES.join(" "));
    ids.drain(tokens.saturating_sub(1).min(ids.len() - 1)..ids.len() - 1);
    ids
}

#[test]
fn the_tests_profile_is_the_models_own() {
    assert_eq!(*DESCRIPTION.profile(), Profile::for_tests());
    let encoder = Encoder::from_weights(WEIGHTS.clone()).unwrap();
    assert!(encoder.fits(DESCRIPTION.profile()).is_ok());
    for change in [(|profile| profile.max_tokens = 513) as fn(&mut Profile), |profile| {
        profile.id = "other".to_owned()
    }] {
        let mut profile = Profile::for_tests();
        change(&mut profile);
        let error = encoder.fits(&profile).unwrap_err().to_string();
        assert!(error.contains("cannot be used"), "{error}");
    }
}

#[test]
fn embeddings_stay_close_to_the_oracle() {
    let mut encoder = Encoder::from_weights(WEIGHTS.clone()).unwrap();
    let mut sequences: Vec<Vec<u32>> = SENTENCES.iter().map(|text| ids(text)).collect();
    sequences.extend([1, 2, 3, 5, 17, 64, 127, 128, 129, 256, 511, 512].map(of_length));
    let batch: Vec<&[u32]> = sequences.iter().map(Vec::as_slice).collect();
    let (ours, exact) = (encoder.embed(&batch).unwrap(), ORACLE.embed(&batch).unwrap());
    let cosines: Vec<f64> = ours.iter().zip(exact.iter()).map(|(a, b)| cosine(a, b)).collect();
    let mean = cosines.iter().sum::<f64>() / cosines.len() as f64;
    let worst = cosines.iter().copied().fold(1.0, f64::min);
    println!(
        "{} sequences on {}: mean cosine {mean:.5}, worst {worst:.5}",
        cosines.len(),
        encoder.kernel()
    );
    assert!(
        mean >= MEAN_COSINE && worst >= WORST_COSINE,
        "mean {mean}, worst {worst}: {cosines:.4?}"
    );
    assert!(ours.iter().all(|row| (cosine(row, row) - 1.0).abs() < 1e-5));
}

#[test]
fn an_embedding_does_not_depend_on_its_batch_or_on_the_kernel() {
    let texts = SENTENCES.into_iter().step_by(6).map(ids);
    let sequences: Vec<Vec<u32>> = [3, 1, 130, 2, 40, 9].into_iter().map(of_length).chain(texts).collect();
    let batch: Vec<&[u32]> = sequences.iter().map(Vec::as_slice).collect();
    let mut reference = None;
    for kernel in Kernel::available() {
        let together = Encoder::with_kernel(WEIGHTS.clone(), kernel)
            .unwrap()
            .embed(&batch)
            .unwrap();
        assert_eq!(
            *reference.get_or_insert_with(|| together.clone()),
            together,
            "{kernel:?}"
        );
    }
    let mut encoder = Encoder::from_weights(WEIGHTS.clone()).unwrap();
    for (index, sequence) in batch.iter().enumerate() {
        let alone = encoder.embed(&[sequence]).unwrap();
        assert_eq!(
            reference.as_ref().map(|together| together.row(index)),
            Some(alone.row(0)),
            "{index}"
        );
    }
    assert_eq!(encoder.embed(&[]).unwrap().rows(), 0);
}

#[test]
fn layer_by_layer_it_is_the_same_and_other_work_between_changes_nothing() {
    let mut encoder = Encoder::from_weights(WEIGHTS.clone()).unwrap();
    let sequence = |tokens: usize, first: u32| -> Vec<u32> { (0..tokens as u32).map(|i| first + 7 * i).collect() };
    let (long, short, other) = (sequence(300, 1000), sequence(9, 2000), sequence(40, 3000));
    let (one, two): (&[&[u32]], &[&[u32]]) = (&[&long, &short], &[&other]);
    let expected = [one, two].map(|batch| encoder.embed(batch).unwrap());
    let mut begun = [one, two].map(|batch| encoder.begin(batch).unwrap());
    let mut found = [None, None];
    let mut layers = 0;
    while found[0].is_none() {
        layers += 1;
        for (forward, found) in begun.iter_mut().zip(&mut found) {
            *found = encoder.go_on(forward);
        }
        encoder.embed(&[&sequence(70, 500)]).unwrap();
    }
    assert_eq!((layers, found), (6, expected.map(Some)));
    assert!(encoder.begin(&[&[]]).is_err());
}

#[test]
fn what_was_looked_up_elsewhere_is_embedded_as_it_is_here() {
    for model in [MINI_LM, multilingual::MODEL] {
        let file = read(model, "weights.safetensors");
        let mut whole = Encoder::from_weights(file.clone()).unwrap();
        let beginning = &file[..whole.bytes_without_words()];
        assert!(
            beginning.len() * 20 < file.len() * 11,
            "{model}: {} bytes",
            beginning.len()
        );
        let mut layers = Encoder::without_words(beginning.to_vec()).unwrap();
        let sequence = |tokens: usize, first: u32| -> Vec<u32> { (0..tokens as u32).map(|i| first + 7 * i).collect() };
        let sequences = [sequence(3, 0), sequence(130, 900), sequence(1, 7), sequence(40, 2000)];
        let batch: Vec<&[u32]> = sequences.iter().map(Vec::as_slice).collect();
        let lengths = [3, 130, 1, 40];
        let rows = whole.look_up(&batch).unwrap();
        assert_eq!(
            layers.embed_rows(&rows, &lengths).unwrap(),
            whole.embed(&batch).unwrap(),
            "{model}"
        );
        assert_eq!(
            whole.embed_rows(&rows, &lengths).unwrap(),
            whole.embed(&batch).unwrap(),
            "{model}"
        );
        for (error, expected) in [
            (layers.embed(&batch).unwrap_err(), "without the table of words"),
            (layers.look_up(&batch).unwrap_err(), "without the table of words"),
            (layers.embed_rows(&rows[1..], &lengths).unwrap_err(), "the rows have"),
            (
                layers.embed_rows(&rows, &[3, 0]).unwrap_err(),
                "sequence 1 of the batch has no tokens",
            ),
            (layers.embed_rows(&rows, &[513]).unwrap_err(), "has 513 tokens"),
        ] {
            assert!(error.to_string().contains(expected), "{error}");
        }
        // One byte less, and a layer lacks it.
        for length in [0, 7, 1000, beginning.len() - 1] {
            assert!(
                Encoder::without_words(beginning[..length].to_vec()).is_err(),
                "{length}"
            );
        }
    }
}

#[test]
fn impossible_sequences_are_refused_by_name() {
    let mut encoder = Encoder::from_weights(WEIGHTS.clone()).unwrap();
    assert_eq!((encoder.hidden(), encoder.max_tokens()), (384, 512));
    let long = vec![101; 513];
    let cases: [(&[&[u32]], &str); 3] = [
        (&[&[101, 102], &[]], "sequence 1 of the batch has no tokens"),
        (&[&long], "sequence 0 of the batch has 513 tokens, the model takes 512"),
        (
            &[&[101, 30_522, 102]],
            "sequence 0 of the batch has token 30522, the vocabulary ends at 30522",
        ),
    ];
    for (batch, expected) in cases {
        assert_eq!(encoder.embed(batch).unwrap_err().to_string(), expected);
    }
}

#[test]
fn quantising_gives_the_same_file_again() {
    let again = quantise(
        &read(MINI_LM, "source/model.safetensors"),
        &read(MINI_LM, "source/config.json"),
        MINI_LM,
    )
    .unwrap();
    assert!(
        again == *WEIGHTS,
        "the file in the model's folder was made by another version of the quantiser"
    );
    assert!(again.len() < 24_000_000, "{} bytes", again.len());
}

#[test]
fn a_damaged_file_is_refused() {
    let header = u64::from_le_bytes(WEIGHTS[..8].try_into().unwrap()) as usize;
    let with = |change: &dyn Fn(&mut Vec<u8>)| {
        let mut file = WEIGHTS.clone();
        change(&mut file);
        Encoder::from_weights(file).map(|encoder| encoder.model_id().to_owned())
    };
    assert_eq!(with(&|_| ()).unwrap(), "all-MiniLM-L6-v2");
    for length in [0, 7, 8, 100, header, header + 8, WEIGHTS.len() / 2, WEIGHTS.len() - 1] {
        let error = with(&|file| file.truncate(length)).unwrap_err();
        assert!(
            matches!(error, ModelError::WeightsFile { bytes, .. } if bytes == length),
            "{length}: {error}"
        );
    }
    let replace = |from: &str, to: &str| {
        assert_eq!(from.len(), to.len());
        let mut header_text = String::from_utf8(WEIGHTS[8..8 + header].to_vec()).unwrap();
        assert!(header_text.contains(from), "{from}");
        header_text = header_text.replacen(from, to, 1);
        with(&|file| file[8..8 + header].copy_from_slice(header_text.as_bytes()))
            .unwrap_err()
            .to_string()
    };
    let cases = [
        ("\"pith\":", "\"path\":", "no description"),
        (
            "\\\"format\\\":1",
            "\\\"format\\\":3",
            "format 3.1, this program reads format 1.1 to 2.1",
        ),
        ("\\\"hidden\\\":384", "\\\"hidden\\\":385", "not multiples of 32"),
        (
            "layers.5.up.bias",
            "layers.5.up.bins",
            "lacks the tensor layers.5.up.bias",
        ),
        ("\\\"layers\\\":6", "\\\"layers\\\":7", "lacks the tensor layers.6"),
        ("\\\"heads\\\":12", "\\\"heads\\\":11", "do not divide into 11 heads"),
    ];
    for (from, to, expected) in cases {
        let error = replace(from, to);
        assert!(error.contains(expected), "{from} -> {to}: {error}");
    }
    let error = with(&|file| file[8 + header..12 + header].fill(0xff)).unwrap_err();
    assert!(matches!(error, ModelError::NotFinite { .. }), "{error}");
    // Weights that are each in their range, but could overflow 16 bits together: three steps of 127 in one group.
    for name in ["layers.0.qkv.packed", "layers.5.down.packed"] {
        let tensors = safetensors::SafeTensors::deserialize(&WEIGHTS).unwrap();
        let start = tensors.tensor(name).unwrap().data().as_ptr() as usize - WEIGHTS.as_ptr() as usize;
        let error = with(&|file| file[start..start + 3 * 32].fill(127)).unwrap_err();
        assert!(
            matches!(&error, ModelError::LaneBound { name: broken } if broken == name),
            "{name}: {error}"
        );
    }
}
