//! Shared by the tests: feeds, credentials that count their uses, a reader.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};
use domain::snapshot::Listed;
use domain::trigger::PackageDetails;
use engine::ports::{FeedError, FeedErrorKind, FeedReader, ReadRequest, Reading, Validators};
use feeds::{Credential, Credentials, DirectFeeds, Limits, OutboundClient};

/// The result of a reading.
pub(crate) type Outcome = Result<Reading, FeedError>;

/// Credentials that count their uses.
#[derive(Clone, Default)]
pub(crate) struct Known {
    pub(crate) first: Option<Credential>,
    pub(crate) refreshed: Option<Credential>,
    pub(crate) token_hosts: Vec<String>,
    /// One `refresh` flag for each call.
    pub(crate) calls: Arc<Mutex<Vec<bool>>>,
}

impl Known {
    /// The same user, whenever asked.
    pub(crate) fn user(name: &str, password: &str) -> Self {
        let credential = basic(name, password);
        Self {
            first: credential.clone(),
            refreshed: credential,
            ..Self::default()
        }
    }

    pub(crate) fn calls(&self) -> Vec<bool> {
        self.calls.lock().unwrap().clone()
    }
}

impl Credentials for Known {
    async fn credential(&self, _: &Feed, refresh: bool) -> Result<Option<Credential>, FeedError> {
        self.calls.lock().unwrap().push(refresh);
        Ok(if refresh {
            self.refreshed.clone()
        } else {
            self.first.clone()
        })
    }

    fn token_hosts(&self, _: &Feed) -> Vec<String> {
        self.token_hosts.clone()
    }
}

pub(crate) fn basic(name: &str, password: &str) -> Option<Credential> {
    Some(Credential::Basic {
        username: name.to_owned(),
        password: password.into(),
    })
}

/// A reader that may reach loopback and has little patience.
pub(crate) fn reader(credentials: Known) -> DirectFeeds {
    limited(credentials, Limits::default())
}

pub(crate) fn limited(credentials: Known, limits: Limits) -> DirectFeeds {
    let limits = Limits {
        deadline: limits.deadline.min(Duration::from_secs(20)),
        ..limits
    };
    DirectFeeds::new(
        OutboundClient::new("127.0.0.0/8".parse().unwrap()).unwrap(),
        credentials,
        limits,
    )
}

pub(crate) fn feed(kind: FeedKind, uri: &str) -> Feed {
    Feed {
        id: FeedId::new("Feeds-1"),
        space: SpaceId::new("Spaces-1"),
        name: "Test feed".to_owned(),
        kind,
        uri: Some(uri.to_owned()),
        registry_path: None,
        region: None,
        account: None,
        has_credentials: false,
    }
}

pub(crate) fn docker(uri: &str) -> Feed {
    feed(FeedKind::Docker, uri)
}

pub(crate) fn helm(uri: &str) -> Feed {
    feed(FeedKind::Helm, uri)
}

pub(crate) fn requests(packages: &[&str], validators: Option<&Validators>) -> Vec<ReadRequest> {
    let request = |package: &&str| ReadRequest {
        validators: validators.cloned(),
        ..ReadRequest::new(PackageId::new(*package))
    };
    packages.iter().map(request).collect()
}

/// Reads one package.
pub(crate) async fn read(reader: &DirectFeeds, feed: &Feed, package: &str) -> Outcome {
    reader
        .read(feed, &requests(&[package], None))
        .await
        .readings
        .remove(0)
}

/// Reads one package with details of its versions.
pub(crate) async fn read_details(
    reader: &DirectFeeds,
    feed: &Feed,
    package: &str,
    details: PackageDetails,
) -> Outcome {
    let request = ReadRequest {
        details,
        ..ReadRequest::new(PackageId::new(package))
    };
    read_request(reader, feed, request).await
}

/// Answers one request.
pub(crate) async fn read_request(
    reader: &DirectFeeds,
    feed: &Feed,
    request: ReadRequest,
) -> Outcome {
    reader.read(feed, &[request]).await.readings.remove(0)
}

/// The digests of these tags are needed, for a platform or of what the tags point at.
pub(crate) fn digests_of(tags: &[&str], platform: Option<&str>) -> PackageDetails {
    PackageDetails {
        digests_of: tags.iter().map(|&tag| tag.to_owned()).collect(),
        platform: platform.map(str::to_owned),
        ..PackageDetails::default()
    }
}

/// The versions of a listing, as text.
pub(crate) fn versions(outcome: &Outcome) -> Vec<&str> {
    listed(outcome)
        .iter()
        .map(|listed| listed.version.as_str())
        .collect()
}

pub(crate) fn listed(outcome: &Outcome) -> &[Listed] {
    match outcome {
        Ok(Reading::Listing { versions, .. }) => versions,
        other => panic!("not a listing: {other:?}"),
    }
}

/// The kind and the whole text of an error, sources included; it must name the feed and contain no secret.
pub(crate) fn error(outcome: &Outcome) -> (FeedErrorKind, String) {
    let error = outcome.as_ref().expect_err("it should have failed");
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    assert!(text.contains("feed \"Test feed\""), "{text}");
    for secret in ["s3cret", "czNjcmV0", "token-", "?"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
    (error.kind, text)
}

/// The path of each request without its query, and whether it was authorized.
pub(crate) fn paths(requests: &[(String, String, bool)]) -> Vec<(&str, bool)> {
    requests
        .iter()
        .map(|(_, target, authorized)| (target.split('?').next().unwrap_or_default(), *authorized))
        .collect()
}
