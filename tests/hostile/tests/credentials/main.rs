//! Where a credential may go. Each case is a server that would like one that is not for it: by its realm, by
//! redirects, by links, by its address. Every byte that arrives anywhere is kept and searched; only the
//! origins that a case names may have been told.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

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

/// A server that would like a credential.
pub(crate) struct Case {
    pub(crate) name: String,
    pub(crate) kind: FeedKind,
    pub(crate) uri: String,
    /// The user; one of Azure's or Docker's says that the password is a token.
    pub(crate) user: &'static str,
    pub(crate) token_hosts: Vec<String>,
    pub(crate) rules: Vec<(String, Reply)>,
    /// Who may be told the password, and nobody else.
    pub(crate) told: Vec<String>,
    /// They are, so that the others had their chance.
    pub(crate) is_told: bool,
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

/// Who was told in a case, and what is wrong with that.
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
    // Twice, for what is remembered from the first time.
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
    let mut told: Vec<_> = origins
        .seen()
        .into_iter()
        .filter(|(_, request)| !planted.found_in(request).is_empty())
        .map(|(origin, _)| origin)
        .collect();
    told.sort();
    told.dedup();
    let is_leak = told.iter().any(|origin| !case.told.contains(origin));
    let is_quiet = case.is_told && told != case.told;
    (is_leak || is_quiet).then(|| {
        format!(
            "{}: told {told:?}, not {:?}; {outcome}",
            case.name, case.told
        )
    })
}

#[tokio::test]
async fn a_credential_goes_to_its_own_origin_and_to_its_token_server_and_nowhere_else() {
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
