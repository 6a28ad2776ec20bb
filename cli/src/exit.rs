//! How the program ends.

use std::process::ExitCode;

/// What the exit code says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: everything that was asked for was done.
    Done,
    /// 1: it could not be done; standard error says why.
    Failed,
    /// 2: the command line cannot be used.
    Usage,
    /// 3: it was done, but feeds or triggers failed on the way; the output names them.
    Partly,
    /// 4: the file and what is applied differ.
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
