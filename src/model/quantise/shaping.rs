//! Activations: BERT's states have a few channels whose values are many times the others', and a row's range of 127
//! steps would be spent on them. So each layer norm has a second gain and bias, which centre its channels and bring
//! their ranges closer together; the weights that follow undo it (after SmoothQuant, Xiao et al. 2022, and Outlier
//! Suppression+, Wei et al. 2023). The ranges are seen by running the encoder. Cosine to the f32 oracle over 68 varied
//! sequences (among them single letters, which are the worst), mean and worst:
//!
//! ```text
//! lane groups of   no shaping        smoothing 0.5     0.65              0.75 / 0.8        1
//! 4 steps          0.9951, 0.974     0.9974, 0.986     0.9977, 0.989     0.9978, 0.988     0.9975, 0.987
//! 8 steps          0.9941, 0.968     -                 0.9971, 0.988     0.9973, 0.988     -
//! ```
//!
//! With 16-bit activations and groups of 4 it would be 0.9991 and 0.996: what is left is the activations' seven bits.

use crate::model::weights::format::Description;
use crate::model::{Encoder, ModelError};

/// Sequences that the channels' ranges are taken from.
const MADE_UP: usize = 124;

/// How the rows that a layer norm gives are shaped before they are quantised: `(value - centre) / spread`, channel by
/// channel. What follows undoes it, exactly: its weights are multiplied by the spread, and the product with the centre
/// goes into its bias.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) centre: Vec<f32>,
    pub(super) spread: Vec<f32>,
}

impl Shape {
    pub(super) fn plain(hidden: usize) -> Self {
        Self {
            centre: vec![0.0; hidden],
            spread: vec![1.0; hidden],
        }
    }

    /// Changes weights `[n, hidden]` and their bias `[n]` to take shaped rows.
    pub(super) fn undo(&self, weights: &mut [f32], bias: &mut [f32]) {
        for (row, bias) in weights.chunks_exact_mut(self.centre.len()).zip(bias) {
            let products = row
                .iter()
                .zip(&self.centre)
                .map(|(weight, centre)| f64::from(*weight) * f64::from(*centre));
            *bias += products.sum::<f64>() as f32;
            row.iter_mut()
                .zip(&self.spread)
                .for_each(|(weight, spread)| *weight *= spread);
        }
    }
}

/// Runs the unshaped file over made-up sequences and sees what each channel holds after each layer norm.
pub(super) fn observed(unshaped: Vec<u8>, description: &Description, ends: [u32; 2]) -> Result<Vec<Shape>, ModelError> {
    let hidden = description.hidden;
    let mut encoder = Encoder::from_weights(unshaped)?;
    let sequences = made_up_sequences(description, ends);
    let batch: Vec<&[u32]> = sequences.iter().map(Vec::as_slice).collect();
    let mut seen = vec![vec![(f32::INFINITY, f32::NEG_INFINITY); hidden]; 2 * description.layers + 1];
    encoder.embed_observed(&batch, |site, states| {
        for state in states.chunks_exact(hidden) {
            for ((least, greatest), value) in seen[site].iter_mut().zip(state) {
                (*least, *greatest) = (least.min(*value), greatest.max(*value));
            }
        }
    })?;
    let shape = |channels: &Vec<(f32, f32)>| Shape {
        centre: channels
            .iter()
            .map(|(least, greatest)| (least + greatest) / 2.0)
            .collect(),
        spread: channels
            .iter()
            .map(|(least, greatest)| smoothed((greatest - least) / 2.0))
            .collect(),
    };
    Ok(seen.iter().map(shape).collect())
}

/// How much of a channel's range is moved from the activations into the weights: its 0.75th power (0 would be nothing, 1
/// all). By square roots, which are rounded rightly everywhere: a power function is the C library's, and with another
/// library the same model would have another digest.
fn smoothed(range: f32) -> f32 {
    let root = range.max(0.01).sqrt();
    root * root.sqrt()
}

/// Sequences of pseudo-random tokens between the model's opening and closing ones, of lengths from 3 to 64. The ranges
/// of the channels belong to the model more than to the text: real text was not needed to find them.
fn made_up_sequences(description: &Description, ends: [u32; 2]) -> Vec<Vec<u32>> {
    let vocabulary = description.vocabulary as u32;
    let mut state = 1_u64;
    let mut next = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as u32 % vocabulary
    };
    (0..MADE_UP)
        .map(|index| {
            let inner = (1 + index % 62).min(description.positions.saturating_sub(2));
            let ends = ends.map(|id| id.min(vocabulary - 1));
            [ends[0]]
                .into_iter()
                .chain((0..inner).map(|_| next()))
                .chain([ends[1]])
                .collect()
        })
        .collect()
}
