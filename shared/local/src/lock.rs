//! The lock that lets only one process run the pipeline on a state file.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::{Path, PathBuf};

/// The lock, released on drop. The operating system releases it when the process ends in any way.
#[derive(Debug)]
pub struct RunLock {
    _file: File,
}

/// The lock was not acquired.
#[derive(Debug, thiserror::Error)]
pub enum LockError {
    #[error(
        "another process uses the state file {}; stop it, or choose another file with --state",
        state.display()
    )]
    Locked { state: PathBuf },
    /// The lock file cannot be created or locked.
    #[error("cannot lock {}", path.display())]
    Failed {
        /// The lock file.
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
}

impl RunLock {
    /// Acquires the lock of a state file, the file `STATE.lock` beside it. The lock file is not deleted.
    ///
    /// # Errors
    /// [`LockError::Locked`], without waiting, if another process has the lock.
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
            Err(TryLockError::WouldBlock) => Err(LockError::Locked {
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
    fn second_acquire_fails_until_the_first_lock_is_dropped() {
        let folder = tempfile::tempdir().expect("a folder");
        let state = folder.path().join("state.db");
        let first = RunLock::acquire(&state).expect("free");
        let error = RunLock::acquire(&state).expect_err("locked");
        assert!(matches!(error, LockError::Locked { .. }));
        assert!(error.to_string().contains("state.db"), "{error}");
        drop(first);
        RunLock::acquire(&state).expect("free again");
    }

    #[test]
    fn missing_folder_error_names_the_lock_file() {
        let error = RunLock::acquire(Path::new("/nowhere/state.db")).expect_err("no folder");
        assert_eq!(error.to_string(), "cannot lock /nowhere/state.db.lock");
    }
}
