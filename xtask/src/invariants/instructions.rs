//! Which instructions of relaxed SIMD a built module holds.
//!
//! Their results are the processor's choice where operands are unusual, so each that is used needs a proof that no such
//! operand comes. Two have one (`src/kernels/layout.rs`). The compiler puts in others by itself: LLVM 22.1 makes a
//! `relaxed_min` of any minimum of floats in a module that has relaxed SIMD at all, in whatever crate it stands.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, Result, ensure};
use wasmparser::{BinaryReader, Parser, Payload};

/// The prefix of vector instructions, and those after it that are relaxed.
const VECTOR: u8 = 0xfd;
const RELAXED: std::ops::RangeInclusive<u32> = 0x100..=0x113;
/// `i16x8.relaxed_dot_i8x16_i7x16_s` and `i32x4.relaxed_dot_i8x16_i7x16_add_s`.
const DOT_PRODUCTS: [u32; 2] = [0x112, 0x113];

/// The engine's two builds: the second holds the dot products.
const PLAIN_ENGINE: &str = "worker_bg";
const RELAXED_ENGINE: &str = "worker_relaxed_bg";

/// Fails if a module in `folder` holds a relaxed instruction that it should not, or an engine is not there.
pub(super) fn check(folder: &Path) -> Result<()> {
    let mut missing = vec![PLAIN_ENGINE, RELAXED_ENGINE];
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot list {}", folder.display()))? {
        let path = entry?.path();
        if path.extension().is_none_or(|extension| extension != "wasm") {
            continue;
        }
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        missing.retain(|engine| *engine != name);
        let found = relaxed(&std::fs::read(&path)?).with_context(|| format!("cannot read {}", path.display()))?;
        let allowed: &[u32] = if name == RELAXED_ENGINE { &DOT_PRODUCTS } else { &[] };
        for (opcode, times) in &found {
            ensure!(
                allowed.contains(opcode),
                "{name} holds the relaxed instruction 0xfd {opcode:#x}, {times} times: what it gives depends on the processor"
            );
        }
        ensure!(
            allowed.iter().all(|opcode| found.contains_key(opcode)),
            "{name} lacks the dot products that it is built for: {found:?}"
        );
    }
    ensure!(missing.is_empty(), "{missing:?} is not in {}", folder.display());
    Ok(())
}

/// The relaxed instructions of a module, with how often each is there.
fn relaxed(module: &[u8]) -> Result<BTreeMap<u32, usize>> {
    let mut found = BTreeMap::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CodeSectionEntry(body) = payload? else {
            continue;
        };
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            let at = operators.original_position();
            operators.read()?;
            if let Some((&VECTOR, opcode)) = module.get(at..).and_then(<[u8]>::split_first) {
                let opcode = BinaryReader::new(opcode, 0).read_var_u32()?;
                if RELAXED.contains(&opcode) {
                    *found.entry(opcode).or_default() += 1;
                }
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module of one function, `() -> v128`, with this code.
    fn module(code: &[u8]) -> Vec<u8> {
        let len = |bytes: usize| u8::try_from(bytes).unwrap();
        let header = [0, b'a', b's', b'm', 1, 0, 0, 0, 1, 5, 1, 0x60, 0, 1, 0x7b, 3, 2, 1, 0];
        let body = [&[len(code.len() + 2), 0][..], code, &[0x0b]].concat();
        [&header[..], &[10, len(body.len() + 1), 1], &body].concat()
    }

    #[test]
    fn relaxed_instructions_are_found_by_their_opcodes() {
        // i32.const 1, i8x16.splat; i32.const 253, i8x16.splat (253 is the prefix's own byte); then one with both.
        let operands = [0x41, 1, 0xfd, 15, 0x41, 0xfd, 1, 0xfd, 15];
        let with = |last: &[u8]| relaxed(&module(&[&operands, last].concat())).unwrap();
        // f32x4.pmin, f32x4.relaxed_min, i16x8.relaxed_dot_i8x16_i7x16_s.
        assert_eq!(with(&[0xfd, 0xea, 1]), BTreeMap::new());
        assert_eq!(with(&[0xfd, 0x8d, 2]), BTreeMap::from([(0x10d, 1)]));
        assert_eq!(with(&[0xfd, 0x92, 2]), BTreeMap::from([(0x112, 1)]));
        assert!(relaxed(b"no module").is_err());
    }
}
