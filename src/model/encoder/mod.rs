//! The encoder that ships: BERT in INT8 on our kernels.
//!
//! ```text
//! token ids ── Table ──▶ States ── Stack, layers a..b ──▶ States ── pooling ──▶ Embeddings
//! ```
//!
//! Sequences lie back to back and nothing is padded. A batch is cut into blocks of whole sequences, about
//! [`BLOCK_TOKENS`] tokens each, and each block goes through all layers before the next one begins: its states stay in the
//! caches, the memory needed does not grow with the batch, and a layer's weights (1.8 MB) are read once for a hundred rows.

mod observer;
pub(super) mod pooling;
mod stack;
mod states;
mod table;

pub use observer::Part;

use super::weights::format::File;
use super::{Embeddings, ModelError, Pooling, Profile};
use crate::kernels::Kernel;
use observer::{Nobody, Observer, OnStates};
use stack::Stack;
use states::States;
use table::Table;

/// Tokens that go through the layers together, unless a single sequence has more.
const BLOCK_TOKENS: usize = 128;

/// A BERT encoder with mean pooling and L2 normalisation; without its centre where the weights carry one.
#[derive(Debug)]
pub struct Encoder {
    file: File,
    kernel: Kernel,
    table: Table,
    stack: Stack,
    /// Those of the block that is worked on, kept from block to block.
    states: States,
}

/// A batch on its way through the layers: see [`Encoder::begin`].
#[derive(Debug)]
pub struct Forward {
    states: States,
    /// The layer that comes next.
    layer: usize,
}

impl Encoder {
    /// Takes a weights file over (as [`super::quantise`] writes it) and computes with it in place.
    ///
    /// # Errors
    /// If the file is cut short, damaged in its header, of another format, or lacks something.
    pub fn from_weights(file: Vec<u8>) -> Result<Self, ModelError> {
        Self::with_kernel(file, Kernel::best())
    }

    /// With a kernel of the caller's choice. All give the same bits.
    ///
    /// # Errors
    /// As [`Self::from_weights`].
    pub fn with_kernel(file: Vec<u8>, kernel: Kernel) -> Result<Self, ModelError> {
        Ok(Self {
            file: File::read(file)?,
            kernel,
            table: Table::default(),
            stack: Stack::new(kernel),
            states: States::new(kernel),
        })
    }

    /// Values in an embedding.
    pub fn hidden(&self) -> usize {
        self.file.description.hidden
    }

    /// Longest sequence, special tokens included.
    pub fn max_tokens(&self) -> usize {
        self.file.description.positions
    }

    /// Name of the model, as written in the file.
    pub fn model_id(&self) -> &str {
        &self.file.description.model
    }

    /// Whether these are the weights that a profile is of.
    ///
    /// # Errors
    /// [`ModelError::Profile`] if it is another model's, allows longer sequences than the weights have positions for, or
    /// pools otherwise.
    pub fn fits(&self, profile: &Profile) -> Result<(), ModelError> {
        let refuse = |reason: String| {
            Err(ModelError::Profile {
                model: profile.id.clone(),
                reason,
            })
        };
        if profile.id != self.model_id() {
            return refuse(format!("the weights are those of {}", self.model_id()));
        }
        if profile.max_tokens > self.max_tokens() {
            return refuse(format!(
                "it allows {} tokens, the weights {}",
                profile.max_tokens,
                self.max_tokens()
            ));
        }
        match (profile.pooling, &self.file.centre) {
            (Pooling::Mean, None) | (Pooling::CentredMean, Some(_)) => Ok(()),
            (Pooling::Mean, Some(_)) => refuse("its embeddings are not centred, those of the weights are".to_owned()),
            (Pooling::CentredMean, None) => refuse("its embeddings are centred, the weights have no centre".to_owned()),
        }
    }

    /// What all embeddings of this model would share, `[hidden]`, if it were not subtracted from them.
    pub fn centre(&self) -> Option<&[f32]> {
        self.file.centre.as_deref()
    }

    /// SHA-256 of the published f32 file that the weights were made from.
    pub fn source_sha256(&self) -> &str {
        &self.file.description.source_sha256
    }

    /// The inner loop that runs.
    pub fn kernel(&self) -> &'static str {
        self.kernel.name()
    }

    /// Embeds sequences of token ids (with their special tokens): `[batch, hidden]`, rows of length one, in the order
    /// of the batch. A sequence's embedding does not depend on the batch it is in.
    ///
    /// # Errors
    /// If a sequence is empty, longer than [`Self::max_tokens`], or holds an id outside the vocabulary; nothing is
    /// computed then.
    pub fn embed(&mut self, batch: &[&[u32]]) -> Result<Embeddings, ModelError> {
        self.embed_before(batch, &mut Nobody)
    }

    /// As [`Self::embed`]; `observe` sees the states of every block, `[tokens, hidden]`, after each layer norm in turn:
    /// the embeddings', then each layer's two.
    pub(super) fn embed_observed(
        &mut self,
        batch: &[&[u32]],
        observe: impl FnMut(usize, &[f32]),
    ) -> Result<Embeddings, ModelError> {
        self.embed_before(batch, &mut OnStates(observe))
    }

    /// As [`Self::embed`]; `passed` is told each part of the work as it ends. Whoever listens has the clock.
    ///
    /// # Errors
    /// As [`Self::embed`].
    #[cfg(feature = "bench")]
    pub fn embed_by_parts(&mut self, batch: &[&[u32]], passed: impl FnMut(Part)) -> Result<Embeddings, ModelError> {
        self.embed_before(batch, &mut observer::OnParts(passed))
    }

    fn embed_before(&mut self, batch: &[&[u32]], observer: &mut impl Observer) -> Result<Embeddings, ModelError> {
        self.check(batch)?;
        let mut embeddings = Embeddings::with_capacity(self.hidden(), batch.len());
        let mut left = batch;
        while !left.is_empty() {
            let mut tokens = 0;
            let fits = |sequence: &&&[u32]| {
                tokens += sequence.len();
                tokens <= BLOCK_TOKENS
            };
            let (block, rest) = left.split_at(left.iter().take_while(fits).count().max(1));
            self.block(block, &mut embeddings, observer);
            left = rest;
        }
        Ok(embeddings)
    }

    fn check(&self, batch: &[&[u32]]) -> Result<(), ModelError> {
        let (max, vocabulary) = (self.max_tokens(), self.file.description.vocabulary);
        for (index, sequence) in batch.iter().enumerate() {
            if sequence.is_empty() {
                return Err(ModelError::EmptySequence { index });
            }
            if sequence.len() > max {
                return Err(ModelError::TooManyTokens {
                    index,
                    tokens: sequence.len(),
                    max,
                });
            }
            if let Some(id) = sequence.iter().find(|id| **id as usize >= vocabulary) {
                return Err(ModelError::UnknownToken {
                    index,
                    id: *id,
                    vocabulary,
                });
            }
        }
        Ok(())
    }

    fn block(&mut self, sequences: &[&[u32]], embeddings: &mut Embeddings, observer: &mut impl Observer) {
        self.table.look_up(&self.file, sequences, &mut self.states);
        observer.passed(Part::LookUp);
        observer.states(0, &self.states.residual);
        let layers = 0..self.file.layers.len();
        self.stack.run(&self.file, &mut self.states, layers, observer);
        pooling::mean(&self.states, self.file.centre.as_deref(), embeddings);
        observer.passed(Part::Pool);
    }

    /// Begins with a batch as one block, for a host that does other things between its layers; other work may be done
    /// with this encoder meanwhile. [`Self::go_on`] until it gives the embeddings.
    ///
    /// # Errors
    /// As [`Self::embed`].
    pub fn begin(&mut self, batch: &[&[u32]]) -> Result<Forward, ModelError> {
        self.check(batch)?;
        let mut states = States::new(self.kernel);
        self.table.look_up(&self.file, batch, &mut states);
        Ok(Forward { states, layer: 0 })
    }

    /// One layer more of what [`Self::begin`] of this encoder began; after the last one, the embeddings, as
    /// [`Self::embed`] gives them.
    pub fn go_on(&mut self, forward: &mut Forward) -> Option<Embeddings> {
        let (Forward { states, layer }, layers) = (forward, self.file.layers.len());
        if *layer < layers {
            self.stack.run(&self.file, states, *layer..*layer + 1, &mut Nobody);
            *layer += 1;
        }
        (*layer == layers).then(|| {
            let mut embeddings = Embeddings::with_capacity(self.hidden(), states.spans.len());
            pooling::mean(states, self.file.centre.as_deref(), &mut embeddings);
            embeddings
        })
    }
}
