//! A weights file into its parts: the file's buffer is taken over, and the INT8 tensors stay where they lie. Only the vectors
//! of floats (300 kB) are copied out, because they must be aligned.

use core::ops::Range;

use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensors};

use super::format::{Description, File, KEY, Layer, Linear, Norm, Table, WITH_BLOCKS_AND_CENTRE};
use super::{blocks, check};
use crate::kernels::layout;
use crate::model::ModelError;

impl File {
    /// Takes the file over.
    pub(in crate::model) fn read(bytes: Vec<u8>) -> Result<Self, ModelError> {
        let (header_bytes, header) = SafeTensors::read_metadata(&bytes).map_err(|source| ModelError::WeightsFile {
            bytes: bytes.len(),
            source: Box::new(source),
        })?;
        Self::parse(bytes, 8 + header_bytes, &header, true)
    }

    /// Takes the beginning of a file over, up to [`File::bytes_before_words`] at the least.
    pub(in crate::model) fn read_without_words(bytes: Vec<u8>) -> Result<Self, ModelError> {
        let damaged = |source: Box<dyn std::error::Error + Send + Sync>| ModelError::WeightsFile {
            bytes: bytes.len(),
            source,
        };
        // A length of eight bytes, then so many of JSON: safetensors' own reader wants the whole file.
        let cut_short = || damaged("the header is cut short".into());
        let length = bytes.first_chunk().map(|length| u64::from_le_bytes(*length));
        let start = length.and_then(|length| usize::try_from(length).ok()?.checked_add(8));
        let start = start.ok_or_else(cut_short)?;
        let json = bytes.get(8..start).ok_or_else(cut_short)?;
        let header: Metadata = serde_json::from_slice(json).map_err(|source| damaged(Box::new(source)))?;
        Self::parse(bytes, start, &header, false)
    }

    /// `data_start`: where the tensors begin.
    fn parse(bytes: Vec<u8>, data_start: usize, header: &Metadata, has_words: bool) -> Result<Self, ModelError> {
        let text = header
            .metadata()
            .as_ref()
            .and_then(|map| map.get(KEY))
            .ok_or(ModelError::NoDescription)?;
        let description = Description::read(text)?;
        let reader = Reader {
            bytes: &bytes,
            data_start,
            header,
        };
        let hidden = description.hidden;
        let layers = (0..description.layers)
            .map(|layer| {
                let name = |part: &str| format!("layers.{layer}.{part}");
                Ok(Layer {
                    qkv: reader.linear(&name("qkv"), 3 * hidden, hidden)?,
                    context: reader.linear(&name("context"), hidden, hidden)?,
                    context_norm: reader.norm(&name("context_norm"), hidden)?,
                    up: reader.linear(&name("up"), description.intermediate, hidden)?,
                    down: reader.linear(&name("down"), hidden, description.intermediate)?,
                    down_norm: reader.norm(&name("down_norm"), hidden)?,
                })
            })
            .collect::<Result<_, ModelError>>()?;
        let may_have = |name: &str| description.format >= WITH_BLOCKS_AND_CENTRE && reader.has(name);
        let words = if !has_words {
            None
        } else if may_have("words.blocks") {
            Some(reader.blocks("words", description.vocabulary, hidden)?)
        } else {
            Some(reader.table("words", description.vocabulary, hidden)?)
        };
        let centre = may_have("centre")
            .then(|| reader.floats("centre", hidden))
            .transpose()?;
        let positions = reader.table("positions", description.positions, hidden)?;
        let embedding_norm = reader.norm("embedding_norm", hidden)?;
        Ok(Self {
            bytes,
            description,
            words,
            positions,
            embedding_norm,
            centre,
            layers,
        })
    }
}

/// Finds tensors and checks them.
struct Reader<'a> {
    bytes: &'a [u8],
    /// Where the tensors begin.
    data_start: usize,
    header: &'a Metadata,
}

impl<'a> Reader<'a> {
    /// Where a tensor lies in the file, all of it inside.
    fn place(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<Range<usize>, ModelError> {
        let missing = || ModelError::MissingTensor { name: name.to_owned() };
        let tensor = self.header.info(name).ok_or_else(missing)?;
        if tensor.dtype != dtype || tensor.shape != shape {
            return Err(ModelError::TensorShape {
                name: name.to_owned(),
                found: format!("{:?} {:?}", tensor.dtype, tensor.shape),
                expected: format!("{dtype:?} {shape:?}"),
            });
        }
        let (start, end) = tensor.data_offsets;
        let place = |offset: usize| self.data_start.checked_add(offset);
        let place = place(start).zip(place(end)).map(|(start, end)| start..end);
        place
            .filter(|place| self.bytes.get(place.clone()).is_some())
            .ok_or_else(missing)
    }

    fn bytes(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&'a [u8], ModelError> {
        Ok(&self.bytes[self.place(name, dtype, shape)?])
    }

    fn floats(&self, name: &str, length: usize) -> Result<Vec<f32>, ModelError> {
        let (values, _) = self.bytes(name, Dtype::F32, &[length])?.as_chunks::<4>();
        let values: Vec<f32> = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        check::finite(name, values)
    }

    fn has(&self, name: &str) -> bool {
        self.header.info(name).is_some()
    }

    fn table(&self, name: &str, rows: usize, hidden: usize) -> Result<Table, ModelError> {
        let scale = self.floats(&format!("{name}.scale"), rows)?;
        Ok(Table::Rows {
            rows: self.place(&format!("{name}.rows"), Dtype::I8, &[rows, hidden])?,
            scale,
        })
    }

    fn blocks(&self, name: &str, rows: usize, hidden: usize) -> Result<Table, ModelError> {
        let name = format!("{name}.blocks");
        let place = self.place(&name, Dtype::U8, &[rows, hidden / blocks::VALUES, blocks::BYTES])?;
        if !blocks::all_finite(&self.bytes[place.clone()]) {
            return Err(ModelError::NotFinite { name });
        }
        Ok(Table::Blocks(place))
    }

    fn norm(&self, name: &str, length: usize) -> Result<Norm, ModelError> {
        let floats = |part: &str| self.floats(&format!("{name}.{part}"), length);
        Ok(Norm {
            gain: floats("gain")?,
            bias: floats("bias")?,
            shaped_gain: floats("shaped_gain")?,
            shaped_bias: floats("shaped_bias")?,
        })
    }

    fn linear(&self, name: &str, n: usize, k: usize) -> Result<Linear, ModelError> {
        let shape = [n / layout::PANEL, k / layout::STEP, layout::PANEL, layout::STEP];
        let packed_name = format!("{name}.packed");
        let packed = self.place(&packed_name, Dtype::I8, &shape)?;
        check::lane_bound(&packed_name, &self.bytes[packed.clone()])?;
        Ok(Linear {
            packed,
            scale: self.floats(&format!("{name}.scale"), n)?,
            correction: self.floats(&format!("{name}.correction"), n)?,
            bias: self.floats(&format!("{name}.bias"), n)?,
        })
    }
}
