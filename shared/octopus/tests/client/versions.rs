//! A package's versions read through Octopus.

use std::time::Duration;

use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};
use domain::snapshot::Listed;
use domain::time::{Span, Timestamp};
use engine::ports::{FeedError, FeedErrorKind, FeedReader, ReadRequest, Reading};
use octopus::Timeouts;
use serde_json::{Value, json};

use crate::support::{Reply, Script, fixture};

fn feed(id: &str) -> Feed {
    Feed {
        id: FeedId::new(id),
        space: SpaceId::new("Spaces-1"),
        name: "ECR prod".into(),
        kind: FeedKind::AwsElasticContainerRegistry,
        uri: None,
        registry_path: None,
        region: None,
        account: None,
        has_credentials: true,
    }
}

fn line(feed: &str, package: &str, skip: usize) -> String {
    format!(
        "GET /api/Spaces-1/feeds/{feed}/packages/versions?packageId={package}&skip={skip}&take=5000"
    )
}

async fn read(script: &Script, feed: &Feed, packages: &[&str]) -> Vec<Result<Reading, FeedError>> {
    let request = |&name: &&str| ReadRequest::new(PackageId::new(name));
    let requests: Vec<_> = packages.iter().map(request).collect();
    script.client().read(feed, &requests).await.readings
}

async fn read_one(script: &Script) -> Result<Vec<Listed>, FeedError> {
    match read(script, &feed("Feeds-1001"), &["acme/web-shop"])
        .await
        .remove(0)?
    {
        Reading::Listing {
            versions,
            validators: None,
        } => Ok(versions),
        other => panic!("{other:?}"),
    }
}

fn versions(range: std::ops::Range<usize>) -> Vec<Value> {
    range
        .map(|number| json!({"Version": format!("1.0.{number}")}))
        .collect()
}

#[tokio::test]
async fn versions_have_their_dates() {
    let script = Script::start().await;
    script.on(
        &line("Feeds-1001", "acme%2Fweb-shop", 0),
        fixture!("versions"),
    );
    let expected = [
        ("2.31.0", Some(Timestamp::from_millis(1_788_041_704_000))),
        ("2.30.4", None),
    ];
    let listed = |(version, published): (&str, _)| Listed {
        version: version.into(),
        digest: None,
        published,
    };
    assert_eq!(read_one(&script).await.unwrap(), expected.map(listed));
}

#[tokio::test]
async fn versions_are_read_from_every_page() {
    let script = Script::start().await;
    let next = json!({"Page.Next": "/api/Spaces-1/feeds/Feeds-1001/packages/versions?packageId=x&skip=50&take=50"});
    script
        .on(
            &line("Feeds-1001", "acme%2Fweb-shop", 0),
            json!({"Items": versions(0..50), "TotalResults": 70, "Links": next}),
        )
        .on(
            &line("Feeds-1001", "acme%2Fweb-shop", 50),
            json!({"Items": versions(50..70), "TotalResults": 70, "Links": {}}),
        );
    assert_eq!(read_one(&script).await.unwrap().len(), 70);
}

/// OctopusDeploy/Issues#10216: totals of the page's size and no link to the next page.
#[tokio::test]
async fn versions_with_page_sized_totals_are_read_completely() {
    for last in [Some(17), None] {
        let script = Script::start().await;
        let sizes = [20, 20, 17].map(|size| if size == 17 { last.unwrap_or(20) } else { size });
        let mut skip = 0;
        for size in sizes.into_iter().chain([0]) {
            let page = json!({"Items": versions(skip..skip + size), "TotalResults": size,
                              "ItemsPerPage": 20, "NumberOfPages": 1, "Links": {}});
            script.on(&line("Feeds-1001", "acme%2Fweb-shop", skip), page);
            skip += size;
        }
        assert_eq!(read_one(&script).await.unwrap().len(), skip);
    }
}

#[tokio::test]
async fn inconsistent_pages_are_incomplete() {
    let link = |skip: usize| json!({"Page.Next": format!("/x?skip={skip}")});
    let page = |items: Vec<Value>, total: usize, links: Value| json!({"Items": items, "TotalResults": total, "Links": links});
    for (cause, first, second) in [
        ("fewer than the total", page(vec![], 2, json!({})), None),
        (
            "total changed",
            page(versions(0..2), 4, json!({})),
            Some(page(versions(2..4), 5, json!({}))),
        ),
        (
            "repeat",
            page(versions(0..2), 4, json!({})),
            Some(page(versions(1..3), 4, json!({}))),
        ),
        ("gap", page(versions(0..2), 4, link(3)), None),
        ("loop", page(versions(0..2), 4, link(0)), None),
        (
            "empty page",
            page(versions(0..2), 4, json!({})),
            Some(page(vec![], 4, json!({}))),
        ),
        (
            "more than the total",
            page(versions(0..3), 2, json!({})),
            None,
        ),
    ] {
        let script = Script::start().await;
        script.on(&line("Feeds-1001", "acme%2Fweb-shop", 0), first);
        if let Some(second) = second {
            let empty = page(vec![], 0, json!({}));
            script
                .on(&line("Feeds-1001", "acme%2Fweb-shop", 2), second)
                .on(&line("Feeds-1001", "acme%2Fweb-shop", 4), empty);
        }
        let error = read_one(&script).await.expect_err(cause);
        assert_eq!(error.kind, FeedErrorKind::Incomplete, "{cause}: {error}");
        for part in ["acme/web-shop in feed ECR prod", "completely: "] {
            assert!(error.message.contains(part), "{cause}: {error}");
        }
    }
}

#[tokio::test]
async fn failed_page_reports_the_number_of_versions_read() {
    let script = Script::start().await;
    script
        .on(
            &line("Feeds-1001", "acme%2Fweb-shop", 0),
            json!({"Items": versions(0..50), "TotalResults": 70, "Links": {}}),
        )
        .on(
            &line("Feeds-1001", "acme%2Fweb-shop", 50),
            Reply::new(429, "").header("Retry-After", "7"),
        );
    let error = read_one(&script).await.unwrap_err();
    let pause = Span::from_seconds(7);
    assert_eq!(error.kind, FeedErrorKind::Throttled(Some(pause)), "{error}");
    assert!(
        error.message.ends_with("; 50 versions were read"),
        "{error}"
    );
}

#[tokio::test]
async fn duplicate_version_is_listed_once() {
    let script = Script::start().await;
    let items =
        json!([{"Version": "1"}, {"Version": "1"}, {"Version": "2", "Published": "yesterday"}]);
    script.on(
        &line("Feeds-1001", "acme%2Fweb-shop", 0),
        json!({"Items": items, "TotalResults": 3}),
    );
    assert_eq!(read_one(&script).await.unwrap().len(), 2);
}

#[tokio::test]
async fn empty_list_is_not_found() {
    let script = Script::start().await;
    script.on(
        &line("Feeds-1001", "acme%2Fweb-shop", 0),
        json!({"Items": [], "TotalResults": 0, "Links": {}}),
    );
    let error = read_one(&script).await.unwrap_err();
    assert_eq!(error.kind, FeedErrorKind::NotFound);
    assert!(error.message.contains("`acme/web-shop`"), "{error}");
}

#[tokio::test]
async fn errors_of_octopus_map_to_feed_errors() {
    let long = Reply::new(429, "").header("Retry-After", "7");
    for (reply, kind) in [
        (Reply::new(401, "{}"), FeedErrorKind::Denied),
        (Reply::new(403, "{}"), FeedErrorKind::Denied),
        (Reply::new(404, "{}"), FeedErrorKind::Misconfigured),
        (
            Reply::new(400, r#"{"Errors":["The remote registry refused."]}"#),
            FeedErrorKind::Unavailable,
        ),
        (Reply::new(500, "{}"), FeedErrorKind::Unavailable),
        (long, FeedErrorKind::Throttled(Some(Span::from_seconds(7)))),
        (Reply::new(200, "<html>"), FeedErrorKind::Malformed),
    ] {
        let script = Script::start().await;
        script.on(&line("Feeds-1001", "acme%2Fweb-shop", 0), reply);
        let error = read_one(&script).await.unwrap_err();
        assert_eq!(error.kind, kind, "{error}");
        assert!(
            error
                .message
                .starts_with("cannot read feed ECR prod through Octopus: ")
        );
    }
}

#[tokio::test]
async fn failed_package_does_not_fail_the_others() {
    let script = Script::start().await;
    let listing = json!({"Items": [{"Version": "1"}], "TotalResults": 1});
    script
        .on(&line("Feeds-1001", "a", 0), listing.clone())
        .on(
            &line("Feeds-1001", "b", 0),
            json!({"Items": [], "TotalResults": 9}),
        )
        .on(&line("Feeds-1001", "c", 0), listing);
    let readings = read(&script, &feed("Feeds-1001"), &["a", "b", "c"]).await;
    let is_read: Vec<_> = readings.iter().map(Result::is_ok).collect();
    assert_eq!(is_read, [true, false, true]);
}

#[tokio::test(start_paused = true)]
async fn throttled_feed_is_not_read_further() {
    let script = Script::start().await;
    let packages: Vec<String> = (0..20).map(|number| format!("p{number}")).collect();
    for package in &packages {
        script.on(&line("Feeds-1001", package, 0), Reply::new(429, ""));
    }
    let packages: Vec<&str> = packages.iter().map(String::as_str).collect();
    let readings = read(&script, &feed("Feeds-1001"), &packages).await;
    let is_throttled = |one: &Result<_, FeedError>| {
        one.as_ref()
            .is_err_and(|error| error.kind == FeedErrorKind::Throttled(None))
    };
    assert_eq!(readings.len(), 20);
    assert!(readings.iter().all(is_throttled));
    assert!(
        script.lines().len() <= 8,
        "each request is repeated once: {:?}",
        script.lines()
    );
}

#[tokio::test]
async fn package_after_the_time_limit_is_incomplete() {
    let script = Script::start().await;
    let timeouts = Timeouts {
        whole_read: Duration::ZERO,
        ..Timeouts::default()
    };
    let client = script.client().with_timeouts(timeouts);
    let request = ReadRequest::new(PackageId::new("acme"));
    let answer = client.read(&feed("Feeds-1001"), &[request]).await;
    let error = answer.readings[0].as_ref().unwrap_err();
    assert_eq!(error.kind, FeedErrorKind::Incomplete);
    assert!(
        error
            .message
            .starts_with("cannot read acme in feed ECR prod: the time limit"),
        "{error}"
    );
}

#[tokio::test]
async fn built_in_feed_is_read_by_its_own_id() {
    let script = Script::start().await;
    script
        .on(
            "GET /api/Spaces-1/feeds?feedType=BuiltIn&skip=0&take=1",
            json!({"Items": [{"Id": "Feeds-7", "FeedType": "BuiltIn"}]}),
        )
        .on(
            &line("Feeds-7", "acme", 0),
            json!({"Items": [{"Version": "1"}], "TotalResults": 1}),
        );
    let readings = read(&script, &feed("feeds-builtin"), &["acme"]).await;
    assert!(readings[0].is_ok(), "{readings:?}");
}
