//! Why a machine could not be opened.

use engine::ports::OctopusError;
use http_client::ClientError;
use local::{LockError, OwnerError};

/// A machine could not be opened. Each case reads as its source does.
#[derive(Debug, thiserror::Error)]
pub enum MachineError {
    /// Another process runs on the state file.
    #[error(transparent)]
    Lock(#[from] LockError),
    /// The state file cannot be read or created.
    #[error(transparent)]
    State(#[from] local::OpenError),
    /// The state file belongs to another Octopus Server.
    #[error(transparent)]
    Owner(#[from] OwnerError),
    /// The server's address cannot be used, or Octopus has no such space.
    #[error(transparent)]
    Octopus(#[from] OctopusError),
    /// The HTTP client for feeds cannot be created.
    #[error(transparent)]
    Client(#[from] ClientError),
}
