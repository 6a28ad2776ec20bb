//! Which packages a push to ECR concerns.

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, PackageKey, SpaceId};
use domain::options::VersionPolicy;
use domain::push::{EcrPush, packages_of};
use domain::trigger::{ResolvedSource, Source, WatchList};

use crate::case::{Case, reference};

const OWN: &str = "111111111111";

fn feed(id: &str, space: &str, region: &str, account: Option<&str>) -> Feed {
    Feed {
        id: FeedId::new(id),
        space: SpaceId::new(space),
        name: id.to_owned(),
        kind: FeedKind::AwsElasticContainerRegistry,
        uri: None,
        registry_path: None,
        region: Some(region.to_owned()),
        account: account.map(str::to_owned),
        has_credentials: true,
    }
}

fn key(feed: &str, space: &str, package: &str) -> PackageKey {
    PackageKey {
        space: SpaceId::new(space),
        feed: FeedId::new(feed),
        package: PackageId::new(package),
    }
}

/// Two spaces watch `acme/web` in this account's registry, one of them also by a Docker feed of its host;
/// one watches it in another account's too, and one in another region of this account.
fn watched() -> WatchList {
    let keys = [
        key("Feeds-1", "Spaces-1", "acme/web"),
        key("Feeds-2", "Spaces-2", "acme/web"),
        key("Feeds-2", "Spaces-2", "acme/web"),
        key("Feeds-3", "Spaces-2", "acme/web"),
        key("Feeds-1", "Spaces-1", "acme/api"),
        key("Feeds-4", "Spaces-1", "web"),
        key("Feeds-5", "Spaces-1", "acme/web"),
    ];
    let mut trigger = Case::new().trigger;
    trigger.sources = keys
        .into_iter()
        .map(|package| Source {
            reference: reference("web"),
            resolution: Ok(ResolvedSource {
                action_name: "Deploy".to_owned(),
                package,
            }),
            policy: VersionPolicy::default(),
        })
        .collect();
    let by_host = Feed {
        kind: FeedKind::Docker,
        uri: Some(format!("https://{OWN}.dkr.ecr.eu-west-1.amazonaws.com")),
        registry_path: Some("acme".to_owned()),
        region: None,
        ..feed("Feeds-4", "Spaces-1", "", None)
    };
    WatchList {
        triggers: vec![trigger],
        feeds: vec![
            feed("Feeds-1", "Spaces-1", "eu-west-1", None),
            feed("Feeds-2", "Spaces-2", "eu-west-1", Some(OWN)),
            feed("Feeds-3", "Spaces-2", "eu-west-1", Some("222222222222")),
            by_host,
            feed("Feeds-5", "Spaces-1", "eu-north-1", None),
        ],
        ..WatchList::default()
    }
}

/// Checks the requests for a push of `acme/web:1.1.0`, after `change`.
#[track_caller]
fn check(change: fn(&mut EcrPush), expected: &str) {
    let mut push = EcrPush {
        account: OWN.to_owned(),
        region: "eu-west-1".to_owned(),
        repository: "acme/web".to_owned(),
        tag: Some("1.1.0".to_owned()),
        action: "PUSH".to_owned(),
        result: "SUCCESS".to_owned(),
    };
    change(&mut push);
    let found = match packages_of(&push, &watched(), OWN) {
        Ok(packages) => {
            let names: Vec<_> = packages.iter().map(ToString::to_string).collect();
            names.join(", ")
        }
        Err(ignored) => ignored.to_string(),
    };
    assert_eq!(found, expected);
}

#[test]
fn a_push_concerns_every_feed_of_its_registry_once() {
    check(
        |_| {},
        "acme/web of Feeds-1, acme/web of Feeds-2, web of Feeds-4",
    );
    check(
        |push| push.account = "222222222222".to_owned(),
        "acme/web of Feeds-3",
    );
    check(
        |push| push.region = "eu-north-1".to_owned(),
        "acme/web of Feeds-5",
    );
}

#[test]
fn what_is_no_push_of_a_version_is_ignored() {
    check(
        |push| push.action = "DELETE".to_owned(),
        "the event is DELETE SUCCESS, not PUSH SUCCESS",
    );
    check(
        |push| push.result = "FAILURE".to_owned(),
        "the event is PUSH FAILURE, not PUSH SUCCESS",
    );
    check(|push| push.tag = None, "the push has no version tag");
    check(
        |push| push.tag = Some(String::new()),
        "the push has no version tag",
    );
    check(
        |push| push.tag = Some(format!("sha256-{}.sig", "0a1b".repeat(16))),
        "the push has no version tag",
    );
}

#[test]
fn unwatched_package_is_ignored() {
    check(
        |push| push.region = "us-east-1".to_owned(),
        "no watched ECR feed is the registry of account 111111111111 in us-east-1",
    );
    check(
        |push| push.account = "333333333333".to_owned(),
        "no watched ECR feed is the registry of account 333333333333 in eu-west-1",
    );
    check(
        |push| push.repository = "acme/other".to_owned(),
        "no trigger watches the repository acme/other",
    );
}
