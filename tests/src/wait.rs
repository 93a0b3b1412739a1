//! Waiting for something that announces itself by no event.

use std::thread;
use std::time::{Duration, Instant};

use crate::HarnessError;

/// Time between two looks.
const PAUSE: Duration = Duration::from_millis(5);

/// Looks again and again until `look` finds something, and returns it.
///
/// # Errors
/// [`HarnessError::Timeout`] naming `awaited`; and at once, the error of a look that failed, but not of one whose document
/// went meanwhile: the next may have what is awaited.
pub fn until<T>(
    awaited: impl Into<String>,
    limit: Duration,
    mut look: impl FnMut() -> Result<Option<T>, HarnessError>,
) -> Result<T, HarnessError> {
    let start = Instant::now();
    loop {
        // The last look begins after the limit: of a busy machine one look alone may take all the time there is.
        let is_last = start.elapsed() >= limit;
        match look() {
            Ok(Some(found)) => return Ok(found),
            Err(error) if !error.is_of_a_document_that_went() => return Err(error),
            Ok(None) | Err(_) => {}
        }
        if is_last {
            return Err(HarnessError::Timeout {
                awaited: awaited.into(),
                after: limit,
            });
        }
        thread::sleep(PAUSE);
    }
}
