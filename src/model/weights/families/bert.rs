//! BERT as Hugging Face publishes it: `config.json` and `model.safetensors`.
//!
//! Two tensors may be there that Hugging Face's files have not: a model that was published in four bits keeps its table in
//! them ([`WORD_BLOCKS`], beside the same in single precision), and [`CENTRE`].

use safetensors::{Dtype, SafeTensors};
use serde::Deserialize;

use crate::kernels::layout;
use crate::model::ModelError;
use crate::model::weights::finite;
use crate::model::weights::format::{Description, WITH_BLOCKS_AND_CENTRE};
use crate::store::sha256_hex;

/// BERT's own tokens at a sequence's beginning and end, `[CLS]` and `[SEP]`, for configurations that name none.
const ENDS: [u32; 2] = [101, 102];

/// `[vocabulary, hidden]`
pub(in crate::model) const WORDS: &str = "embeddings.word_embeddings.weight";
/// `[vocabulary, hidden / 32, 18]`, U8: the rows of [`WORDS`] in blocks, as [`crate::model::weights::format`] draws them.
pub(in crate::model) const WORD_BLOCKS: &str = "embeddings.word_embeddings.blocks";
/// `[hidden]`: what all embeddings share.
pub(in crate::model) const CENTRE: &str = "pooling.centre";
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
    bos_token_id: Option<u32>,
    eos_token_id: Option<u32>,
}

/// A published model as the quantiser needs to know it.
pub(in crate::model) struct Published {
    /// What the weights file will say of itself.
    pub(in crate::model) description: Description,
    /// The tokens at a sequence's beginning and end.
    pub(in crate::model) ends: [u32; 2],
}

fn absolute() -> String {
    "absolute".to_owned()
}

/// Looks at a published model. `model` is the name that the weights file will carry.
pub(in crate::model) fn describe(
    config_json: &[u8],
    f32_safetensors: &[u8],
    model: &str,
) -> Result<Published, ModelError> {
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
    let tensors = deserialize(f32_safetensors)?;
    let has = |name: &str| tensors.tensor(name).is_ok();
    let description = Description {
        format: if has(WORD_BLOCKS) || has(CENTRE) {
            WITH_BLOCKS_AND_CENTRE
        } else {
            1
        },
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
    Ok(Published {
        description,
        ends: [
            config.bos_token_id.unwrap_or(ENDS[0]),
            config.eos_token_id.unwrap_or(ENDS[1]),
        ],
    })
}

/// [`CENTRE`], if the model has one.
pub(in crate::model) fn centre(tensors: &SafeTensors<'_>, hidden: usize) -> Result<Option<Vec<f32>>, ModelError> {
    let Ok(centre) = tensors.tensor(CENTRE) else {
        return Ok(None);
    };
    if centre.dtype() != Dtype::F32 || centre.shape() != [hidden] {
        return Err(ModelError::TensorShape {
            name: CENTRE.to_owned(),
            found: format!("{:?} {:?}", centre.dtype(), centre.shape()),
            expected: format!("{:?} {:?}", Dtype::F32, [hidden]),
        });
    }
    let values = centre.data().chunks_exact(4).map(bytemuck::pod_read_unaligned);
    finite(CENTRE, values.collect()).map(Some)
}

/// The tensors of a published file.
pub(in crate::model) fn deserialize(f32_safetensors: &[u8]) -> Result<SafeTensors<'_>, ModelError> {
    SafeTensors::deserialize(f32_safetensors).map_err(|source| ModelError::WeightsFile {
        bytes: f32_safetensors.len(),
        source: Box::new(source),
    })
}
