//! Exit codes of the program.

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
