//! The quantised encoder beside the original, and the tokenizer beside another program's.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use pith::model::{Encoder, Oracle, Pieces, Role, Tokenizer, UnigramReference};
use serde_json::Value;

use super::{Cosines, Model};
use crate::step::Step;

/// Sentences of many kinds and lengths, one a line, to compare the two encoders on.
const SENTENCES: &str = include_str!("../sentences.txt");
/// Sentences in many languages, each after its language and a tab.
const LANGUAGES: &str = include_str!("../../../src/model/tests/languages.txt");
/// Files of the evaluation data whose texts are many languages', and how many sentences of them are embedded.
const DATA: [&str; 12] = [
    "sib200_dev.jsonl",
    "stsb_en_dev.jsonl",
    "stsb_de_dev.jsonl",
    "stsb_es_dev.jsonl",
    "stsb_fr_dev.jsonl",
    "stsb_it_dev.jsonl",
    "stsb_nl_dev.jsonl",
    "stsb_pl_dev.jsonl",
    "stsb_pt_dev.jsonl",
    "stsb_ru_dev.jsonl",
    "stsb_ja_dev.jsonl",
    "stsb_zh_dev.jsonl",
];
const EMBEDDED: usize = 500;

/// Compares the encoder of these weights with the original in single precision, and fails if they differ too much; a
/// tokenizer of our own with the `tokenizers` crate's, and fails if they differ at all.
pub(super) fn with_original(model: &Model, weights: &[u8], data: Option<&Path>) -> Result<()> {
    let of_languages = LANGUAGES
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .filter(|(language, _)| model.profile.reads_well("de") && model.profile.reads_well(language))
        .map(|(_, sentence)| sentence);
    let mut sentences: Vec<String> = SENTENCES
        .lines()
        .filter(|line| !line.trim().is_empty())
        .chain(of_languages)
        .map(str::to_owned)
        .collect();
    let lines = data.map(texts_of).transpose()?.unwrap_or_default();
    let tokenizer = model.read_source(&model.tokenizer.name)?;
    if Pieces::is_file(&tokenizer) {
        with_reference(&tokenizer, sentences.iter().chain(&lines), model)?;
    }
    // The first file's, evenly: it has every language.
    let first = lines.len().min(1386);
    sentences.extend(lines[..first].iter().step_by(first.div_ceil(EMBEDDED).max(1)).cloned());

    let step = Step::start_counted("compare it with the original", sentences.len() as u64);
    let tokenizer = Tokenizer::from_file(&tokenizer, &model.profile)?;
    let mut encoder = Encoder::from_weights(weights.to_vec())?;
    encoder.fits(&model.profile)?;
    let oracle = Oracle::from_bytes(
        &model.read_source("config.json")?,
        &model.read_source("model.safetensors")?,
    )?;
    let (mut cosines, mut uncentred) = (Vec::with_capacity(sentences.len()), Vec::new());
    for (number, sentence) in sentences.iter().enumerate() {
        let tokens = tokenizer.encode(Role::Passage, sentence)?;
        let (quantised, original) = (encoder.embed(&[&tokens.ids])?, oracle.embed(&[&tokens.ids])?);
        cosines.push((cosine(quantised.row(0), original.row(0)), sentence.as_str()));
        if let Some(centre) = encoder.centre() {
            let [quantised, original] = [&quantised, &original].map(|rows| with_centre(rows.row(0), centre));
            uncentred.push((cosine(&quantised, &original), sentence.as_str()));
        }
        step.at(number as u64 + 1);
    }
    step.done();
    let closeness = &model.closeness;
    let bars = Cosines {
        mean: closeness.mean,
        worst: closeness.worst,
    };
    check("cosine to the original", &cosines, &bars)?;
    match &closeness.uncentred {
        Some(bars) => check("the same with the centre put back", &uncentred, bars),
        None => Ok(()),
    }
}

/// Prints how close they are, and fails below the bars.
fn check(what: &str, cosines: &[(f64, &str)], bars: &Cosines) -> Result<()> {
    let mean = cosines.iter().map(|(cosine, _)| cosine).sum::<f64>() / cosines.len() as f64;
    let (worst, worst_sentence) = cosines
        .iter()
        .copied()
        .min_by(|(a, _), (b, _)| a.total_cmp(b))
        .context("there are no sentences to compare on")?;
    println!(
        "      {what} over {} sentences: mean {mean:.5}, worst {worst:.5}",
        cosines.len()
    );
    println!("      worst: {worst_sentence}");
    ensure!(mean >= bars.mean, "{what}: the mean {mean:.5} is below {}", bars.mean);
    ensure!(
        worst >= bars.worst,
        "{what}: the worst {worst:.5} is below {}",
        bars.worst
    );
    Ok(())
}

/// Fails unless every line has the ids that the `tokenizers` crate gives it.
fn with_reference<'a>(file: &[u8], lines: impl Iterator<Item = &'a String>, model: &Model) -> Result<()> {
    let step = Step::start("compare the tokenizer with that of the tokenizers crate");
    let mut profile = model.profile.clone();
    profile.roles = Default::default();
    profile.max_tokens = usize::MAX;
    let tokenizer = Tokenizer::from_file(file, &profile)?;
    let reference = UnigramReference::from_pieces(file)?;
    let (mut texts, mut tokens) = (0_usize, 0_usize);
    for line in lines {
        let ids = tokenizer.encode(Role::Passage, line)?.ids;
        ensure!(ids == reference.encode(line)?, "the tokenizers differ on `{line}`");
        (texts, tokens) = (texts + 1, tokens + ids.len());
    }
    step.done();
    println!("      the same ids for {texts} texts, {tokens} tokens");
    Ok(())
}

/// The texts in the files of the data that there are, in their order.
fn texts_of(folder: &Path) -> Result<Vec<String>> {
    let mut texts = Vec::new();
    for name in DATA {
        let path = folder.join(name);
        let file = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        for line in file.lines() {
            let item: Value = serde_json::from_str(line).with_context(|| format!("in {}", path.display()))?;
            let fields = ["text", "a", "b"].into_iter().filter_map(|field| item[field].as_str());
            texts.extend(fields.map(str::to_owned));
        }
    }
    Ok(texts)
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    a.iter().zip(b).map(|(a, b)| f64::from(*a) * f64::from(*b)).sum()
}

/// The embedding of length one that is this one, of length one too, once the centre has been subtracted and the rest
/// brought to length one: `centre + t · row`, with the one `t` above 0 that gives it length one.
fn with_centre(row: &[f32], centre: &[f32]) -> Vec<f32> {
    let (along, square) = (cosine(row, centre), cosine(centre, centre));
    let t = (along * along + 1.0 - square).sqrt() - along;
    row.iter()
        .zip(centre)
        .map(|(value, centre)| (f64::from(*centre) + t * f64::from(*value)) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{cosine, with_centre};

    #[test]
    fn the_centre_can_be_put_back() {
        let unit = |values: [f32; 3]| {
            let length = cosine(&values, &values).sqrt() as f32;
            values.map(|value| value / length)
        };
        for centre in [[0.5, 0.5, 0.1], [0.0, 0.0, 0.0], [-0.1, 0.8, 0.3]] {
            for original in [[1.0, 2.0, 2.0], [3.0, -1.0, 0.5], [0.0, 0.0, 1.0]].map(unit) {
                let centred = unit([0, 1, 2].map(|at| original[at] - centre[at]));
                for (found, expected) in with_centre(&centred, &centre).iter().zip(original) {
                    assert!((found - expected).abs() < 1e-6, "{found} for {expected}");
                }
            }
        }
    }
}
