//! The states after the last layer to one embedding a sequence.
//!
//! Some models put all texts into a narrow cone: whatever two texts say, their cosine is large, and how large differs from
//! model to model and from language to language. What all embeddings share can be taken out of them: the *centre*, the mean
//! embedding of many texts, is subtracted from each (after Mu and Viswanath 2018, "All-but-the-Top"). A model whose weights
//! carry a centre gives embeddings without it.

use super::states::States;
use crate::kernels::norm::normalise_length;
use crate::model::Embeddings;

/// Adds the mean of each sequence's states as an embedding.
pub(super) fn mean(states: &States, centre: Option<&[f32]>, embeddings: &mut Embeddings) {
    let hidden = embeddings.hidden();
    let mut mean = vec![0.0; hidden];
    for span in &states.spans {
        mean.fill(0.0);
        let factor = 1.0 / span.len() as f32;
        for state in states.residual[span.start * hidden..span.end * hidden].chunks_exact(hidden) {
            mean.iter_mut().zip(state).for_each(|(mean, value)| *mean += value);
        }
        mean.iter_mut().for_each(|mean| *mean *= factor);
        to_embedding(&mut mean, centre);
        embeddings.push(&mean);
    }
}

/// Brings a mean of states, `[hidden]`, to length one; where the model has a centre, `[hidden]`, takes it out and does so
/// again.
pub(in crate::model) fn to_embedding(mean: &mut [f32], centre: Option<&[f32]>) {
    normalise_length(mean);
    if let Some(centre) = centre {
        mean.iter_mut().zip(centre).for_each(|(value, centre)| *value -= centre);
        normalise_length(mean);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_centre_is_taken_out_of_what_has_length_one() {
        let embedding = |mean: [f32; 2], centre: Option<&[f32]>| {
            let mut mean = mean.to_vec();
            to_embedding(&mut mean, centre);
            mean
        };
        assert_eq!(embedding([6.0, 8.0], None), [0.6, 0.8]);
        assert_eq!(embedding([6.0, 8.0], Some(&[0.6, 0.0])), [0.0, 1.0]);
        // What is nothing but the centre has no direction.
        assert_eq!(embedding([2.0, 0.0], Some(&[1.0, 0.0])), [0.0, 0.0]);
    }
}
