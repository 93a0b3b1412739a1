//! The arithmetic of the encoder: INT8 matrix products, attention, and the float functions between them.
//!
//! One algorithm, told once, and a small number of inner loops for it:
//!
//! * [`layout`] draws how weights and activations lie in memory, and states the numeric range that lets two bytes be
//!   multiplied and sixteen products be summed in 16 bits without ever overflowing.
//! * [`activations`] turns rows of floats into 7-bit rows; [`linear`] multiplies them by packed INT8 weights;
//!   [`attention`] is exact attention over 16-bit integers that never holds more than four rows of scores.
//! * [`float`] is four floats at a time, the same operations in the same order everywhere; [`gelu`], [`softmax`] and
//!   [`norm`] are written over it and state their error bounds.
//! * [`Kernel`] names the inner loops of this machine: a scalar one (the oracle of the others), AVX2, simd128, relaxed.
//!
//! All products are integer products inside a declared range, and the floats between them use neither fused
//! multiply-add nor reassociation. So every kernel gives the same bits, and a text has the same embedding on every
//! machine.
//!
//! What this layer refuses: a matrix whose sides are not multiples of its tile, and weights outside the range (both
//! checked where the weights are read). `unsafe` stands only in the files of the single kernels; everywhere else the lint
//! `unsafe_code` denies it.

pub mod activations;
pub mod attention;
#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(feature = "bench")]
pub mod bench;
#[cfg(any(test, feature = "kernel-cases"))]
pub mod cases;
pub mod float;
pub mod gelu;
mod known_answer;
pub mod layout;
pub mod linear;
pub mod norm;
#[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
mod relaxed;
mod scalar;
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod simd128;
pub mod softmax;

use layout::{PANEL, ROWS, STEP};

/// The inner loops of one instruction set.
///
/// Each multiplies row tiles of packed activations by one panel of packed columns, both as drawn in [`layout`], and
/// writes exact 32-bit sums. Which one runs is a question of speed only: all give the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kernel {
    /// Plain Rust, any machine. The oracle of the others.
    Scalar,
    /// x86-64 with AVX2: for tests and evaluation on the host.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// WebAssembly with fixed-width SIMD.
    #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
    Simd128,
    /// WebAssembly with relaxed SIMD: 8-bit products, added by twos into 16 bits.
    #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
    Relaxed,
    /// WebAssembly with relaxed SIMD: 8-bit products, added by fours into 32 bits.
    #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
    RelaxedByFours,
}

/// Number of 32-bit sums in a tile: [`ROWS`] rows of [`PANEL`] columns, row-major.
pub const TILE: usize = ROWS * PANEL;

impl Kernel {
    /// Every kernel that this build and this machine can run, the fastest one last. The first one is the oracle. That they
    /// are right is not looked at here: a test would not see a wrong one.
    pub fn available() -> Vec<Kernel> {
        vec![
            Kernel::Scalar,
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kernel::Simd128,
        ]
        .into_iter()
        .chain(Self::detected())
        .collect()
    }

    /// The fastest kernel that this build and this machine can run, and run right.
    pub fn best() -> Kernel {
        let mut fastest_first = Self::available().into_iter().rev();
        fastest_first
            .find(|kernel| known_answer::is_given_by(*kernel))
            .unwrap_or(Kernel::Scalar)
    }

    #[cfg(target_arch = "x86_64")]
    fn detected() -> Vec<Kernel> {
        Vec::from_iter(avx2::is_available().then_some(Kernel::Avx2))
    }

    #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
    fn detected() -> Vec<Kernel> {
        if relaxed::adds_fours_at_once() {
            vec![Kernel::Relaxed, Kernel::RelaxedByFours]
        } else {
            vec![Kernel::RelaxedByFours, Kernel::Relaxed]
        }
    }

    #[cfg(not(any(target_arch = "x86_64", all(target_arch = "wasm32", feature = "relaxed-simd"))))]
    fn detected() -> Vec<Kernel> {
        Vec::new()
    }

    /// Operation, types, tile and instruction set, for logs and diagnostics.
    pub fn name(self) -> &'static str {
        match self {
            Kernel::Scalar => "linear-u7i8-4x8-scalar",
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => "linear-u7i8-4x8-avx2",
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kernel::Simd128 => "linear-u7i8-4x8-simd128",
            #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
            Kernel::Relaxed => "linear-u7i8-4x8-relaxed",
            #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
            Kernel::RelaxedByFours => "linear-u7i8-4x8-relaxed-by-fours",
        }
    }

    /// How this kernel wants its 7-bit activations stored.
    pub(crate) fn element(self) -> activations::Element {
        match self {
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kernel::Simd128 => activations::Element::I16,
            _ => activations::Element::U8,
        }
    }

    /// Row tiles of 7-bit activations times one panel of INT8 weights.
    ///
    /// `rows`: `[tiles][steps][ROWS][STEP]`, `panel`: `[steps][PANEL][STEP]`, `sums`: `[tiles][ROWS][PANEL]`, written.
    pub(crate) fn panel_i8(self, rows: activations::Tiles<'_>, panel: &[i8], sums: &mut [i32]) {
        let steps = panel.len() / (PANEL * STEP);
        assert_eq!(panel.len(), steps * PANEL * STEP, "a panel is whole steps");
        assert_eq!(steps % layout::GROUP, 0, "a panel is whole groups");
        assert_eq!(
            rows.len(),
            sums.len() / TILE * steps * ROWS * STEP,
            "rows and sums disagree on the row tiles"
        );
        match (self, rows) {
            #[cfg(target_arch = "x86_64")]
            (Kernel::Avx2, activations::Tiles::U8(rows)) => avx2::panel_i8(rows, panel, sums),
            #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
            (Kernel::Relaxed, activations::Tiles::U8(rows)) => relaxed::panel_i8(rows, panel, sums),
            #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
            (Kernel::RelaxedByFours, activations::Tiles::U8(rows)) => relaxed::panel_i8_by_fours(rows, panel, sums),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            (Kernel::Simd128, activations::Tiles::I16(rows)) => simd128::panel_i8(rows, panel, sums),
            (_, activations::Tiles::U8(rows)) => scalar::panel(rows, panel, sums),
            (_, activations::Tiles::I16(rows)) => scalar::panel(rows, panel, sums),
        }
    }

    /// Multiplies and adds as in the inner loop, but on registers alone: what this kernel could reach if nothing had to
    /// be loaded. Gives the number of operations (a product and its addition are two); none for the scalar kernel.
    #[cfg(feature = "bench")]
    pub(crate) fn peak(self, rounds: usize) -> Option<usize> {
        match self {
            Kernel::Scalar => None,
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => Some(avx2::peak(rounds)),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kernel::Simd128 => Some(simd128::peak(rounds)),
            #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
            Kernel::Relaxed => Some(relaxed::peak(rounds)),
            #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
            Kernel::RelaxedByFours => Some(relaxed::peak_by_fours(rounds)),
        }
    }

    /// One row tile of 16-bit values times panels of 16-bit values, for attention.
    ///
    /// `rows`: `[steps][ROWS][STEP]`, `panels`: `[panels][steps][PANEL][STEP]`, `sums`: `[panels][ROWS][PANEL]`,
    /// written. No sum of products may leave 32 bits; the callers in [`attention`] choose their scales so.
    pub(crate) fn panels_i16(self, rows: &[i16], panels: &[i16], sums: &mut [i32]) {
        let steps = rows.len() / (ROWS * STEP);
        assert_eq!(rows.len(), steps * ROWS * STEP, "a row tile is whole steps");
        assert_eq!(
            panels.len(),
            sums.len() / TILE * steps * PANEL * STEP,
            "panels and sums disagree"
        );
        assert_eq!(sums.len() % TILE, 0, "sums are whole tiles");
        match self {
            Kernel::Scalar => scalar::panels_i16(rows, panels, sums),
            #[cfg(target_arch = "x86_64")]
            Kernel::Avx2 => avx2::panels_i16(rows, panels, sums),
            #[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
            Kernel::Simd128 => simd128::panels_i16(rows, panels, sums),
            #[cfg(all(target_arch = "wasm32", feature = "relaxed-simd"))]
            Kernel::Relaxed | Kernel::RelaxedByFours => simd128::panels_i16(rows, panels, sums),
        }
    }
}
