//! The shaders as pipelines. What of a shader belongs to the model (its sizes) is written before it as constants, so that the
//! driver's compiler knows them.

use pith::kernels::activations::LEAST_RANGE;
use pith::kernels::attention::{LEAST_MAGNITUDE, VALUE_MAX, WEIGHT_MAX, WEIGHT_SUM_MAX, score_max};
use pith::kernels::float::ROUNDING;
use pith::kernels::gelu::{BEYOND, PHI};
use pith::kernels::layout::PANEL;
use pith::kernels::linear::Then;
use pith::kernels::softmax::{LEAST, POWERS};
use wgpu::{
    BindGroup, BindGroupDescriptor, BindGroupEntry, Buffer, ComputePass, ComputePipeline, ComputePipelineDescriptor,
    ShaderModuleDescriptor, ShaderSource,
};

use crate::{Gpu, ProductKind};

/// Rows, and columns, that a workgroup of `linear.wgsl` computes.
pub(crate) const TILE: usize = 32;
/// Queries that a workgroup of `attention.wgsl` has.
pub(crate) const QUERIES: usize = 32;
/// Values that lie in one word, or in one vector.
const FOUR: usize = 4;

/// A shader, compiled.
#[derive(Debug)]
pub(crate) struct Kernel(ComputePipeline);

/// A shader with the buffers that it works on.
#[derive(Debug)]
pub(crate) struct Bound {
    kernel: ComputePipeline,
    buffers: BindGroup,
}

impl Kernel {
    /// `out[rows, n] = then(rows[rows, k] * weights[n, k] + bias)`; `n` and `k` are multiples of 32.
    pub(crate) fn linear(gpu: &Gpu, n: usize, k: usize, then: Then) -> Self {
        let before = format!(
            "const COLUMNS: u32 = {n}u;\nconst STEPS: u32 = {}u;\nconst GELU: bool = {};\nconst BEYOND: f32 = {BEYOND:?};\n{}",
            k / FOUR,
            then == Then::Gelu,
            polynomial("phi", &PHI),
        );
        let products = match gpu.products() {
            ProductKind::Packed => include_str!("shaders/dot_packed.wgsl"),
            ProductKind::Floats => include_str!("shaders/dot_floats.wgsl"),
        };
        Self::compile(gpu, "linear", &before, &[products, include_str!("shaders/linear.wgsl")])
    }

    /// Rows of `k` floats as 7-bit rows.
    pub(crate) fn quantise(gpu: &Gpu, k: usize) -> Self {
        let before = rows_of(k);
        let parts = [include_str!("shaders/rows.wgsl"), include_str!("shaders/quantise.wgsl")];
        Self::compile(gpu, "quantise", &before, &parts)
    }

    /// Layer norm of rows of `k` floats to which others are added.
    pub(crate) fn normalise(gpu: &Gpu, k: usize, epsilon: f32) -> Self {
        let before = format!("{}const EPSILON: f32 = {epsilon:?};\n", rows_of(k));
        let parts = [
            include_str!("shaders/rows.wgsl"),
            include_str!("shaders/normalise.wgsl"),
        ];
        Self::compile(gpu, "normalise", &before, &parts)
    }

    /// The steps in which attention counts, of so many heads of `depth` values each.
    pub(crate) fn attention_steps(gpu: &Gpu, heads: usize, depth: usize) -> Self {
        let before = format!(
            "const HEADS: u32 = {heads}u;\nconst DEPTH: u32 = {depth}u;\nconst SCORE_MAX: f32 = {:?};\n\
             const VALUE_MAX: f32 = {VALUE_MAX:?};\nconst LEAST_MAGNITUDE: f32 = {LEAST_MAGNITUDE:?};\n\
             const ROOT_OF_DEPTH: f32 = {:?};\n",
            score_max(depth),
            (depth as f32).sqrt()
        );
        Self::compile(
            gpu,
            "attention steps",
            &before,
            &[include_str!("shaders/attention_steps.wgsl")],
        )
    }

    /// Attention of so many heads of `depth` values each.
    pub(crate) fn attention(gpu: &Gpu, heads: usize, depth: usize) -> Self {
        let before = format!(
            "const HEADS: u32 = {heads}u;\nconst DEPTH_STEPS: u32 = {}u;\nconst PANEL: u32 = {PANEL}u;\nconst WEIGHT_SUM_MAX: u32 = {WEIGHT_SUM_MAX}u;\n\
             const WEIGHT_MAX: f32 = {WEIGHT_MAX:?};\nconst LEAST: f32 = {LEAST:?};\n{}",
            depth / FOUR,
            polynomial("powers", &POWERS),
        );
        Self::compile(gpu, "attention", &before, &[include_str!("shaders/attention.wgsl")])
    }

    /// The mean of each sequence's rows of `k` floats.
    pub(crate) fn mean(gpu: &Gpu, k: usize) -> Self {
        let before = format!("const COLUMNS: u32 = {k}u;\n");
        Self::compile(gpu, "mean", &before, &[include_str!("shaders/mean.wgsl")])
    }

    /// `before` are the constants; what keeps floats exact goes before all parts.
    fn compile(gpu: &Gpu, name: &str, before: &str, parts: &[&str]) -> Self {
        let rounding = format!("const ROUNDING: f32 = {ROUNDING:?};\n");
        let source = [before, &rounding, include_str!("shaders/exact.wgsl"), &parts.concat()].concat();
        let module = gpu.device.create_shader_module(ShaderModuleDescriptor {
            label: Some(name),
            source: ShaderSource::Wgsl(source.into()),
        });
        let descriptor = ComputePipelineDescriptor {
            label: Some(name),
            layout: None,
            module: &module,
            entry_point: None,
            compilation_options: Default::default(),
            cache: None,
        };
        Self(gpu.device.create_compute_pipeline(&descriptor))
    }

    /// The buffers in the order of the shader's bindings.
    pub(crate) fn bind(&self, gpu: &Gpu, buffers: &[&Buffer]) -> Bound {
        let entries = buffers.iter().zip(0..).map(|(buffer, binding)| BindGroupEntry {
            binding,
            resource: buffer.as_entire_binding(),
        });
        let descriptor = BindGroupDescriptor {
            label: None,
            layout: &self.0.get_bind_group_layout(0),
            entries: &entries.collect::<Vec<_>>(),
        };
        Bound {
            kernel: self.0.clone(),
            buffers: gpu.device.create_bind_group(&descriptor),
        }
    }
}

/// The constants of `rows.wgsl`.
fn rows_of(k: usize) -> String {
    format!("const VALUES: u32 = {k}u;\nconst LEAST_RANGE: f32 = {LEAST_RANGE:?};\n")
}

/// A function of one float, a polynomial with these coefficients, the constant one first. Horner's scheme is written out: an array
/// of coefficients would be looked up.
fn polynomial(name: &str, coefficients: &[f32]) -> String {
    let sum = coefficients.iter().rev().fold(String::new(), |inner, coefficient| {
        if inner.is_empty() {
            format!("{coefficient:?}")
        } else {
            format!("mul_add({inner}, x, {coefficient:?})")
        }
    });
    format!("fn {name}(x: f32) -> f32 {{\n    return {sum};\n}}\n")
}

impl Bound {
    /// So many workgroups along x and y.
    pub(crate) fn run(&self, pass: &mut ComputePass<'_>, groups: [usize; 2]) {
        pass.set_pipeline(&self.kernel);
        pass.set_bind_group(0, &self.buffers, &[]);
        pass.dispatch_workgroups(groups[0] as u32, groups[1] as u32, 1);
    }
}
