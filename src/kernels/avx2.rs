//! AVX2, for the host: a step of a panel is one 256-bit register.
//!
//! Used by tests and evaluation, which embed millions of tokens natively. Told from the CPU at run time.

#![expect(
    unsafe_code,
    reason = "an instruction set that this processor may lack, and loads and stores that take pointers"
)]

use core::arch::x86_64::*;

use bytemuck::Pod;

use super::TILE;
use super::layout::{GROUP, PANEL, ROWS, STEP};

/// Whether this processor can run it.
pub(super) fn is_available() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

/// Row tiles times one panel; see [`super::Kernel::panel_i8`].
pub(super) fn panel_i8(rows: &[u8], panel: &[i8], sums: &mut [i32]) {
    assert!(is_available(), "AVX2 was asked for on a processor without it");
    let tile_length = panel.len() / PANEL * ROWS;
    for (rows, sums) in rows.chunks_exact(tile_length).zip(sums.chunks_exact_mut(TILE)) {
        // SAFETY: AVX2 is there, by the assertion above.
        unsafe { tile_i8(rows, panel, sums) };
    }
}

/// One row tile times 16-bit panels; see [`super::Kernel::panels_i16`].
pub(super) fn panels_i16(rows: &[i16], panels: &[i16], sums: &mut [i32]) {
    assert!(is_available(), "AVX2 was asked for on a processor without it");
    let panel_length = rows.len() / ROWS * PANEL;
    for (panel, sums) in panels.chunks_exact(panel_length).zip(sums.chunks_exact_mut(TILE)) {
        // SAFETY: AVX2 is there, by the assertion above.
        unsafe { tile_i16(rows, panel, sums) };
    }
}

#[target_feature(enable = "avx2")]
fn tile_i8(rows: &[u8], panel: &[i8], sums: &mut [i32]) {
    const GROUP_ROWS: usize = GROUP * ROWS * STEP;
    const GROUP_PANEL: usize = GROUP * PANEL * STEP;
    let ones = _mm256_set1_epi16(1);
    let mut totals = [_mm256_setzero_si256(); ROWS];
    for (rows, panel) in rows.chunks_exact(GROUP_ROWS).zip(panel.chunks_exact(GROUP_PANEL)) {
        // 16-bit sums of a group: in range by the lane bound of the layout.
        let mut group = [_mm256_setzero_si256(); ROWS];
        for (rows, columns) in rows.chunks_exact(ROWS * STEP).zip(panel.chunks_exact(PANEL * STEP)) {
            let columns = load(columns);
            for (row, sum) in group.iter_mut().enumerate() {
                let four = i32::from_le_bytes([rows[row * 4], rows[row * 4 + 1], rows[row * 4 + 2], rows[row * 4 + 3]]);
                *sum = _mm256_add_epi16(*sum, _mm256_maddubs_epi16(_mm256_set1_epi32(four), columns));
            }
        }
        for (total, sum) in totals.iter_mut().zip(group) {
            *total = _mm256_add_epi32(*total, _mm256_madd_epi16(sum, ones));
        }
    }
    for (sums, total) in sums.chunks_exact_mut(PANEL).zip(totals) {
        store(total, sums);
    }
}

#[target_feature(enable = "avx2")]
fn tile_i16(rows: &[i16], panel: &[i16], sums: &mut [i32]) {
    // The four k of a column are two pairs: their sums stay in two 32-bit lanes until the end.
    let mut totals = [[_mm256_setzero_si256(); 2]; ROWS];
    for (rows, columns) in rows.chunks_exact(ROWS * STEP).zip(panel.chunks_exact(PANEL * STEP)) {
        let (low, high) = columns.split_at(PANEL * STEP / 2);
        let (low, high) = (load(low), load(high));
        for (row, total) in totals.iter_mut().enumerate() {
            let mut four = 0;
            for value in rows[row * STEP..][..STEP].iter().rev() {
                four = four << 16 | i64::from(*value as u16);
            }
            let four = _mm256_set1_epi64x(four);
            total[0] = _mm256_add_epi32(total[0], _mm256_madd_epi16(low, four));
            total[1] = _mm256_add_epi32(total[1], _mm256_madd_epi16(high, four));
        }
    }
    for (sums, total) in sums.chunks_exact_mut(PANEL).zip(totals) {
        // Adds neighbours within each 128-bit half: columns 0 1 4 5 | 2 3 6 7.
        let pairs = _mm256_hadd_epi32(total[0], total[1]);
        store(_mm256_permute4x64_epi64::<0b11_01_10_00>(pairs), sums);
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load<T: Pod>(values: &[T]) -> __m256i {
    assert_eq!(size_of_val(values), 32);
    // SAFETY: 32 bytes, by the assertion above; the load asks for no alignment.
    unsafe { _mm256_loadu_si256(values.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn store(value: __m256i, sums: &mut [i32]) {
    assert_eq!(size_of_val(sums), 32);
    // SAFETY: 32 bytes, by the assertion above; the store asks for no alignment.
    unsafe { _mm256_storeu_si256(sums.as_mut_ptr().cast(), value) }
}

/// See [`super::Kernel::peak`].
#[cfg(feature = "bench")]
pub(super) fn peak(rounds: usize) -> usize {
    assert!(is_available(), "AVX2 was asked for on a processor without it");
    // SAFETY: AVX2 is there, by the assertion above.
    unsafe { peak_on_registers(rounds) }
}

#[cfg(feature = "bench")]
#[target_feature(enable = "avx2")]
fn peak_on_registers(rounds: usize) -> usize {
    let factors: [__m256i; 6] = core::array::from_fn(|i| _mm256_set1_epi8(i as i8 + 1));
    let (mut sums, mut other) = ([_mm256_setzero_si256(); 6], _mm256_set1_epi8(1));
    for _ in 0..rounds {
        other = _mm256_add_epi8(other, factors[0]);
        for (sum, factor) in sums.iter_mut().zip(factors) {
            *sum = _mm256_add_epi16(*sum, _mm256_maddubs_epi16(factor, other));
        }
    }
    core::hint::black_box(sums);
    rounds * sums.len() * 32 * 2
}
