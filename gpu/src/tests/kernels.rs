//! Each kernel alone, over shapes around each edge of its tiles, against the CPU's: the same bits.

use pith::kernels::Kernel as CpuKernel;
use pith::kernels::activations::Activations;
use pith::kernels::attention::{Attention, Target};
use pith::kernels::layout::{keeps_lane_bound, pack_weights};
use pith::kernels::linear::{Then, Weights, linear};
use pith::kernels::norm::{Affine, add_and_normalise_shaped};
use pith::model::NormWeights;
use wgpu::{Buffer, CommandEncoderDescriptor, ComputePassDescriptor};

use super::{PRODUCTS, gpu, noise};
use crate::Gpu;
use crate::batch::batches;
use crate::encoder::{read, room, upload, upload_linear, upload_norm};
use crate::kernels::{Bound, Kernel, QUERIES, TILE};

/// Rows around the edges of a tile, and more than one of them.
const ROWS: [usize; 9] = [1, 2, 31, 32, 33, 63, 64, 65, 100];
fn run(gpu: &Gpu, bound: &Bound, groups: [usize; 2]) {
    let mut commands = gpu.device.create_command_encoder(&CommandEncoderDescriptor::default());
    bound.run(
        &mut commands.begin_compute_pass(&ComputePassDescriptor::default()),
        groups,
    );
    gpu.queue.submit([commands.finish()]);
}

/// What a buffer holds, as words.
fn words(gpu: &Gpu, buffer: &Buffer) -> Vec<u32> {
    let answer = crate::encoder::answer(gpu, buffer.size());
    let mut commands = gpu.device.create_command_encoder(&CommandEncoderDescriptor::default());
    commands.copy_buffer_to_buffer(buffer, 0, &answer, 0, buffer.size());
    gpu.queue.submit([commands.finish()]);
    pollster::block_on(read(gpu, &answer)).unwrap()
}

fn floats(gpu: &Gpu, buffer: &Buffer) -> Vec<f32> {
    words(gpu, buffer).into_iter().map(f32::from_bits).collect()
}

/// What every kernel is told.
fn batch_of(gpu: &Gpu, rows: usize) -> Buffer {
    upload(gpu, bytemuck::bytes_of(&[rows as u32, 0]))
}

/// That these are the same bits.
fn check(name: &str, found: &[f32], expected: &[f32]) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (at, (found, expected)) in found.iter().zip(expected).enumerate() {
        // A zero is a zero.
        let is_same = found.to_bits() == expected.to_bits() || (*found == 0.0 && *expected == 0.0);
        assert!(is_same, "{name}, at {at}: {found:?}, not {expected:?}");
    }
}

/// Rows of floats as the CPU has them in 7 bits.
fn quantised(values: &[f32], k: usize) -> (Vec<u32>, Vec<[f32; 2]>) {
    let mut activations = Activations::new(CpuKernel::Scalar);
    activations.resize(values.len() / k, k);
    for (row, values) in values.chunks_exact(k).enumerate() {
        activations.set_row(row, values);
    }
    packed_rows(&activations)
}

/// That these words and ranges are those of these rows.
fn check_rows(name: &str, values: &[f32], k: usize, words: &[u32], ranges: &[f32]) {
    let (expected, expected_ranges) = quantised(values, k);
    check(
        &format!("{name}, ranges"),
        ranges,
        bytemuck::cast_slice(&expected_ranges),
    );
    assert_eq!(words, expected, "{name}");
}

/// The 7-bit rows as the shaders have them: four values a word.
fn packed_rows(activations: &Activations) -> (Vec<u32>, Vec<[f32; 2]>) {
    let (rows, k) = (activations.rows(), activations.k());
    let word = |row: usize, step: usize| {
        (0..4).fold(0, |word, i| {
            word | (activations.integer(row, step * 4 + i) as u32) << (8 * i)
        })
    };
    let words = (0..rows * k / 4).map(|at| word(at / (k / 4), at % (k / 4))).collect();
    let ranges = (0..rows).map(|row| {
        let (scale, least) = activations.scale_and_least(row);
        [scale, least]
    });
    (words, ranges.collect())
}

#[test]
fn products_are_the_cpu_s() {
    let mut cases = 0;
    for products in PRODUCTS {
        let gpu = gpu(products);
        for (n, k) in [(32, 32), (96, 64), (64, 384), (32, 1_536)] {
            // Within the bound, and at its end: sixteen weights of sixteen.
            let mut weights: Vec<i8> = noise(1, n * k).iter().map(|value| (value * 20.0) as i8).collect();
            weights[..k].fill(16);
            weights[k..2 * k].fill(-16);
            let packed = pack_weights(&weights, n, k);
            assert!(keeps_lane_bound(&packed));
            let scale: Vec<f32> = noise(2, n).iter().map(|value| 0.02 + 0.01 * value).collect();
            let of_column = |column: usize| weights[column * k..][..k].iter().map(|w| f32::from(*w)).sum::<f32>();
            let correction: Vec<f32> = (0..n).map(|column| scale[column] * of_column(column)).collect();
            let bias = noise(3, n);
            let weights = Weights {
                packed: &packed,
                scale: &scale,
                correction: &correction,
                bias: &bias,
            };
            let [packed, columns] = upload_linear(&gpu, weights);
            for then in [Then::Nothing, Then::Gelu] {
                let kernel = Kernel::linear(&gpu, n, k, then);
                for rows in ROWS {
                    let values = noise(rows as u32, rows * k);
                    let mut input = Activations::new(CpuKernel::Scalar);
                    input.resize(rows, k);
                    for (row, values) in values.chunks_exact(k).enumerate() {
                        // Rows of other sizes, and the greatest activation everywhere once.
                        let values: Vec<f32> = values.iter().map(|value| value * (1 + row) as f32).collect();
                        input.set_row(row, &values);
                    }
                    let mut expected = vec![0.0; rows * n];
                    linear(
                        CpuKernel::Scalar,
                        &input,
                        0..rows,
                        &weights,
                        0..n,
                        then,
                        &mut Vec::new(),
                        &mut expected,
                    );
                    let (input, ranges) = packed_rows(&input);
                    // A row more than there are, which must stay as it is.
                    let untouched = vec![7.0_f32; (rows + 1) * n];
                    let out = upload(&gpu, bytemuck::cast_slice(&untouched));
                    let bound = kernel.bind(
                        &gpu,
                        &[
                            &batch_of(&gpu, rows),
                            &upload(&gpu, bytemuck::cast_slice(&input)),
                            &upload(&gpu, bytemuck::cast_slice(&ranges)),
                            &packed,
                            &columns,
                            &out,
                        ],
                    );
                    run(&gpu, &bound, [n / TILE, rows.div_ceil(TILE)]);
                    let found = floats(&gpu, &out);
                    let name = format!("{products:?} [{rows}, {k}] by [{n}, {k}], {then:?}");
                    check(&name, &found[..rows * n], &expected);
                    check(
                        &format!("{name}, beyond the last row"),
                        &found[rows * n..],
                        &untouched[rows * n..],
                    );
                    cases += 1;
                }
            }
        }
    }
    println!("{cases} products");
}

#[test]
fn rows_are_counted_in_127_steps() {
    let gpu = gpu(PRODUCTS[0]);
    let mut cases = 0;
    for k in [32, 224, 256, 288, 384, 1_536] {
        let kernel = Kernel::quantise(&gpu, k);
        for rows in [1, 3, 65] {
            let mut values: Vec<f32> = noise(5, rows * k).iter().map(|value| value * 40.0).collect();
            // A constant row, and one whose greatest value is its last.
            values[..k].fill(-2.5);
            values[rows * k - 1] = 100.0;
            if rows == 1 {
                values[0] = -3.0;
            }
            let (words_out, ranges_out) = (room(&gpu, rows * k), room(&gpu, rows * 8));
            let bound = kernel.bind(
                &gpu,
                &[
                    &batch_of(&gpu, rows),
                    &upload(&gpu, bytemuck::cast_slice(&values)),
                    &words_out,
                    &ranges_out,
                ],
            );
            run(&gpu, &bound, [rows, 1]);
            let (words, ranges) = (words(&gpu, &words_out), floats(&gpu, &ranges_out));
            check_rows(&format!("[{rows}, {k}]"), &values, k, &words, &ranges);
            cases += 1;
        }
    }
    println!("{cases} shapes");
}

#[test]
fn normalised_rows_are_the_cpu_s() {
    const EPSILON: f32 = 1e-12;
    let gpu = gpu(PRODUCTS[0]);
    let mut cases = 0;
    for k in [32, 224, 256, 288, 384, 1_024] {
        let kernel = Kernel::normalise(&gpu, k, EPSILON);
        let vectors: Vec<Vec<f32>> = (0..4).map(|seed| noise(10 + seed, k)).collect();
        let affine = |at: usize| Affine {
            gain: &vectors[at],
            bias: &vectors[at + 1],
        };
        let weights = NormWeights {
            plain: affine(0),
            shape: affine(2),
        };
        let norm = upload_norm(&gpu, weights);
        for rows in [1, 3, 65] {
            let states: Vec<f32> = noise(20, rows * k).iter().map(|value| value * 3.0 + 1.0).collect();
            let addends = noise(21, rows * k);
            let mut plain = states.clone();
            let mut shaped = vec![0.0; rows * k];
            for ((state, addend), shaped) in plain
                .chunks_exact_mut(k)
                .zip(addends.chunks_exact(k))
                .zip(shaped.chunks_exact_mut(k))
            {
                add_and_normalise_shaped(state, addend, weights.plain, weights.shape, EPSILON, shaped);
            }
            let residual = upload(&gpu, bytemuck::cast_slice(&states));
            let (words_out, ranges_out) = (room(&gpu, rows * k), room(&gpu, rows * 8));
            let bound = kernel.bind(
                &gpu,
                &[
                    &batch_of(&gpu, rows),
                    &residual,
                    &upload(&gpu, bytemuck::cast_slice(&addends)),
                    &norm,
                    &words_out,
                    &ranges_out,
                ],
            );
            run(&gpu, &bound, [rows, 1]);
            let name = format!("[{rows}, {k}]");
            let found = floats(&gpu, &residual);
            check(&name, &found, &plain);
            check_rows(&name, &shaped, k, &words(&gpu, &words_out), &floats(&gpu, &ranges_out));
            cases += 1;
        }
    }
    println!("{cases} shapes");
}

#[test]
fn attention_is_that_of_each_sequence_alone() {
    let gpu = gpu(PRODUCTS[0]);
    let mut cases = 0;
    for (heads, depth) in [(1, 8), (3, 32), (2, 64)] {
        let measure = Kernel::attention_steps(&gpu, heads, depth);
        let attend = Kernel::attention(&gpu, heads, depth);
        let lengths: [&[usize]; 4] = [
            &[1],
            &[QUERIES - 1, 1, QUERIES, QUERIES + 1],
            &[2 * QUERIES + 1, 3],
            &[5, 512, 64],
        ];
        for lengths in lengths {
            let tokens: usize = lengths.iter().sum();
            let width = 3 * depth;
            // Scores from flat to steep; queries that are nothing, in the first head of the first sequence.
            let mut values: Vec<f32> = noise(30, tokens * heads * width)
                .iter()
                .map(|value| value * 4.0)
                .collect();
            for row in values.chunks_exact_mut(heads * width).take(lengths[0]) {
                row[..depth].fill(0.0);
            }
            let [batch] = &batches(lengths)[..] else {
                panic!("one batch")
            };
            let (rows, input) = (batch_of(&gpu, tokens), upload(&gpu, bytemuck::cast_slice(&values)));
            let steps = room(&gpu, lengths.len() * heads * 32);
            let out = room(&gpu, tokens * heads * depth * 4);
            let spans = upload(&gpu, bytemuck::cast_slice(&batch.spans));
            let blocks = upload(&gpu, bytemuck::cast_slice(&batch.blocks));
            let measure = measure.bind(&gpu, &[&rows, &input, &spans, &steps]);
            run(&gpu, &measure, [batch.spans.len(), heads]);
            let attend = attend.bind(&gpu, &[&rows, &input, &blocks, &steps, &out]);
            run(&gpu, &attend, [batch.blocks.len(), heads]);
            let mut expected = vec![0.0; tokens * heads * depth];
            let mut attention = Attention::default();
            for [first, length, ..] in &batch.spans {
                let rows = *first as usize..(first + length) as usize;
                for head in 0..heads {
                    let one = |row: usize| &values[(row * heads + head) * width..][..width];
                    let input: Vec<f32> = rows.clone().flat_map(one).copied().collect();
                    let target = Target {
                        out: &mut expected[rows.start * heads * depth..rows.end * heads * depth],
                        stride: heads * depth,
                        offset: head * depth,
                    };
                    attention.head(CpuKernel::Scalar, &input, depth, target);
                }
            }
            check(
                &format!("{heads} heads of {depth}, {lengths:?}"),
                &floats(&gpu, &out),
                &expected,
            );
            cases += 1;
        }
    }
    println!("{cases} shapes");
}

#[test]
fn a_mean_is_of_its_own_rows() {
    let gpu = gpu(PRODUCTS[0]);
    for k in [32, 64, 96, 384] {
        let lengths = [1, 2, 31, 200];
        let tokens: usize = lengths.iter().sum();
        let states = noise(40, tokens * k);
        let [batch] = &batches(&lengths)[..] else {
            panic!("one batch")
        };
        let out = room(&gpu, lengths.len() * k * 4);
        let bound = Kernel::mean(&gpu, k).bind(
            &gpu,
            &[
                &batch_of(&gpu, tokens),
                &upload(&gpu, bytemuck::cast_slice(&states)),
                &upload(&gpu, bytemuck::cast_slice(&batch.spans)),
                &out,
            ],
        );
        run(&gpu, &bound, [lengths.len(), 1]);
        let expected = batch.spans.iter().flat_map(|[first, length, ..]| {
            let rows = *first as usize..(first + length) as usize;
            let factor = 1.0 / *length as f32;
            let states = &states;
            (0..k).map(move |column| rows.clone().fold(0.0, |sum, row| sum + states[row * k + column]) * factor)
        });
        check(
            &format!("{k} columns"),
            &floats(&gpu, &out),
            &expected.collect::<Vec<_>>(),
        );
    }
}
