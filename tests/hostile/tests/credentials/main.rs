//! Credentials are sent only to their own origin and its token server. Each case is a server that requests one that is
//! not for it: by its realm, by redirects, by links, by its address. Every received byte is recorded and searched; only
//! the origins that a case lists may have received the password.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod bound_host;
mod cases;
mod octopus_key;

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};
use engine::ports::{FeedError, FeedReader, ReadRequest};
use feeds::{Credential, Credentials, DirectFeeds, Limits};
use hostile::{Origins, Planted, Reply};

pub(crate) const PASSWORD: Planted = Planted {
    user: "joe",
    secret: "pl4nted s/e+c\"r&et",
};

/// A server that requests a credential.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) kind: FeedKind,
    pub(crate) uri: String,
    /// The user; some users of Azure and Docker mean that the password is a token.
    pub(crate) user: &'static str,
    pub(crate) token_hosts: Vec<String>,
    pub(crate) rules: Vec<(String, Reply)>,
    /// The only origins that may receive the password.
    pub(crate) receivers: Vec<String>,
    /// Whether they must receive it, which shows that the reader reached the other servers.
    pub(crate) must_receive: bool,
}

/// The user, and the hosts of token servers.
struct Known(&'static str, Vec<String>);

impl Credentials for Known {
    async fn credential(&self, _: &Feed, _: bool) -> Result<Option<Credential>, FeedError> {
        Ok(Some(Credential::Basic {
            username: self.0.to_owned(),
            password: PASSWORD.secret.into(),
        }))
    }

    fn token_hosts(&self, _: &Feed) -> Vec<String> {
        self.1.clone()
    }
}

/// Runs a case; returns a message if the wrong origins received the password.
async fn leak(origins: &Origins, case: &Case) -> Option<String> {
    origins.answer(case.rules.clone());
    let known = Known(case.user, case.token_hosts.clone());
    let reader = DirectFeeds::new(origins.client(), known, Limits::default());
    let feed = Feed {
        id: FeedId::new("Feeds-1"),
        space: SpaceId::new("Spaces-1"),
        name: "Test feed".to_owned(),
        kind: case.kind.clone(),
        uri: Some(case.uri.clone()),
        registry_path: None,
        region: None,
        account: None,
        has_credentials: true,
    };
    let request = ReadRequest::new(PackageId::new("acme/web"));
    // Twice, because the reader caches challenges and tokens.
    let mut outcome = String::new();
    for _ in 0..2 {
        outcome = format!(
            "{:?}",
            reader
                .read(&feed, std::slice::from_ref(&request))
                .await
                .readings
        );
    }
    let planted = Planted {
        user: case.user,
        ..PASSWORD
    };
    let mut receivers: Vec<_> = origins
        .seen()
        .into_iter()
        .filter(|(_, request)| !planted.found_in(request).is_empty())
        .map(|(origin, _)| origin)
        .collect();
    receivers.sort();
    receivers.dedup();
    let is_leak = receivers
        .iter()
        .any(|origin| !case.receivers.contains(origin));
    let is_missing = case.must_receive && receivers != case.receivers;
    (is_leak || is_missing).then(|| {
        format!(
            "{}: sent to {receivers:?}, expected {:?}; {outcome}",
            case.name, case.receivers
        )
    })
}

#[tokio::test]
async fn feed_credential_is_sent_only_to_its_origin_and_token_server() {
    let origins = Origins::start().await;
    let cases = cases::table(origins.other_port());
    let mut leaks = Vec::new();
    for case in &cases {
        leaks.extend(leak(&origins, case).await);
    }
    assert!(
        leaks.is_empty(),
        "{} of {}:\n{}",
        leaks.len(),
        cases.len(),
        leaks.join("\n")
    );
    println!(
        "R8: {} hostile cases with a feed's credential, 0 leaks",
        cases.len()
    );
    assert!(cases.len() >= 60);
}
