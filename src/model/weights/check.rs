//! What is not taken from a weights file on trust: a file may come from anywhere. Sizes that the kernels cannot compute,
//! floats that are not finite, and weights outside the range in which the kernels are exact are refused here, before a
//! kernel sees them.

use serde::Deserialize;

use super::format::{Description, FORMAT};
use crate::kernels::layout;
use crate::model::ModelError;

impl Description {
    /// Reads a description.
    pub(super) fn read(text: &str) -> Result<Self, ModelError> {
        let not_understood = |error: serde_json::Error| ModelError::Description {
            reason: error.to_string(),
        };
        // The versions first: a later format may describe itself otherwise.
        #[derive(Deserialize)]
        struct Versions {
            format: u32,
            layout: u32,
        }
        let versions: Versions = serde_json::from_str(text).map_err(not_understood)?;
        if !(1..=FORMAT).contains(&versions.format) || versions.layout != layout::VERSION {
            return Err(ModelError::Format {
                found: format!("{}.{}", versions.format, versions.layout),
                expected: format!("1.{0} to {FORMAT}.{0}", layout::VERSION),
            });
        }
        let description: Description = serde_json::from_str(text).map_err(not_understood)?;
        description.check()?;
        Ok(description)
    }

    /// That the kernels can compute it.
    pub(in crate::model) fn check(&self) -> Result<(), ModelError> {
        let whole_groups = |values: usize| values > 0 && values.is_multiple_of(layout::STEP * layout::GROUP);
        let refuse = |reason: String| Err(ModelError::Description { reason });
        if !whole_groups(self.hidden) || !whole_groups(self.intermediate) {
            return refuse(format!(
                "sizes {} and {} are not multiples of 32",
                self.hidden, self.intermediate
            ));
        }
        if self.hidden.max(self.intermediate) > layout::K_MAX {
            return refuse(format!(
                "sizes {} and {} are more than {}",
                self.hidden,
                self.intermediate,
                layout::K_MAX
            ));
        }
        if self.heads == 0 || !self.hidden.is_multiple_of(self.heads) || !self.depth().is_multiple_of(layout::PANEL) {
            return refuse(format!(
                "{} values do not divide into {} heads",
                self.hidden, self.heads
            ));
        }
        if self.layers == 0 || self.vocabulary == 0 || self.positions == 0 {
            return refuse("no layers, no vocabulary, or no positions".to_owned());
        }
        if !(self.epsilon.is_finite() && self.epsilon >= 0.0) {
            return refuse(format!("epsilon is {}", self.epsilon));
        }
        Ok(())
    }
}

/// The floats of this tensor, unless one is not finite.
pub(in crate::model) fn finite(name: &str, values: Vec<f32>) -> Result<Vec<f32>, ModelError> {
    if values.iter().all(|value| value.is_finite()) {
        Ok(values)
    } else {
        Err(ModelError::NotFinite { name: name.to_owned() })
    }
}

/// That packed weights are in the range in which all kernels give the same sums.
pub(super) fn lane_bound(name: &str, packed: &[u8]) -> Result<(), ModelError> {
    if layout::keeps_lane_bound(bytemuck::cast_slice(packed)) {
        Ok(())
    } else {
        Err(ModelError::LaneBound { name: name.to_owned() })
    }
}
