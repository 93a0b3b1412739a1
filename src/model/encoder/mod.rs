//! The encoder that ships: BERT in INT8 on our kernels.
//!
//! ```text
//! token ids ── Table ──▶ States ── Stack, layers a..b ──▶ States ── pooling ──▶ Embeddings
//! ```
//!
//! Sequences lie back to back and nothing is padded. A batch is cut into blocks of whole sequences, about
//! [`BLOCK_TOKENS`] tokens each, and each block goes through all layers before the next one begins: its states stay in the
//! caches, the memory needed does not grow with the batch, and a layer's weights (1.8 MB) are read once for a hundred rows.

mod elsewhere;
mod observer;
pub(super) mod pooling;
mod stack;
mod states;
mod table;

pub use elsewhere::{EncoderLayers, LayerWeights, NormWeights};
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
        Ok(Self::of(File::read(file)?, kernel))
    }

    /// Without the table of words, half of the file and more: it takes over the file's beginning alone, as many bytes as
    /// [`Self::bytes_without_words`] says, and embeds rows that another encoder of the model has [looked up](Self::look_up).
    ///
    /// # Errors
    /// As [`Self::from_weights`].
    pub fn without_words(beginning: Vec<u8>) -> Result<Self, ModelError> {
        Ok(Self::of(File::read_without_words(beginning)?, Kernel::best()))
    }

    fn of(file: File, kernel: Kernel) -> Self {
        Self {
            file,
            kernel,
            table: Table::default(),
            stack: Stack::new(kernel),
            states: States::new(kernel),
        }
    }

    /// Length of the file's beginning that an encoder without words is made of.
    pub fn bytes_without_words(&self) -> usize {
        self.file.bytes_before_words()
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
    /// If a sequence is empty, longer than [`Self::max_tokens`], or holds an id outside the vocabulary, or the encoder is one
    /// without words; nothing is computed then.
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
        let lengths: Vec<usize> = batch.iter().map(|sequence| sequence.len()).collect();
        let mut ids = batch.iter().copied().flatten();
        let words = |file: &File, row: &mut [f32]| {
            if let Some(id) = ids.next() {
                file.look_up_word(*id, row);
            }
        };
        Ok(self.embed_blocks(&lengths, words, observer))
    }

    /// The rows of a batch's words, as an encoder [without words](Self::without_words) takes them: `[tokens, hidden]`.
    ///
    /// # Errors
    /// As [`Self::embed`].
    pub fn look_up(&self, batch: &[&[u32]]) -> Result<Vec<f32>, ModelError> {
        self.check(batch)?;
        let hidden = self.hidden();
        let ids = batch.iter().copied().flatten();
        let mut rows = vec![0.0; ids.clone().count() * hidden];
        for (id, row) in ids.zip(rows.chunks_exact_mut(hidden)) {
            self.file.look_up_word(*id, row);
        }
        Ok(rows)
    }

    /// As [`Self::embed`], of sequences of so many tokens each whose words were [looked up](Self::look_up), `[tokens, hidden]`.
    ///
    /// # Errors
    /// If a sequence is empty or longer than [`Self::max_tokens`], or there are not as many rows as tokens.
    pub fn embed_rows(&mut self, rows: &[f32], lengths: &[usize]) -> Result<Embeddings, ModelError> {
        self.file.description.check_rows(rows.len(), lengths)?;
        let mut rows = rows.chunks_exact(self.hidden());
        let words = |_: &File, row: &mut [f32]| {
            if let Some(word) = rows.next() {
                row.copy_from_slice(word);
            }
        };
        Ok(self.embed_blocks(lengths, words, &mut Nobody))
    }

    /// Embeds sequences of so many tokens each, block by block. `words` writes the row of the next token's word.
    fn embed_blocks(
        &mut self,
        lengths: &[usize],
        mut words: impl FnMut(&File, &mut [f32]),
        observer: &mut impl Observer,
    ) -> Embeddings {
        let mut embeddings = Embeddings::with_capacity(self.hidden(), lengths.len());
        let mut left = lengths;
        while !left.is_empty() {
            let mut tokens = 0;
            let fits = |length: &&usize| {
                tokens += **length;
                tokens <= BLOCK_TOKENS
            };
            let (block, rest) = left.split_at(left.iter().take_while(fits).count().max(1));
            self.table
                .put(&self.file, block.iter().copied(), &mut self.states, |row| {
                    words(&self.file, row);
                });
            observer.passed(Part::LookUp);
            observer.states(0, &self.states.residual);
            let layers = 0..self.file.layers.len();
            self.stack.run(&self.file, &mut self.states, layers, observer);
            pooling::mean(&self.states, self.file.centre.as_deref(), &mut embeddings);
            observer.passed(Part::Pool);
            left = rest;
        }
        embeddings
    }

    fn check(&self, batch: &[&[u32]]) -> Result<(), ModelError> {
        if self.file.words.is_none() {
            return Err(ModelError::NoWords);
        }
        let vocabulary = self.file.description.vocabulary;
        for (index, sequence) in batch.iter().enumerate() {
            self.file.description.check_length(index, sequence.len())?;
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

    /// Begins with a batch as one block, for a host that does other things between its layers; other work may be done
    /// with this encoder meanwhile. [`Self::go_on`] until it gives the embeddings.
    ///
    /// # Errors
    /// As [`Self::embed`].
    pub fn begin(&mut self, batch: &[&[u32]]) -> Result<Forward, ModelError> {
        self.check(batch)?;
        let mut states = States::new(self.kernel);
        let mut ids = batch.iter().copied().flatten();
        let lengths = batch.iter().map(|sequence| sequence.len());
        self.table.put(&self.file, lengths, &mut states, |row| {
            if let Some(id) = ids.next() {
                self.file.look_up_word(*id, row);
            }
        });
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
