//! Classifies ECR's errors and adds the remedy.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ecr::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ecr::operation::get_authorization_token::GetAuthorizationTokenError;
use domain::ecr::EcrRegistry;
use domain::feed::Feed;
use domain::ids::PackageId;
use engine::ports::{FeedError, FeedErrorKind};

type Cause = Arc<dyn std::error::Error + Send + Sync>;

/// A repository that could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// ECR refused the call or did not respond.
    #[error("{reason}")]
    Call {
        kind: FeedErrorKind,
        reason: String,
        source: Cause,
    },
    /// The response lacks the list, which is different from an empty list.
    #[error(
        "ECR's response contains no list of images; check that AWS_ENDPOINT_URL names an ECR endpoint"
    )]
    NoList,
    /// The repository no longer has the image.
    #[error(
        "the repository {0} has no image with this tag or digest; the next check lists its images"
    )]
    NoImage(String),
    /// The response lacks the manifest or its digest.
    #[error("ECR's response contains no manifest; the next check retries")]
    NoManifest,
    /// The next page was read before.
    #[error("after {0} pages ECR's list returned to an earlier page; the next check retries")]
    Loop(usize),
    /// The repository exceeds a limit: the unit and the limit.
    #[error("the repository has more than {1} {0}, which is the limit; delete unused images")]
    TooMany(&'static str, usize),
    #[error("the repository was not read within {0:?}; the next check retries")]
    TooSlow(Duration),
}

impl Failure {
    /// A refused call, with the action that the role needs for it.
    pub(super) fn call<E>(
        registry: &EcrRegistry,
        name: &str,
        action: &str,
        source: SdkError<E>,
    ) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        let (kind, reason) = classify(registry, name, action, &source);
        Self::Call {
            kind,
            reason,
            source: Arc::new(source),
        }
    }

    /// Adds the page that failed.
    pub(super) fn on_page(self, page: usize) -> Self {
        match self {
            Self::Call {
                kind,
                reason,
                source,
            } if page > 1 => Self::Call {
                kind,
                reason: format!("{reason} (page {page} of the list)"),
                source,
            },
            other => other,
        }
    }

    fn kind(&self) -> FeedErrorKind {
        match self {
            Self::Call { kind, .. } => *kind,
            Self::NoImage(_) => FeedErrorKind::NotFound,
            Self::NoList | Self::NoManifest => FeedErrorKind::Malformed,
            Self::Loop(_) | Self::TooMany(..) => FeedErrorKind::Incomplete,
            Self::TooSlow(_) => FeedErrorKind::Unavailable,
        }
    }

    /// The engine's error. One that concerns the whole feed names no package.
    pub(super) fn into_feed_error(self, feed: &Feed, package: &PackageId) -> FeedError {
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

/// The error for a feed without a region.
pub(super) fn no_registry(feed: &Feed) -> FeedError {
    FeedError {
        message: format!(
            "feed {:?} has no AWS region; choose its region in Octopus",
            feed.name
        ),
        kind: FeedErrorKind::Misconfigured,
        source: None,
    }
}

/// The error for labels, which the API of ECR does not return.
pub(super) fn no_labels(feed: &Feed) -> FeedError {
    FeedError {
        message: format!(
            "the feed {:?} is read through the API of ECR, which returns no labels; read them over the registry protocol",
            feed.name
        ),
        kind: FeedErrorKind::Misconfigured,
        source: None,
    }
}

/// The error for a refused login.
pub(super) fn no_login(
    feed: &Feed,
    registry: &EcrRegistry,
    refusal: SdkError<GetAuthorizationTokenError>,
) -> FeedError {
    let region = &registry.region;
    let (kind, reason) = match refusal.code().unwrap_or_default() {
        "AccessDeniedException" => (
            FeedErrorKind::Denied,
            "the function's role may not call ecr:GetAuthorizationToken, which labels and signatures need; deploy the \
             current template, or correct the permissions boundary"
                .to_owned(),
        ),
        code => unknown_error(&refusal, code, &format!("of this account in {region}")),
    };
    FeedError {
        message: format!("feed {:?}: {reason}", feed.name),
        kind,
        source: Some(Arc::new(refusal)),
    }
}

/// The error for a login without a token.
pub(super) fn no_token(feed: &Feed) -> FeedError {
    FeedError {
        message: format!(
            "feed {:?}: ECR's response contains no token; the next check retries",
            feed.name
        ),
        kind: FeedErrorKind::Malformed,
        source: None,
    }
}

/// Classifies by error code: ECR's own codes and those common to all AWS services.
fn classify<E: ProvideErrorMetadata>(
    registry: &EcrRegistry,
    name: &str,
    action: &str,
    refusal: &SdkError<E>,
) -> (FeedErrorKind, String) {
    let region = &registry.region;
    let owner = match &registry.account {
        Some(account) => format!("of account {account} in {region}"),
        None => format!("of this account in {region}"),
    };
    match refusal.code().unwrap_or_default() {
        "RepositoryNotFoundException" => (
            FeedErrorKind::NotFound,
            format!("the ECR {owner} has no repository {name}; create it or correct the package"),
        ),
        "ImageNotFoundException" => (
            FeedErrorKind::NotFound,
            format!(
                "the repository {name} no longer has the image; the next check lists its images"
            ),
        ),
        "InvalidParameterException" => (
            FeedErrorKind::NotFound,
            format!("ECR rejects {name:?} as a repository name; correct the package"),
        ),
        "AccessDeniedException" => (
            FeedErrorKind::Denied,
            format!(
                "the function's role may not read the repository {name} {owner}; add it to the \
                 stack parameter EcrRepositories, or allow {action} in its repository policy"
            ),
        ),
        "UnrecognizedClientException" | "InvalidSignatureException" | "ExpiredTokenException" => (
            FeedErrorKind::Denied,
            format!(
                "the ECR {owner} does not accept the function's credentials; check that {region} is enabled"
            ),
        ),
        "ThrottlingException"
        | "Throttling"
        | "TooManyRequestsException"
        | "RequestLimitExceeded" => (
            FeedErrorKind::Throttled(None),
            format!("the ECR {owner} throttles calls; the next check retries"),
        ),
        code => unknown_error(refusal, code, &owner),
    }
}

/// Classifies an error without a known code.
fn unknown_error<E>(refusal: &SdkError<E>, code: &str, owner: &str) -> (FeedErrorKind, String) {
    let (kind, reason) = match refusal {
        SdkError::ConstructionFailure(_) => (
            FeedErrorKind::Misconfigured,
            "cannot be called with the current AWS settings".to_owned(),
        ),
        SdkError::ServiceError(answer) if !answer.raw().status().is_success() => (
            FeedErrorKind::Unavailable,
            format!(
                "responded {} {code}; the next check retries",
                answer.raw().status()
            ),
        ),
        SdkError::ServiceError(_) | SdkError::ResponseError(_) => (
            FeedErrorKind::Malformed,
            "sent a response that cannot be parsed; the next check retries".to_owned(),
        ),
        _ => (
            FeedErrorKind::Unavailable,
            "cannot be reached; if this persists, check the function's network route to it"
                .to_owned(),
        ),
    };
    (kind, format!("the ECR {owner} {reason}"))
}
