//! How matrices lie in memory, and the range of their numbers.
//!
//! # Layout (version [`VERSION`])
//! A product `out[m, n] = sum over k of rows[m, k] * weights[n, k]` is computed in tiles of [`ROWS`] rows by [`PANEL`]
//! columns, [`STEP`] values of `k` at a time. Both sides are stored in the order in which the inner loop reads them:
//!
//! ```text
//! activations [M/4][K/4][4 rows][4 k]          one step of a tile: 16 values, four broadcasts of 32 bits
//!     step 0: r0k0 r0k1 r0k2 r0k3 | r1k0 ..    | r2k0 ..    | r3k0 ..
//!     step 1: r0k4 ..
//! weights     [N/8][K/4][8 columns][4 k]       one step of a panel: 32 bytes, two 128-bit loads (or one of 256)
//!     step 0: c0k0 c0k1 c0k2 c0k3 | c1k0 .. | .. | c7k0 ..
//! ```
//!
//! Rows beyond the last hold what an earlier product left there: they are computed too, and dropped. `N` must be a multiple of [`PANEL`], and `K` of
//! `STEP * GROUP`.
//!
//! # Range
//! Activations are 0..=127. Weights are signed bytes, and a *lane group* keeps a bound of its own: the fast instructions
//! multiply two neighbouring bytes by two, add, and leave 16 bits; these are summed over [`GROUP`] steps before they
//! are widened. A lane group is therefore the `2 * GROUP` weights of one column whose products meet in one 16-bit lane:
//! `k` with the same `k / (STEP * GROUP)` and the same `k % STEP / 2`. If its positive weights sum to at most
//! [`LANE_BOUND`], and its negative ones too, then no activations at all can make the lane overflow:
//! `127 * 258 = 32,766`. The quantiser enforces the bound ([`crate::model::quantise`]), and pays for it with slightly
//! smaller weights in the rare group that would break it; who reads weights from a file checks it
//! ([`keeps_lane_bound`]). Measured with the same tile in Chromium (M 60, K 384,
//! N 1152, two busy cores, best of many): widening after every 2 steps 104 GOP/s, after 8 steps 120 to 122 (4 steps were
//! hardly faster than 2).

/// Version of this layout and of the bounds below, kept in the weights file.
pub const VERSION: u32 = 1;
/// Rows of a tile.
pub const ROWS: usize = 4;
/// Columns of a tile, and of a packed panel of weights.
pub const PANEL: usize = 8;
/// Values of `k` that lie together.
pub const STEP: usize = 4;
/// Steps whose products are summed in 16 bits before they are widened.
pub const GROUP: usize = 8;
/// Largest activation.
pub const ACTIVATION_MAX: i32 = 127;
/// Largest sum of the positive weights of a lane group, and of the negated negative ones.
pub const LANE_BOUND: i32 = 258;

/// Largest `K`: whole sums stay within 32 bits.
pub const K_MAX: usize = 1 << 19;

const _: () = assert!(LANE_BOUND * ACTIVATION_MAX <= i16::MAX as i32);
const _: () = assert!((LANE_BOUND * ACTIVATION_MAX) as i64 * (K_MAX / (2 * GROUP)) as i64 <= i32::MAX as i64);

/// Index of the lane group of `k`, in `0..k_len / (2 * GROUP)`.
pub fn lane_group(k: usize) -> usize {
    k / (STEP * GROUP) * 2 + k % STEP / 2
}

/// Whether packed weights keep [`LANE_BOUND`] in every lane group.
///
/// Written so that it becomes vector instructions (16 bits are enough: 16 weights of at most 128): the 10.6 million
/// weights of a model take some 3 ms in Wasm; 30, if the positive and the negative ones are summed apart.
pub fn keeps_lane_bound(packed: &[i8]) -> bool {
    const BYTES: usize = PANEL * STEP;
    // The steps of a group lie together, and the two `k` of a lane are neighbours.
    let (groups, rest) = packed.as_chunks::<{ GROUP * BYTES }>();
    let mut all_keep = rest.is_empty();
    for group in groups {
        for lane in 0..BYTES / 2 {
            let (mut sum, mut magnitudes) = (0_i16, 0_i16);
            for step in 0..GROUP {
                let at = step * BYTES + 2 * lane;
                let (a, b) = (i16::from(group[at]), i16::from(group[at + 1]));
                sum += a + b;
                magnitudes += a.abs() + b.abs();
            }
            // Twice the greater of what is positive and what is negative.
            all_keep &= magnitudes + sum.abs() <= 2 * LANE_BOUND as i16;
        }
    }
    all_keep
}

/// Packs weights `[n, k]` row-major (one row per output column) as drawn above.
pub fn pack_weights(weights: &[i8], n: usize, k: usize) -> Vec<i8> {
    assert_eq!(weights.len(), n * k, "weights are [n, k]");
    assert!(
        n.is_multiple_of(PANEL) && k.is_multiple_of(STEP * GROUP),
        "[{n}, {k}] is not whole tiles"
    );
    let mut packed = vec![0; n * k];
    for (column, row) in weights.chunks_exact(k).enumerate() {
        for (step, values) in row.chunks_exact(STEP).enumerate() {
            let at = ((column / PANEL * (k / STEP) + step) * PANEL + column % PANEL) * STEP;
            packed[at..at + STEP].copy_from_slice(values);
        }
    }
    packed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packing_keeps_every_weight_where_the_drawing_says() {
        let (n, k) = (16, 64);
        let weights: Vec<i8> = (0..n * k).map(|i| (i % 251) as u8 as i8).collect();
        let packed = pack_weights(&weights, n, k);
        for column in 0..n {
            for depth in 0..k {
                let at = column / 8 * (8 * k) + depth / 4 * 32 + column % 8 * 4 + depth % 4;
                assert_eq!(packed[at], weights[column * k + depth], "column {column}, k {depth}");
            }
        }
    }

    #[test]
    fn a_lane_group_holds_the_weights_that_meet_in_one_lane() {
        let mut sizes = vec![0; 64 / GROUP];
        for k in 0..128 {
            sizes[lane_group(k)] += 1;
        }
        assert_eq!(sizes, [2 * GROUP; 8]);
        assert_eq!(lane_group(0), lane_group(5));
        assert_ne!(lane_group(0), lane_group(2));
        assert_ne!(lane_group(0), lane_group(32));
    }

    #[test]
    fn a_lane_group_over_its_bound_is_seen_wherever_it_is() {
        let (n, k) = (16, 96);
        // Every lane group at its bound, of both signs: 16 weights of 16, and 2 more.
        let at_bound = |sign: i8| {
            let more = |depth: usize| depth % (STEP * GROUP) < STEP && depth.is_multiple_of(2);
            (0..n * k)
                .map(move |i| sign * (16 + 2 * i8::from(more(i % k))))
                .collect::<Vec<i8>>()
        };
        for sign in [1, -1] {
            let weights = at_bound(sign);
            assert!(keeps_lane_bound(&pack_weights(&weights, n, k)));
            for broken in (0..n * k).step_by(7) {
                let mut weights = weights.clone();
                weights[broken] += sign;
                assert!(!keeps_lane_bound(&pack_weights(&weights, n, k)), "weight {broken}");
            }
        }
        assert!(keeps_lane_bound(&[]));
        assert!(!keeps_lane_bound(&[0; 8]), "not whole groups");
    }
}
