//! Exit codes of the program.

use std::fmt;
use std::process::ExitCode;

/// The outcome of a command, as its exit code reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: the command did everything it was asked for.
    Done,
    /// 1: the command failed; standard error has the reason.
    Failed,
    /// 2: the command line is invalid.
    Usage,
    /// 3: the command finished, but some feeds, triggers or checks failed; the output names them.
    Partly,
    /// 4: the file differs from the applied one (`diff`).
    Different,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Done => 0,
            Exit::Failed => 1,
            Exit::Usage => 2,
            Exit::Partly => 3,
            Exit::Different => 4,
        })
    }
}

/// An invalid command line, or a setting that is missing or invalid: the program exits with 2.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageError(pub String);

impl fmt::Display for UsageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UsageError {}

/// The exit code for an error of a command.
pub fn of_error(error: &anyhow::Error) -> Exit {
    match error.downcast_ref::<UsageError>() {
        Some(_) => Exit::Usage,
        None => Exit::Failed,
    }
}
