//! The states after the last layer to one embedding a sequence.

use super::states::States;
use crate::kernels::norm::normalise_length;
use crate::model::Embeddings;

/// Adds the mean of each sequence's states, brought to length one.
pub(super) fn mean(states: &States, embeddings: &mut Embeddings) {
    let hidden = embeddings.hidden();
    let mut mean = vec![0.0; hidden];
    for span in &states.spans {
        mean.fill(0.0);
        let factor = 1.0 / span.len() as f32;
        for state in states.residual[span.start * hidden..span.end * hidden].chunks_exact(hidden) {
            mean.iter_mut().zip(state).for_each(|(mean, value)| *mean += value);
        }
        mean.iter_mut().for_each(|mean| *mean *= factor);
        normalise_length(&mut mean);
        embeddings.push(&mean);
    }
}
