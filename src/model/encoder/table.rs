//! Token ids to the states before the first layer: word and position, normalised.

use super::states::States;
use crate::kernels::norm::add_and_normalise_shaped;
use crate::model::weights::format::File;

/// Looks tokens up. It holds only memory that is kept from block to block; the table itself is in the file.
#[derive(Debug, Default)]
pub(super) struct Table {
    /// `[hidden]`: a position's row.
    position: Vec<f32>,
    /// `[hidden]`: a state in the form that is quantised.
    shaped: Vec<f32>,
}

impl Table {
    /// Puts sequences of known ids, no longer than the model takes, into the states.
    pub(super) fn look_up(&mut self, file: &File, sequences: &[&[u32]], states: &mut States) {
        let hidden = file.description.hidden;
        let norm = &file.embedding_norm;
        states.make_room(sequences, hidden);
        self.position.resize(hidden, 0.0);
        self.shaped.resize(hidden, 0.0);
        let tokens = sequences.iter().flat_map(|sequence| sequence.iter().enumerate());
        let rows = states.residual.chunks_exact_mut(hidden);
        for (row, ((position, id), state)) in tokens.zip(rows).enumerate() {
            file.look_up(&file.words, *id as usize, state);
            file.look_up(&file.positions, position, &mut self.position);
            add_and_normalise_shaped(
                state,
                &self.position,
                norm.plain(),
                norm.shape(),
                file.description.epsilon,
                &mut self.shaped,
            );
            states.quantised.set_row(row, &self.shaped);
        }
    }
}
