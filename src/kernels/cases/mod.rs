//! The kernels against their oracle: sizes around every tile edge, the ends of the declared range, numbers that are not
//! finite, and the stated errors of the float functions.
//!
//! Compiled for tests, and into the test module that runs in the browser (feature `kernel-cases`), because a Wasm
//! kernel can be tested only where Wasm runs. That holds for the float functions too: [`super::float`] has one
//! implementation for Wasm, and another for everywhere else.

mod attention;
mod floats;
mod lanes;
mod products;
mod rows;

/// A check, with what it is about. It gives the number of its cases, or a sentence about the first that failed.
type Group = (&'static str, fn() -> Result<usize, String>);

const GROUPS: [Group; 8] = [
    ("lanes", lanes::check),
    ("products", products::check),
    ("quantised rows", rows::check_rows),
    ("layers of rows that are not finite", rows::check_layers),
    ("attention", attention::check),
    ("layer norm", floats::check_norm),
    ("powers of two", floats::check_exp2),
    ("GELU", floats::check_gelu),
];

/// Runs every case, on every kernel there is where kernels differ. Gives what was checked, with the number of cases.
///
/// # Errors
/// A sentence that names the first case that failed.
pub fn check_all() -> Result<Vec<(&'static str, usize)>, String> {
    let check = |(name, check): Group| match check() {
        Ok(0) => Err(format!("{name}: no cases")),
        Ok(cases) => Ok((name, cases)),
        Err(wrong) => Err(format!("{name}: {wrong}")),
    };
    GROUPS.into_iter().map(check).collect()
}

/// A small generator of pseudo-random numbers (xorshift64*), the same on every machine.
#[derive(Debug)]
pub struct Numbers(u64);

impl Numbers {
    /// A sequence of its own for each seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next 32 bits.
    pub fn bits(&mut self) -> u32 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 32) as u32
    }

    /// An integer in `least..=greatest`.
    pub fn within(&mut self, least: i32, greatest: i32) -> i32 {
        least + ((u64::from(self.bits()) * (greatest - least + 1) as u64) >> 32) as i32
    }

    /// Floats around zero, roughly normal with deviation `spread` (a sum of uniform ones).
    pub fn floats(&mut self, count: usize, spread: f32) -> Vec<f32> {
        let unit = |bits: u32| bits as f32 / u32::MAX as f32 - 0.5;
        (0..count)
            .map(|_| (0..4).map(|_| unit(self.bits())).sum::<f32>() * 1.7 * spread)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_kernel_equals_the_oracle_and_keeps_its_stated_error() {
        match super::check_all() {
            Ok(cases) => println!("{cases:?} on {:?}", crate::kernels::Kernel::available()),
            Err(wrong) => panic!("{wrong}"),
        }
    }
}
