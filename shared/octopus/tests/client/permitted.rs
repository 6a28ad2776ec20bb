//! The versions that a rule permits, as evaluated by Octopus.

use domain::ids::{FeedId, PackageId, PackageKey, SpaceId};
use domain::rule::{RuleStrategy, VersionRule};
use engine::ports::{OctopusError, OctopusErrorKind, OctopusReader};
use serde_json::{Value, json};

use crate::support::{Reply, Script};

const FEED: &str = "GET /api/Spaces-1/feeds/Feeds-1001";

fn key(feed: &str) -> PackageKey {
    PackageKey {
        space: SpaceId::new("Spaces-1"),
        feed: FeedId::new(feed),
        package: PackageId::new("acme/web-shop"),
    }
}

/// The request for the versions from `skip` on, with these conditions.
fn line(conditions: &str, skip: usize) -> String {
    format!("{FEED}/packages/versions?packageId=acme%2Fweb-shop{conditions}&skip={skip}&take=5000")
}

fn by_tag(pattern: &str) -> VersionRule {
    VersionRule {
        pre_release_tag: Some(pattern.into()),
        ..VersionRule::default()
    }
}

fn by_regex(pattern: &str) -> VersionRule {
    VersionRule {
        version_tag_regex: Some(pattern.into()),
        ..VersionRule::default()
    }
}

/// A feed with these parameters in its query's URL template.
fn described(parameters: &str) -> Value {
    let template = format!("/api/Spaces-1/feeds/Feeds-1001/packages/versions{{?{parameters}}}");
    json!({"Id": "Feeds-1001", "Links": {"SearchPackageVersionsTemplate": template}})
}

async fn ask(script: &Script, rule: &VersionRule) -> Result<Vec<String>, OctopusError> {
    script.client().permitted(&key("Feeds-1001"), rule).await
}

#[tokio::test]
async fn permitted_sends_conditions_without_strategy() {
    let script = Script::start().await;
    let conditions = "&versionRange=%5B1.0%2C2.0%29&preReleaseTag=%5Ebeta%5CZ&versionTagRegex=%5E1";
    script
        .on(
            FEED,
            described("packageId,versionRange,preReleaseTag,versionTagRegex,versioningStrategy"),
        )
        .on(
            &line(conditions, 0),
            json!({"Items": [{"Version": "v1.1-beta"}, {"Version": "1.0-beta"}], "TotalResults": 2}),
        );
    let rule = VersionRule {
        range: Some("[1.0,2.0)".into()),
        pre_release_tag: Some(r"^beta\Z".into()),
        version_tag_regex: Some("^1".into()),
        strategy: RuleStrategy::MostRecentlyPublished,
    };
    assert_eq!(
        ask(&script, &rule).await.unwrap(),
        ["v1.1-beta", "1.0-beta"]
    );
}

#[tokio::test]
async fn permitted_needs_one_request_for_common_conditions() {
    let script = Script::start().await;
    script.on(
        &line("&preReleaseTag=%5Cw%5CZ", 0),
        json!({"Items": [], "TotalResults": 0}),
    );
    let none: [String; 0] = [];
    assert_eq!(ask(&script, &by_tag(r"\w\Z")).await.unwrap(), none);
    assert_eq!(script.lines().len(), 1);
}

#[tokio::test]
async fn permitted_without_regex_support_is_unsupported() {
    for description in [
        described("packageId,versionRange,preReleaseTag,filter"),
        json!({"Id": "Feeds-1001"}),
        json!({"Id": "Feeds-1001", "Links": null}),
    ] {
        let script = Script::start().await;
        script.on(FEED, description);
        let error = ask(&script, &by_regex(r"1\Z")).await.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::Unsupported, "{error}");
        for part in ["versionTagRegex", "acme/web-shop", "update the server"] {
            assert!(error.message.contains(part), "{error}");
        }
        assert_eq!(script.lines(), [FEED], "the query was not sent");
    }
}

#[tokio::test]
async fn permitted_reads_all_pages() {
    let versions = |range: std::ops::Range<usize>| -> Vec<Value> {
        range
            .map(|number| json!({"Version": number.to_string()}))
            .collect()
    };
    let (first, second) = (line("&preReleaseTag=a", 0), line("&preReleaseTag=a", 30));
    let script = Script::start().await;
    script
        .on(
            &first,
            json!({"Items": versions(0..30), "TotalResults": 40}),
        )
        .on(
            &second,
            json!({"Items": versions(30..40), "TotalResults": 40}),
        );
    assert_eq!(ask(&script, &by_tag("a")).await.unwrap().len(), 40);

    let broken = Script::start().await;
    broken
        .on(
            &first,
            json!({"Items": versions(0..30), "TotalResults": 40}),
        )
        .on(&second, json!({"Items": [], "TotalResults": 40}));
    let error = ask(&broken, &by_tag("a")).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unavailable, "{error}");
    assert!(
        error.message.contains("pre-release tag a permits"),
        "{error}"
    );
}

#[tokio::test]
async fn permitted_reports_refusals() {
    for (status, kind) in [
        (400, OctopusErrorKind::Invalid),
        (403, OctopusErrorKind::Forbidden),
        (500, OctopusErrorKind::Unavailable),
    ] {
        let script = Script::start().await;
        let reply = Reply::new(status, r#"{"Errors":["Unterminated [] set."]}"#);
        script.on(&line("&preReleaseTag=%5B", 0), reply);
        let error = ask(&script, &by_tag("[")).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
    }
}

#[tokio::test]
async fn permitted_reads_built_in_feed_by_its_own_id() {
    let script = Script::start().await;
    let built_in = json!({"Items": [{"Id": "Feeds-1001", "FeedType": "BuiltIn"}]});
    script
        .on(
            "GET /api/Spaces-1/feeds?feedType=BuiltIn&skip=0&take=1",
            built_in,
        )
        .on(FEED, described("versionTagRegex"))
        .on(
            &line("&versionTagRegex=x", 0),
            json!({"Items": [{"Version": "x1"}], "TotalResults": 1}),
        );
    let client = script.client();
    let permitted = client
        .permitted(&key("feeds-builtin"), &by_regex("x"))
        .await;
    assert_eq!(permitted.unwrap(), ["x1"]);
}
