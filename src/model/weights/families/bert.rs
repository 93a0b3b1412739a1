//! BERT as Hugging Face publishes it: `config.json` and `model.safetensors`.

use serde::Deserialize;

use crate::kernels::layout;
use crate::model::ModelError;
use crate::model::weights::format::{Description, FORMAT};
use crate::store::sha256_hex;

/// The ids of the tokens at a sequence's beginning and end, `[CLS]` and `[SEP]`.
pub(in crate::model) const ENDS: [u32; 2] = [101, 102];

/// `[vocabulary, hidden]`
pub(in crate::model) const WORDS: &str = "embeddings.word_embeddings.weight";
/// `[positions, hidden]`
pub(in crate::model) const POSITIONS: &str = "embeddings.position_embeddings.weight";
/// `[2, hidden]`; the first is everybody's.
pub(in crate::model) const TYPES: &str = "embeddings.token_type_embeddings.weight";
/// The layer norm of the embeddings.
pub(in crate::model) const EMBEDDING_NORM: &str = "embeddings.LayerNorm";

/// What a layer consists of, each a `.weight` and a `.bias`.
#[derive(Clone, Copy, Debug)]
pub(in crate::model) enum Part {
    /// `[hidden, hidden]`
    Query,
    /// `[hidden, hidden]`
    Key,
    /// `[hidden, hidden]`
    Value,
    /// The output projection of attention, `[hidden, hidden]`.
    Context,
    /// After attention.
    ContextNorm,
    /// `[intermediate, hidden]`
    Up,
    /// `[hidden, intermediate]`
    Down,
    /// After the feed-forward part.
    DownNorm,
}

/// The name of a part of a layer.
pub(in crate::model) fn of_layer(layer: usize, part: Part) -> String {
    let part = match part {
        Part::Query => "attention.self.query",
        Part::Key => "attention.self.key",
        Part::Value => "attention.self.value",
        Part::Context => "attention.output.dense",
        Part::ContextNorm => "attention.output.LayerNorm",
        Part::Up => "intermediate.dense",
        Part::Down => "output.dense",
        Part::DownNorm => "output.LayerNorm",
    };
    format!("encoder.layer.{layer}.{part}")
}

/// The parts of a Hugging Face config.json that matter.
#[derive(Debug, Deserialize)]
struct Config {
    model_type: String,
    hidden_act: String,
    hidden_size: usize,
    intermediate_size: usize,
    num_hidden_layers: usize,
    num_attention_heads: usize,
    vocab_size: usize,
    max_position_embeddings: usize,
    layer_norm_eps: f32,
    #[serde(default = "absolute")]
    position_embedding_type: String,
}

fn absolute() -> String {
    "absolute".to_owned()
}

/// What the weights file of this model will say of itself. `model` is the name that it will carry.
pub(in crate::model) fn describe(
    config_json: &[u8],
    f32_safetensors: &[u8],
    model: &str,
) -> Result<Description, ModelError> {
    let config: Config = serde_json::from_slice(config_json).map_err(ModelError::Config)?;
    let demands = [
        ("model_type", &config.model_type, "bert"),
        ("hidden_act", &config.hidden_act, "gelu"),
        ("position_embedding_type", &config.position_embedding_type, "absolute"),
    ];
    for (name, found, expected) in demands {
        if found != expected {
            return Err(ModelError::Unsupported {
                what: format!("{name} {found}"),
            });
        }
    }
    let description = Description {
        format: FORMAT,
        layout: layout::VERSION,
        model: model.to_owned(),
        source_sha256: sha256_hex(f32_safetensors),
        hidden: config.hidden_size,
        intermediate: config.intermediate_size,
        layers: config.num_hidden_layers,
        heads: config.num_attention_heads,
        vocabulary: config.vocab_size,
        positions: config.max_position_embeddings,
        epsilon: config.layer_norm_eps,
    };
    description.check()?;
    Ok(description)
}
