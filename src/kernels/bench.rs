//! The kernels alone, for micro-benchmarks. The operands are made once; who measures has the clock.

use super::Kernel;
use super::activations::Activations;
use super::attention::{Attention, Target};
use super::cases::Numbers;
use super::float::{F32x4, LANES};
use super::gelu::gelu;
use super::layout::{PANEL, ROWS};
use super::linear::{Then, Weights, linear};
use super::norm::{Affine, add_and_normalise_shaped};

/// Tokens of most micro-benchmarks, and the model's sizes.
const TOKENS: usize = 128;
const HIDDEN: usize = 384;
const INTERMEDIATE: usize = 1536;
const DEPTH: usize = 32;

/// One piece of work.
pub struct Micro {
    /// What is done, on which shape, and what is counted.
    pub name: String,
    work: Box<dyn FnMut() -> usize>,
}

impl core::fmt::Debug for Micro {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter
            .debug_struct("Micro")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl Micro {
    fn new(name: impl Into<String>, work: impl FnMut() -> usize + 'static) -> Self {
        Self {
            name: name.into(),
            work: Box::new(work),
        }
    }

    /// Does it once. Gives how many operations that were (a product and its addition are two), or values.
    pub fn run(&mut self) -> usize {
        (self.work)()
    }
}

/// All of them on one kernel; the first says what the others could reach at most.
pub fn micros(kernel: Kernel) -> Vec<Micro> {
    let mut micros = Vec::new();
    if kernel.peak(1).is_some() {
        micros.push(Micro::new("operations on registers alone", move || {
            kernel.peak(20_000).unwrap_or_default()
        }));
    }
    for (m, k, n) in [
        (TOKENS, HIDDEN, HIDDEN),
        (TOKENS, INTERMEDIATE, HIDDEN),
        (16, HIDDEN, HIDDEN),
    ] {
        micros.push(product(kernel, m, k, n));
    }
    micros.push(layer(kernel, HIDDEN, INTERMEDIATE, Then::Gelu));
    micros.push(layer(kernel, INTERMEDIATE, HIDDEN, Then::Nothing));
    for tokens in [32, TOKENS, 512] {
        micros.push(attention(kernel, tokens));
    }
    micros.extend([quantise(kernel), norm(), gelu_alone()]);
    micros
}

fn weights(numbers: &mut Numbers, count: usize) -> Vec<i8> {
    // Small enough for any lane group.
    (0..count).map(|_| numbers.within(-16, 16) as i8).collect()
}

fn activations(kernel: Kernel, rows: usize, k: usize) -> Activations {
    let mut numbers = Numbers::new(1);
    let mut activations = Activations::new(kernel);
    activations.resize(rows, k);
    for row in 0..rows {
        activations.set_row(row, &numbers.floats(k, 1.0));
    }
    activations
}

fn product(kernel: Kernel, m: usize, k: usize, n: usize) -> Micro {
    let packed = weights(&mut Numbers::new(2), k * n);
    let rows = activations(kernel, m, k);
    let mut sums = vec![0; m * PANEL];
    Micro::new(format!("product {m} x {k} x {n}, operations"), move || {
        for panel in packed.chunks_exact(PANEL * k) {
            kernel.panel_i8(rows.tiles(0..m / ROWS), panel, &mut sums);
        }
        2 * m * k * n
    })
}

fn layer(kernel: Kernel, k: usize, n: usize, then: Then) -> Micro {
    let packed = weights(&mut Numbers::new(3), k * n);
    let (input, floats) = (activations(kernel, TOKENS, k), vec![0.01; n]);
    let (mut sums, mut out) = (Vec::new(), vec![0.0; TOKENS * n]);
    Micro::new(
        format!("linear layer {TOKENS} x {k} x {n}, {then:?}, operations"),
        move || {
            let weights = Weights {
                packed: &packed,
                scale: &floats,
                correction: &floats,
                bias: &floats,
            };
            linear(kernel, &input, 0..TOKENS, &weights, 0..n, then, &mut sums, &mut out);
            2 * TOKENS * k * n
        },
    )
}

fn attention(kernel: Kernel, tokens: usize) -> Micro {
    let input = Numbers::new(4).floats(tokens * 3 * DEPTH, 1.0);
    let (mut attention, mut out) = (Attention::default(), vec![0.0; tokens * DEPTH]);
    Micro::new(
        format!("attention of one head, {tokens} tokens, operations"),
        move || {
            let target = Target {
                out: &mut out,
                stride: DEPTH,
                offset: 0,
            };
            attention.head(kernel, &input, DEPTH, target);
            2 * 2 * tokens * tokens * DEPTH
        },
    )
}

fn quantise(kernel: Kernel) -> Micro {
    let values = Numbers::new(5).floats(TOKENS * INTERMEDIATE, 1.0);
    let mut rows = activations(kernel, TOKENS, INTERMEDIATE);
    Micro::new(format!("quantise {TOKENS} x {INTERMEDIATE}, values"), move || {
        for (row, values) in values.chunks_exact(INTERMEDIATE).enumerate() {
            rows.set_row(row, values);
        }
        values.len()
    })
}

fn norm() -> Micro {
    let mut states = Numbers::new(6).floats(TOKENS * HIDDEN, 1.0);
    let (ones, zeros, mut shaped) = (vec![1.0; HIDDEN], vec![0.0; HIDDEN], vec![0.0; HIDDEN]);
    Micro::new(format!("layer norm {TOKENS} x {HIDDEN}, values"), move || {
        let affine = Affine {
            gain: &ones,
            bias: &zeros,
        };
        for state in states.chunks_exact_mut(HIDDEN) {
            add_and_normalise_shaped(state, &zeros, affine, affine, 1e-12, &mut shaped);
        }
        states.len()
    })
}

fn gelu_alone() -> Micro {
    let values = Numbers::new(7).floats(TOKENS * INTERMEDIATE, 1.0);
    let mut out = vec![0.0; values.len()];
    Micro::new(format!("GELU {TOKENS} x {INTERMEDIATE}, values"), move || {
        for at in (0..values.len()).step_by(LANES) {
            gelu(F32x4::load(&values, at)).store(&mut out, at);
        }
        values.len()
    })
}
