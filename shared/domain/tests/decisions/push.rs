//! Which packages a push concerns.

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, PackageKey, SpaceId};
use domain::options::VersionPolicy;
use domain::push::{EcrPush, Match, PackageKind, PackagePush, Push, packages_of};
use domain::snapshot::{Seen, Snapshot};
use domain::time::Timestamp;
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

fn registry(id: &str, kind: FeedKind, uri: &str, path: Option<&str>) -> Feed {
    Feed {
        kind,
        uri: Some(uri.to_owned()),
        registry_path: path.map(str::to_owned),
        region: None,
        ..feed(id, "Spaces-1", "", None)
    }
}

/// Feeds of several kinds and hosts, each with packages.
fn registries() -> WatchList {
    let feeds = [
        (
            registry("GitHub", FeedKind::Docker, "https://ghcr.io", None),
            "Acme/Web",
        ),
        (
            registry("Hub", FeedKind::Docker, "https://index.docker.io/v1/", None),
            "nginx",
        ),
        (
            registry(
                "Prefixed",
                FeedKind::OciRegistry,
                "oci://charts.example.com:8443/team",
                None,
            ),
            "web",
        ),
        (
            registry(
                "Artifactory",
                FeedKind::Docker,
                "https://acme.jfrog.io",
                Some("docker-local"),
            ),
            "acme/web",
        ),
        (
            registry(
                "Charts",
                FeedKind::Helm,
                "https://charts.example.com/stable",
                None,
            ),
            "web",
        ),
        (
            registry(
                "Packages",
                FeedKind::from_feed_type("NuGet"),
                "https://nuget.example.com",
                None,
            ),
            "Acme.Web",
        ),
    ];
    let mut trigger = Case::new().trigger;
    trigger.sources = feeds
        .iter()
        .map(|(feed, package)| Source {
            reference: reference("web"),
            resolution: Ok(ResolvedSource {
                action_name: "Deploy".to_owned(),
                package: key(feed.id.as_str(), "Spaces-1", package),
            }),
            policy: VersionPolicy::default(),
        })
        .collect();
    WatchList {
        triggers: vec![trigger],
        feeds: feeds.into_iter().map(|(feed, _)| feed).collect(),
        ..WatchList::default()
    }
}

#[test]
fn push_is_listed_by_its_tag_and_its_known_digest() {
    let seen = |digest: Option<&str>| Seen {
        digest: digest.map(str::to_owned),
        published: None,
        first_seen: Timestamp::from_millis(0),
        pushed_again: None,
    };
    let snapshot = Snapshot::from_versions([
        ("1.0.0".to_owned(), seen(None)),
        ("1.1.0".to_owned(), seen(Some("sha256:11"))),
    ]);
    for (tag, digest, expected) in [
        (None, None, true),
        (Some("1.0.0"), None, true),
        (Some("1.0.0"), Some("sha256:10"), true),
        (Some("1.1.0"), Some("sha256:11"), true),
        (Some("1.1.0"), Some("sha256:00"), false),
        (Some("1.2.0"), None, false),
    ] {
        let push = Push {
            tag: tag.map(str::to_owned),
            digest: digest.map(str::to_owned),
            ..Push::default()
        };
        assert_eq!(push.is_listed_in(&snapshot), expected, "{tag:?} {digest:?}");
    }
}

/// Checks the packages of a push of a repository, after `change`.
#[track_caller]
fn check_package(repository: &str, change: impl FnOnce(&mut PackagePush), expected: &str) {
    let mut push = PackagePush {
        push: Push {
            repository: Some(repository.to_owned()),
            tag: Some("1.1.0".to_owned()),
            ..Push::default()
        },
        ..PackagePush::default()
    };
    change(&mut push);
    let found = match push.packages(&registries()) {
        Ok(packages) => {
            let names: Vec<_> = packages.iter().map(ToString::to_string).collect();
            names.join(", ")
        }
        Err(ignored) => ignored.to_string(),
    };
    assert_eq!(found, expected);
}

fn at(host: &str) -> impl FnOnce(&mut PackagePush) {
    let host = host.to_owned();
    |push| push.push.registry = Some(host)
}

fn of_feeds(feeds: &[&str]) -> impl FnOnce(&mut PackagePush) {
    let feeds = feeds.iter().map(|&feed| feed.to_owned()).collect();
    |push| push.feeds = Some(feeds)
}

#[test]
fn package_push_is_compared_as_its_registry_writes_names() {
    check_package("acme/web", at("ghcr.io"), "Acme/Web of GitHub");
    check_package("Acme/web", at("GHCR.io:443"), "Acme/Web of GitHub");
    for host in ["docker.io", "index.docker.io", "registry-1.docker.io"] {
        check_package("library/nginx", at(host), "nginx of Hub");
        check_package("nginx", at(host), "nginx of Hub");
    }
    check_package("team/web", at("charts.example.com:8443"), "web of Prefixed");
    check_package(
        "web",
        at("charts.example.com:8443"),
        "no trigger watches the repository web",
    );
    check_package(
        "acme/web",
        at("quay.io"),
        "no watched feed is the one of the push",
    );
}

#[test]
fn package_push_without_registry_and_feeds_is_ignored() {
    check_package("acme/web", |_| {}, "no watched feed is the one of the push");
}

#[test]
fn package_push_is_confined_to_the_feeds_of_its_receiver() {
    check_package("nginx", of_feeds(&["hub"]), "nginx of Hub");
    check_package("nginx", of_feeds(&["Spaces-1/Hub"]), "nginx of Hub");
    check_package(
        "nginx",
        of_feeds(&["Spaces-2/Hub"]),
        "no watched feed is the one of the push",
    );
    check_package(
        "nginx",
        of_feeds(&["GitHub"]),
        "no trigger watches the repository nginx",
    );
}

#[test]
fn package_push_without_repository_concerns_the_whole_feed() {
    let whole = |push: &mut PackagePush| {
        push.feeds = Some(vec!["GitHub".to_owned(), "Hub".to_owned()]);
        push.push.repository = None;
    };
    check_package("", whole, "Acme/Web of GitHub, nginx of Hub");
}

#[test]
fn package_push_by_suffix_ignores_the_prefix_alone() {
    let suffix = |push: &mut PackagePush| {
        push.feeds = Some(vec!["Artifactory".to_owned()]);
        push.push.matching = Match::Suffix;
    };
    check_package("acme/web", suffix, "acme/web of Artifactory");
    check_package("docker-local/acme/web", suffix, "acme/web of Artifactory");
    check_package("me/web", suffix, "no trigger watches the repository me/web");
}

#[test]
fn package_push_is_narrowed_by_its_kind() {
    let of_kind = |kind: PackageKind| {
        move |push: &mut PackagePush| {
            let all = [
                "GitHub",
                "Hub",
                "Prefixed",
                "Artifactory",
                "Charts",
                "Packages",
            ];
            push.feeds = Some(all.map(str::to_owned).to_vec());
            push.push.kind = Some(kind);
            push.push.matching = kind.matching();
        }
    };
    check_package(
        "acme.web",
        of_kind(PackageKind::Nuget),
        "Acme.Web of Packages",
    );
    // A Helm repository has one index for all charts.
    check_package("other", of_kind(PackageKind::Helm), "web of Charts");
    check_package(
        "web",
        of_kind(PackageKind::Chart),
        "no trigger watches the repository web",
    );
    check_package(
        "x",
        of_kind(PackageKind::Npm),
        "no watched feed is the one of the push",
    );
}

#[test]
fn package_push_of_a_signature_is_ignored() {
    let signature = |push: &mut PackagePush| {
        push.push.registry = Some("ghcr.io".to_owned());
        push.push.tag = Some(format!("sha256-{}.sig", "0a1b".repeat(16)));
    };
    check_package("acme/web", signature, "the push has no version tag");
}
