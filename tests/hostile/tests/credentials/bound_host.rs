//! A credential that is bound to a host is sent to no other host, whatever URL the feed has.

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};
use engine::ports::{FeedError, FeedReader, ReadRequest};
use feeds::{Credential, Credentials, DirectFeeds, Limits};
use hostile::Origins;

use crate::PASSWORD;

/// A credential that is bound to a host.
struct Bound(&'static str);

impl Credentials for Bound {
    async fn credential(&self, _: &Feed, _: bool) -> Result<Option<Credential>, FeedError> {
        Ok(Some(Credential::Basic {
            username: PASSWORD.user.to_owned(),
            password: PASSWORD.secret.into(),
        }))
    }

    fn host(&self, _: &Feed) -> Option<String> {
        Some(self.0.to_owned())
    }
}

fn feed(kind: FeedKind, uri: &str) -> Feed {
    Feed {
        id: FeedId::new("Feeds-1"),
        space: SpaceId::new("Spaces-1"),
        name: "Test feed".to_owned(),
        kind,
        uri: Some(uri.to_owned()),
        registry_path: None,
        region: None,
        account: None,
        has_credentials: true,
    }
}

/// The requests that contain the password, and the error of the package.
async fn sent(origins: &Origins, host: &'static str, feed: &Feed) -> (usize, Option<String>) {
    origins.answer(Vec::new());
    let reader = DirectFeeds::new(origins.client(), Bound(host), Limits::default());
    let request = ReadRequest::new(PackageId::new("acme/web"));
    let answer = reader.read(feed, &[request]).await;
    let error = answer.readings.into_iter().find_map(Result::err);
    let requests = origins.seen().into_iter();
    let leaks = requests.filter(|(_, request)| !PASSWORD.found_in(request).is_empty());
    (leaks.count(), error.map(|error| error.message))
}

#[tokio::test]
async fn bound_credential_is_sent_only_to_its_host() {
    let origins = Origins::start().await;
    let other_port = format!("https://registry.test:{}", origins.other_port());
    let hostile = [
        "https://evil.test",
        "https://evil.test/registry.test",
        "https://evil.test/?registry.test",
        "https://registry.test.evil.test",
        "https://sub.registry.test",
        "https://evilregistry.test",
        "https://registry.tes",
        "https://registry.test\\@evil.test/",
        "evil.test",
        "oci://evil.test/registry.test",
        other_port.as_str(),
    ];
    let mut cases = 0;
    for uri in hostile {
        for kind in [FeedKind::Docker, FeedKind::OciRegistry, FeedKind::Helm] {
            // A backslash starts the path, so this URL's host is the registry's.
            let is_own = uri.contains('\\');
            let (leaks, error) = sent(&origins, "registry.test", &feed(kind.clone(), uri)).await;
            let error = error.unwrap_or_default();
            assert!(is_own || leaks == 0, "{kind:?} at {uri}: sent; {error}");
            assert!(
                is_own
                    || error.contains("bound to the host registry.test")
                    || error.contains("URL"),
                "{kind:?} at {uri}: {error}"
            );
            cases += 1;
        }
    }
    println!("R8: {cases} hostile URLs of a feed with a bound credential, 0 leaks");
}

#[tokio::test]
async fn bound_credential_is_sent_to_its_host_in_every_spelling() {
    let origins = Origins::start().await;
    for (host, uri) in [
        ("registry.test", "https://registry.test"),
        ("REGISTRY.test", "https://Registry.TEST/charts"),
        ("registry.test:443", "https://registry.test:443/"),
        ("registry.test", "registry.test"),
    ] {
        // A Helm repository gets its credential with the first request.
        let (sent, error) = sent(&origins, host, &feed(FeedKind::Helm, uri)).await;
        assert!(sent > 0, "{host} at {uri}: {error:?}");
    }
}
