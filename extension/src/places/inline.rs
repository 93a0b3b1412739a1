//! The place that is always there: the thread that asks. It works layer by layer, for a long sequence alone takes longer than
//! others can wait.

use pith::model::{Embeddings, Encoder, ModelError};

/// Who has the encoder, and lends it for a moment.
pub(crate) trait Lends {
    /// Runs `work` on the encoder. None if it is not there any more.
    fn lend<R>(&self, work: impl FnOnce(&mut Encoder) -> R) -> Option<R>;
}

/// Embeds a batch: `[batch, hidden]`. Between the layers `may_go_on` gives others their turn, and says whether the result is
/// still wanted. None if it is not, or if the encoder has gone.
pub(crate) async fn embed(
    encoder: &impl Lends,
    batch: &[&[u32]],
    mut may_go_on: impl AsyncFnMut() -> bool,
) -> Result<Option<Embeddings>, ModelError> {
    let Some(begun) = encoder.lend(|encoder| encoder.begin(batch)) else {
        return Ok(None);
    };
    let mut forward = begun?;
    loop {
        let Some(embedded) = encoder.lend(|encoder| encoder.go_on(&mut forward)) else {
            return Ok(None);
        };
        if embedded.is_some() {
            return Ok(embedded);
        }
        if !may_go_on().await {
            return Ok(None);
        }
    }
}
