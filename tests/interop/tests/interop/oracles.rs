//! The readers list the same versions as `crane ls` and `helm search repo --versions`.

use std::collections::BTreeSet;

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};
use engine::ports::{FeedReader, ReadRequest, Reading};
use feeds::{DirectFeeds, Limits, NoCredentials, OutboundClient};

use crate::charts::Charts;
use crate::programs::{DISTRIBUTION, HELM, output};
use crate::registries::Registry;

/// The versions that this project's reader lists.
async fn versions(kind: FeedKind, uri: String, package: &str) -> BTreeSet<String> {
    let http = OutboundClient::new("127.0.0.0/8".parse().unwrap()).unwrap();
    let feeds = DirectFeeds::new(http, NoCredentials, Limits::default());
    let feed = Feed {
        id: FeedId::new("Feeds-1"),
        space: SpaceId::new("Spaces-1"),
        name: "Feed".to_owned(),
        kind,
        uri: Some(uri),
        registry_path: None,
        region: None,
        account: None,
        has_credentials: false,
    };
    let request = ReadRequest::new(PackageId::new(package));
    let answer = feeds.read(&feed, &[request]).await;
    match answer.readings.into_iter().next().unwrap().unwrap() {
        Reading::Listing { versions, .. } => versions.into_iter().map(|one| one.version).collect(),
        Reading::Unchanged => panic!("a first reading is a listing"),
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn registry_lists_the_same_tags_as_crane() {
    let registry = Registry::start(DISTRIBUTION, None);
    registry.push("1.0.0");
    for number in 0..250 {
        registry.tag("1.0.0", &format!("2.{number}.0-rc_{number}"));
    }
    let image = format!("{}/acme/web", registry.host());
    let listed = output(registry.crane().args(["ls", &image]));
    let expected: BTreeSet<String> = listed.lines().map(str::to_owned).collect();
    assert_eq!(expected.len(), 251);
    let found = versions(FeedKind::Docker, registry.url(), "acme/web").await;
    assert_eq!(found, expected);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn helm_repository_lists_the_same_versions_as_helm() {
    let charts = Charts::serve();
    for version in [
        "0.1.0",
        "1.0.0",
        "1.0.0-rc.1",
        "1.0.1+build.5",
        "1.10.0",
        "v2.0.0",
    ] {
        charts.publish(version);
    }
    let home = tempfile::tempdir().unwrap();
    let helm = |arguments: &[&str]| {
        let mut command = HELM.command();
        for name in ["HELM_CACHE_HOME", "HELM_CONFIG_HOME", "HELM_DATA_HOME"] {
            command.env(name, home.path());
        }
        output(command.args(arguments))
    };
    helm(&["repo", "add", "interop", &charts.url()]);
    let found = helm(&[
        "search",
        "repo",
        "interop/shop",
        "--versions",
        "--devel",
        "-o",
        "json",
    ]);
    let found: serde_json::Value = serde_json::from_str(&found).unwrap();
    let expected: BTreeSet<String> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["version"].as_str().unwrap().to_owned())
        .collect();
    let found = versions(FeedKind::Helm, charts.url(), "shop").await;
    assert_eq!(found, expected);
}
