//! Why a push leads to no check.

/// Why a push is ignored.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ignored {
    #[error("the event is {action} {result}, not PUSH SUCCESS")]
    NotAPush { action: String, result: String },
    /// A manifest without a tag, or a signature's tag, which is not a version.
    #[error("the push has no version tag")]
    NoVersionTag,
    #[error("no watched ECR feed is the registry of account {account} in {region}")]
    UnknownRegistry { account: String, region: String },
    #[error("no trigger watches the repository {repository}")]
    UnwatchedRepository { repository: String },
    /// Neither the push nor its receiver names a feed, or the named ones have no watched package.
    #[error("no watched feed is the one of the push")]
    UnwatchedFeed,
    #[error("no release waits for a scan in the repository {repository}")]
    ScanNotRequired { repository: String },
}
