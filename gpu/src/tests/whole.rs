//! The whole encoder, with the model that ships, beside the CPU's.
//!
//! The model is read from the folder named by `PITH_MODELS_DIR`, as `cargo xtask test` sets it.

use std::path::PathBuf;

use pith::model::{Encoder, EncoderLayers, ModelDescription, Role, Tokenizer};

use super::{PRODUCTS, gpu, noise};
use crate::{GpuEncoder, GpuError};

const MODEL: &str = "multilingual-e5-small";
/// Least cosine of an embedding to the CPU's.
const LEAST_COSINE: f32 = 0.999;

fn read(name: &str) -> Vec<u8> {
    let folder = std::env::var_os("PITH_MODELS_DIR")
        .expect("PITH_MODELS_DIR must name the models' folder; `cargo xtask test` makes it and sets the variable");
    let path = PathBuf::from(folder).join(MODEL).join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn beginning(encoder: &Encoder, mut file: Vec<u8>) -> Vec<u8> {
    file.truncate(encoder.bytes_without_words());
    file
}

/// Sentences of the fourteen languages that the model reads, every so many of them: a software device takes a second for a few;
/// and one that is as long as the model takes.
fn texts(step: usize) -> Vec<String> {
    let languages = include_str!("../../../src/model/tests/languages.txt");
    let lines = languages.lines().filter(|line| !line.is_empty());
    let mut texts: Vec<String> = lines.step_by(step).map(str::to_owned).collect();
    texts.push(languages.replace('\n', " "));
    texts
}

#[test]
fn embeddings_are_close_to_the_cpu_s() {
    let weights = read("weights.safetensors");
    let mut cpu = Encoder::from_weights(weights.clone()).unwrap();
    let description = ModelDescription::from_json(&read("model.json")).unwrap();
    let tokenizer = Tokenizer::from_file(&read(&description.tokenizer.name), description.profile()).unwrap();
    for (products, step) in PRODUCTS.into_iter().zip([4, 16]) {
        let ids = texts(step)
            .into_iter()
            .map(|text| tokenizer.encode(Role::Passage, &text).unwrap().ids);
        let ids: Vec<Vec<u32>> = ids.collect();
        let ids: Vec<&[u32]> = ids.iter().map(Vec::as_slice).collect();
        let lengths: Vec<usize> = ids.iter().map(|ids| ids.len()).collect();
        assert!(lengths.len() > 5 && lengths.contains(&cpu.max_tokens()), "{lengths:?}");
        let (expected, rows) = (cpu.embed(&ids).unwrap(), cpu.look_up(&ids).unwrap());
        let layers = EncoderLayers::from_beginning(beginning(&cpu, weights.clone())).unwrap();
        let encoder = pollster::block_on(GpuEncoder::new(gpu(products), layers)).unwrap();
        // 42.5 million for each token: twelve layers of twelve times the hidden values squared, twice.
        assert_eq!(encoder.operations_a_token(), 2 * 12 * 12 * 384 * 384);
        let found = pollster::block_on(encoder.embed_rows(rows.clone(), &lengths)).unwrap();
        assert_eq!(found.rows(), expected.rows());
        let cosines = found.iter().zip(expected.iter()).map(|(found, expected)| {
            let length: f32 = found.iter().map(|value| value * value).sum();
            assert!((length - 1.0).abs() < 1e-4, "length {length}");
            found.iter().zip(expected).map(|(a, b)| a * b).sum::<f32>()
        });
        let cosines: Vec<f32> = cosines.collect();
        let worst = cosines.iter().copied().fold(1.0, f32::min);
        let mean = cosines.iter().sum::<f32>() / cosines.len() as f32;
        println!(
            "{}, {products:?}: {} texts, cosine to the CPU's {mean:.5} in the mean, {worst:.5} at the least",
            encoder.gpu().name(),
            cosines.len()
        );
        assert!(worst >= LEAST_COSINE, "{products:?}: {worst}");
        // A device that rounds as IEEE does gives the very bits.
        assert!(found.values() == expected.values(), "{products:?}");

        // What is asked is looked at before the device sees it, and what comes back before anybody else does.
        let refused = |rows: Vec<f32>, lengths: &[usize]| pollster::block_on(encoder.embed_rows(rows, lengths));
        let hidden = cpu.hidden();
        assert!(matches!(refused(Vec::new(), &[]), Ok(none) if none.rows() == 0));
        assert!(matches!(refused(vec![0.0; hidden], &[1, 0]), Err(GpuError::Model(_))));
        assert!(matches!(
            refused(noise(1, 513 * hidden), &[513]),
            Err(GpuError::Model(_))
        ));
        assert!(matches!(refused(noise(1, hidden), &[2]), Err(GpuError::Model(_))));
        assert!(matches!(
            refused(vec![f32::NAN; hidden], &[1]),
            Err(GpuError::NotFinite)
        ));

        // A device that is gone says so, and is not asked again.
        encoder.gpu().device.destroy();
        for _ in 0..2 {
            let lost = pollster::block_on(encoder.embed_rows(rows.clone(), &lengths));
            assert!(matches!(lost, Err(GpuError::Lost(_))), "{lost:?}");
        }
    }
}
