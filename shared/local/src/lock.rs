//! The lock by which one process at a time runs the system on a state file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// Held for as long as it lives. The system lets go of it when the process ends, however that happens.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

/// The lock was not acquired.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    /// Another process runs on the file.
    #[error(
        "another process is running on {}; stop it, or name another state file",
        state.display()
    )]
    Held {
        /// The state file.
        state: PathBuf,
    },
    /// The lock's own file cannot be made or locked.
    #[error("cannot lock {}", path.display())]
    Failed {
        /// The lock's file.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
}

impl RunLock {
    /// Acquires the lock of a state file: `STATE.lock` beside it, which stays when the lock is gone.
    ///
    /// # Errors
    /// [`LockError::Held`] at once if another process has it.
    pub fn acquire(state: &Path) -> Result<Self, LockError> {
        let mut path = state.as_os_str().to_owned();
        path.push(".lock");
        let path = PathBuf::from(path);
        let failed = |source| LockError::Failed {
            path: path.clone(),
            source,
        };
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(failed)?;
        match file.try_lock() {
            Ok(()) => Ok(Self { _file: file }),
            Err(TryLockError::WouldBlock) => Err(LockError::Held {
                state: state.to_owned(),
            }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_holds_the_lock() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state.db");
        let first = RunLock::acquire(&state).expect("free");
        let error = RunLock::acquire(&state).expect_err("held");
        assert!(matches!(error, LockError::Held { .. }));
        assert!(error.to_string().contains("state.db"), "{error}");
        drop(first);
        RunLock::acquire(&state).expect("free again");
    }

    #[test]
    fn a_folder_that_is_not_there_is_named() {
        let error = RunLock::acquire(Path::new("/nowhere/state.db")).expect_err("no folder");
        assert_eq!(error.to_string(), "cannot lock /nowhere/state.db.lock");
    }
}
