//! Token ids to the states before the first layer: word and position, normalised. Words may have been looked up elsewhere:
//! where several encoders of one model work, one of them has the table.

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
    /// Puts sequences of so many tokens each, no more than the model takes, into the states. `words` writes the row of the
    /// batch's next word, `[hidden]`.
    pub(super) fn put(
        &mut self,
        file: &File,
        lengths: impl Iterator<Item = usize> + Clone,
        states: &mut States,
        mut words: impl FnMut(&mut [f32]),
    ) {
        let hidden = file.description.hidden;
        let norm = &file.embedding_norm;
        states.make_room(lengths.clone(), hidden);
        self.position.resize(hidden, 0.0);
        self.shaped.resize(hidden, 0.0);
        let positions = lengths.flat_map(|length| 0..length);
        let rows = states.residual.chunks_exact_mut(hidden);
        for (row, (position, state)) in positions.zip(rows).enumerate() {
            words(state);
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
