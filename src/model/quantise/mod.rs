//! From the published f32 weights to the INT8 file that ships.
//!
//! * `columns`: the integers of a linear layer's columns.
//! * `shaping`: rows of activations as they are before they are quantised.
//! * `writer`: the tensors of the file.

mod columns;
mod shaping;
mod writer;

use super::ModelError;
use super::weights::families::bert::{self, Published};
use shaping::{Shape, observed};
use writer::write;

/// Quantises a BERT encoder in the Hugging Face layout: `model.safetensors` and `config.json` as bytes. `model` is the
/// name that the file will carry. A table that is there in blocks of four bits too stays as it is in them. The result is the weights file drawn in [`super::weights::format`]; the same input gives
/// the same bytes.
///
/// # Errors
/// If a file does not parse, a tensor is missing, misshapen or not finite, or the model is of another kind.
pub fn quantise(f32_safetensors: &[u8], config_json: &[u8], model: &str) -> Result<Vec<u8>, ModelError> {
    let Published { description, ends } = bert::describe(config_json, f32_safetensors, model)?;
    let plain = vec![Shape::plain(description.hidden); 2 * description.layers + 1];
    let unshaped = write(f32_safetensors, &description, &plain)?;
    write(f32_safetensors, &description, &observed(unshaped, &description, ends)?)
}
