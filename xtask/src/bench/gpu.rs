//! The same kernels as the extension's on a graphics processor, natively, on whatever Vulkan device there is.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use pith::model::{Encoder, EncoderLayers};
use pith_gpu::{Gpu, GpuEncoder, ProductKind};

use super::contestant::{Effort, median};
use super::report::Report;
use crate::setup;

/// Sequences, and tokens of each; the first alone where only is to be seen that it runs.
const SHAPES: [(usize, usize); 5] = [(1, 16), (1, 128), (32, 32), (8, 512), (128, 32)];

/// Measures the encoder of this model's folder.
pub(super) fn measure(model: &Path, is_brief: bool, effort: Effort, report: &mut Report) -> Result<()> {
    setup::vulkan()?;
    report.title("a graphics processor, natively: looked-up words in, embeddings out");
    let file = std::fs::read(model.join("weights.safetensors")).context("the model has no weights")?;
    let mut cpu = Encoder::from_weights(file.clone())?;
    for products in [ProductKind::Packed, ProductKind::Floats] {
        let beginning = file[..cpu.bytes_without_words()].to_vec();
        let gpu = pollster::block_on(Gpu::find())?.with_products(products);
        let name = format!("{}, {} products", gpu.name(), products.name());
        let start = Instant::now();
        let encoder = pollster::block_on(GpuEncoder::new(gpu, EncoderLayers::from_beginning(beginning)?))?;
        let start_ms = start.elapsed().as_secs_f64() * 1e3;
        report.figure("start", &format!("{name}: weights and kernels"), start_ms, "ms", None);
        let shapes = if is_brief { &SHAPES[..1] } else { &SHAPES[..] };
        for (sequences, tokens) in shapes.iter().copied() {
            shape(&encoder, &mut cpu, &name, (sequences, tokens), effort, report)?;
        }
    }
    Ok(())
}

fn shape(
    encoder: &GpuEncoder,
    cpu: &mut Encoder,
    name: &str,
    (sequences, tokens): (usize, usize),
    effort: Effort,
    report: &mut Report,
) -> Result<()> {
    let ids: Vec<u32> = (0..sequences * tokens)
        .map(|at| 5 + (at * 7919 % 20_000) as u32)
        .collect();
    let ids: Vec<&[u32]> = ids.chunks_exact(tokens).collect();
    let (rows, lengths) = (cpu.look_up(&ids)?, vec![tokens; sequences]);
    let embed = || pollster::block_on(encoder.embed_rows(rows.clone(), &lengths));
    // The first time the driver prepares the kernels.
    let found = embed()?;
    let expected = cpu.embed(&ids[..1])?;
    let cosine: f32 = found.row(0).iter().zip(expected.row(0)).map(|(a, b)| a * b).sum();
    ensure!(cosine >= 0.999, "{name}: a cosine of {cosine} to the CPU's");
    let mut times = Vec::new();
    let start = Instant::now();
    while times.is_empty() || start.elapsed() < effort.micro {
        let one = Instant::now();
        embed()?;
        times.push(one.elapsed().as_secs_f64() * 1e3);
    }
    let median_ms = median(&times);
    let work = format!("[{sequences}, {tokens}]");
    let operations = (encoder.operations_a_token() * sequences * tokens) as f64;
    report.figure(&work, name, median_ms, "ms", None);
    report.figure(
        &work,
        &format!("{name}: linear layers"),
        operations / median_ms / 1e6,
        "GOP/s",
        None,
    );
    Ok(())
}
