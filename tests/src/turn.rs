//! Whose turn it is. One process of the tests works with one browser at a time; the tests of two browsers are two processes,
//! which run beside each other. What measures times has the machine to itself.

use std::fs::{self, File};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::HarnessError;

static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

/// Held while a test works; the system lets go of a process's locks when it ends, in whatever way.
pub(crate) struct Turn {
    _in_process: MutexGuard<'static, ()>,
    _machine: File,
}

impl Turn {
    /// Waits for a turn; with the machine `alone`, until no other process has one. The locks are files in this folder.
    pub(crate) fn wait(folder: &Path, alone: bool) -> Result<Self, HarnessError> {
        let in_process = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
        fs::create_dir_all(folder).map_err(HarnessError::io(format!("make the folder {}", folder.display())))?;
        let open = |name: &str| {
            let path = folder.join(name);
            File::create(&path).map_err(HarnessError::io(format!("open {}", path.display())))
        };
        let (queue, machine) = (open("queue.lock")?, open("machine.lock")?);
        // Whoever waits for the machine alone holds up those who come after: they would follow each other without a gap.
        queue.lock().map_err(HarnessError::io("wait in the tests' queue"))?;
        let wait = if alone { File::lock } else { File::lock_shared };
        wait(&machine).map_err(HarnessError::io("wait for the machine"))?;
        Ok(Self {
            _in_process: in_process,
            _machine: machine,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_alone_waits_for_all_others_and_lets_nobody_in() {
        let folder = tempfile::tempdir().unwrap();
        // As another process sees it: locks belong to the opened file.
        let others = |name: &str| File::create(folder.path().join(name)).unwrap();
        for (alone, lets_others_in) in [(false, true), (true, false)] {
            let turn = Turn::wait(folder.path(), alone).unwrap();
            assert_eq!(others("machine.lock").try_lock_shared().is_ok(), lets_others_in);
            assert!(others("machine.lock").try_lock().is_err());
            assert!(others("queue.lock").try_lock().is_ok(), "nobody waits any more");
            drop(turn);
            assert!(others("machine.lock").try_lock().is_ok());
        }
    }
}
