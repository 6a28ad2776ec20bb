//! What went wrong with a repository, what that means, and what to do about it.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecr::operation::describe_images::DescribeImagesError;
use domain::feed::Feed;
use domain::ids::PackageId;
use engine::ports::{FeedError, FeedErrorKind};

use super::images::Repository;

type Refusal = SdkError<DescribeImagesError>;

/// A repository that could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// ECR refused the call or did not answer.
    #[error("{what}")]
    Call {
        kind: FeedErrorKind,
        what: String,
        source: Arc<Refusal>,
    },
    /// An answer without a list is not an empty one.
    #[error(
        "ECR's answer holds no list of images; see whether AWS_ENDPOINT_URL names something else"
    )]
    NoList,
    /// The next page is one that was read already.
    #[error("after {0} pages ECR's list leads back to a page before; it is tried again later")]
    Loop(usize),
    /// It holds more than is read.
    #[error("it has more than {1} {0}, so it is not read; delete images that nobody needs")]
    TooMany(&'static str, usize),
    /// It takes too long.
    #[error("it was not read within {0:?}; it is tried again later")]
    TooSlow(Duration),
}

impl Failure {
    /// What ECR's refusal means.
    pub(super) fn call(repository: &Repository<'_>, source: Refusal) -> Self {
        let (kind, what) = meaning(repository, &source);
        Self::Call {
            kind,
            what,
            source: Arc::new(source),
        }
    }

    /// The same with how far the list had come.
    pub(super) fn on_page(self, page: usize) -> Self {
        match self {
            Self::Call { kind, what, source } if page > 1 => Self::Call {
                kind,
                what: format!("{what}; it was page {page} of the list"),
                source,
            },
            other => other,
        }
    }

    fn kind(&self) -> FeedErrorKind {
        match self {
            Self::Call { kind, .. } => *kind,
            Self::NoList => FeedErrorKind::Malformed,
            Self::Loop(_) | Self::TooMany(..) => FeedErrorKind::Incomplete,
            Self::TooSlow(_) => FeedErrorKind::Unavailable,
        }
    }

    /// As the engine hears it. What concerns the whole feed names no package.
    pub(super) fn told(self, feed: &Feed, package: &PackageId) -> FeedError {
        let kind = self.kind();
        let subject = if kind.concerns_feed() {
            format!("feed {:?}", feed.name)
        } else {
            format!("package {package} of feed {:?}", feed.name)
        };
        FeedError {
            message: format!("{subject}: {self}"),
            kind,
            source: match self {
                Self::Call { source, .. } => Some(source),
                _ => None,
            },
        }
    }
}

/// A feed whose registry cannot be told.
pub(super) fn no_registry(feed: &Feed) -> FeedError {
    FeedError {
        message: format!(
            "feed {:?}: it names no AWS region; choose its region in Octopus",
            feed.name
        ),
        kind: FeedErrorKind::Misconfigured,
        source: None,
    }
}

/// By the names of ECR's errors, which also stand for those that every AWS service may answer.
fn meaning(repository: &Repository<'_>, refusal: &Refusal) -> (FeedErrorKind, String) {
    let (name, region) = (&repository.name, &repository.registry.region);
    let owner = match &repository.registry.account {
        Some(account) => format!("of account {account} in {region}"),
        None => format!("of this account in {region}"),
    };
    match refusal.code().unwrap_or_default() {
        "RepositoryNotFoundException" => (
            FeedErrorKind::NotFound,
            format!("the ECR {owner} has no repository {name}; create it or correct the package"),
        ),
        "InvalidParameterException" => (
            FeedErrorKind::NotFound,
            format!("ECR takes {name:?} for no repository's name; correct the package"),
        ),
        "AccessDeniedException" => (
            FeedErrorKind::Denied,
            format!(
                "the function's role may not read the repository {name} {owner}; allow it \
                 ecr:DescribeImages there, and see that the repository's policy does not deny it"
            ),
        ),
        "UnrecognizedClientException" | "InvalidSignatureException" | "ExpiredTokenException" => (
            FeedErrorKind::Denied,
            format!(
                "the ECR {owner} does not know the function's role; is {region} enabled there?"
            ),
        ),
        "ThrottlingException"
        | "Throttling"
        | "TooManyRequestsException"
        | "RequestLimitExceeded" => (
            FeedErrorKind::Throttled(None),
            format!("the ECR {owner} asks for fewer calls; it is tried again later"),
        ),
        code => unnamed(refusal, code, &owner),
    }
}

/// What an error means that has no name, or none that we know.
fn unnamed(refusal: &Refusal, code: &str, owner: &str) -> (FeedErrorKind, String) {
    let (kind, what) = match refusal {
        SdkError::ConstructionFailure(_) => (
            FeedErrorKind::Misconfigured,
            "cannot be called with these settings of AWS".to_owned(),
        ),
        SdkError::ServiceError(answer) if !answer.raw().status().is_success() => (
            FeedErrorKind::Unavailable,
            format!(
                "answers {} {code}; it is tried again later",
                answer.raw().status()
            ),
        ),
        SdkError::ServiceError(_) | SdkError::ResponseError(_) => (
            FeedErrorKind::Malformed,
            "gives an answer that cannot be read; it is tried again later".to_owned(),
        ),
        _ => (
            FeedErrorKind::Unavailable,
            "cannot be reached; if this does not pass, see that the function's network leads there"
                .to_owned(),
        ),
    };
    (kind, format!("the ECR {owner} {what}"))
}
