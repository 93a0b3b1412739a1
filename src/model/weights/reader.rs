//! A weights file into its parts: the file's buffer is taken over, and the INT8 tensors stay where they lie. Only the vectors
//! of floats (300 kB) are copied out, because they must be aligned.

use core::ops::Range;

use safetensors::{Dtype, SafeTensors};

use super::format::{Description, File, KEY, Layer, Linear, Norm, Table, WITH_BLOCKS_AND_CENTRE};
use super::{blocks, check};
use crate::kernels::layout;
use crate::model::ModelError;

impl File {
    /// Takes the file over.
    pub(in crate::model) fn read(bytes: Vec<u8>) -> Result<Self, ModelError> {
        let damaged = |source| ModelError::WeightsFile {
            bytes: bytes.len(),
            source: Box::new(source),
        };
        let (_, header) = SafeTensors::read_metadata(&bytes).map_err(damaged)?;
        let text = header
            .metadata()
            .as_ref()
            .and_then(|map| map.get(KEY))
            .ok_or(ModelError::NoDescription)?;
        let description = Description::read(text)?;
        let tensors = SafeTensors::deserialize(&bytes).map_err(damaged)?;
        let reader = Reader {
            tensors,
            start: bytes.as_ptr() as usize,
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
        let words = if may_have("words.blocks") {
            reader.blocks("words", description.vocabulary, hidden)?
        } else {
            reader.table("words", description.vocabulary, hidden)?
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
    tensors: SafeTensors<'a>,
    /// Address of the file's first byte: a tensor's place in the file is told from the address of its data.
    start: usize,
}

impl<'a> Reader<'a> {
    fn bytes(&self, name: &str, dtype: Dtype, shape: &[usize]) -> Result<&'a [u8], ModelError> {
        let missing = |_| ModelError::MissingTensor { name: name.to_owned() };
        let tensor = self.tensors.tensor(name).map_err(missing)?;
        if tensor.dtype() != dtype || tensor.shape() != shape {
            return Err(ModelError::TensorShape {
                name: name.to_owned(),
                found: format!("{:?} {:?}", tensor.dtype(), tensor.shape()),
                expected: format!("{dtype:?} {shape:?}"),
            });
        }
        Ok(tensor.data())
    }

    fn place(&self, data: &[u8]) -> Range<usize> {
        let start = data.as_ptr() as usize - self.start;
        start..start + data.len()
    }

    fn floats(&self, name: &str, length: usize) -> Result<Vec<f32>, ModelError> {
        let (values, _) = self.bytes(name, Dtype::F32, &[length])?.as_chunks::<4>();
        let values: Vec<f32> = values.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        check::finite(name, values)
    }

    fn has(&self, name: &str) -> bool {
        self.tensors.tensor(name).is_ok()
    }

    fn table(&self, name: &str, rows: usize, hidden: usize) -> Result<Table, ModelError> {
        let scale = self.floats(&format!("{name}.scale"), rows)?;
        Ok(Table::Rows {
            rows: self.place(self.bytes(&format!("{name}.rows"), Dtype::I8, &[rows, hidden])?),
            scale,
        })
    }

    fn blocks(&self, name: &str, rows: usize, hidden: usize) -> Result<Table, ModelError> {
        let name = format!("{name}.blocks");
        let bytes = self.bytes(&name, Dtype::U8, &[rows, hidden / blocks::VALUES, blocks::BYTES])?;
        if !blocks::all_finite(bytes) {
            return Err(ModelError::NotFinite { name });
        }
        Ok(Table::Blocks(self.place(bytes)))
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
        let packed = self.bytes(&packed_name, Dtype::I8, &shape)?;
        check::lane_bound(&packed_name, packed)?;
        Ok(Linear {
            packed: self.place(packed),
            scale: self.floats(&format!("{name}.scale"), n)?,
            correction: self.floats(&format!("{name}.correction"), n)?,
            bias: self.floats(&format!("{name}.bias"), n)?,
        })
    }
}
