//! The ECR reader: the requests it sends and how it reads the responses.

use std::time::Duration;

use aws::EcrImages;
use domain::feed::{Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};
use domain::snapshot::Listed;
use domain::time::Timestamp;
use engine::ports::{FeedError, FeedErrorKind, FeedReader, ReadRequest, Reading};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

use crate::script::{aws_that, aws_with, chain};

const ACCOUNT: &str = "123456789012";
const HELM: &str = "application/vnd.cncf.helm.config.v1+json";
const IMAGE: &str = "application/vnd.oci.image.config.v1+json";

pub(crate) fn ecr() -> Feed {
    Feed {
        id: FeedId::new("Feeds-1"),
        space: SpaceId::new("Spaces-1"),
        name: "ECR".to_owned(),
        kind: FeedKind::AwsElasticContainerRegistry,
        uri: None,
        registry_path: None,
        region: Some("us-west-2".to_owned()),
        account: Some(ACCOUNT.to_owned()),
        has_credentials: true,
    }
}

fn requests(packages: &[&str]) -> Vec<ReadRequest> {
    let request = |package: &&str| ReadRequest::new(PackageId::new(*package));
    packages.iter().map(request).collect()
}

async fn read_one(images: &EcrImages, feed: &Feed) -> Result<Vec<Listed>, FeedError> {
    let mut readings = images.read(feed, &requests(&["web"])).await.readings;
    match readings.pop().expect("one reading")? {
        Reading::Listing { versions, .. } => Ok(versions),
        Reading::Unchanged => Ok(Vec::new()),
    }
}

fn image(digest: &str, tags: &[&str], seconds: f64, artifact: &str) -> Value {
    json!({
        "registryId": ACCOUNT, "repositoryName": "web", "imageDigest": digest, "imageTags": tags,
        "imagePushedAt": seconds, "artifactMediaType": artifact,
    })
}

fn page(images: &[Value], next: Option<&str>) -> (u16, Value) {
    (200, json!({ "imageDetails": images, "nextToken": next }))
}

fn refusal(code: &str) -> (u16, Value) {
    (400, json!({ "__type": code, "message": "AWS's message" }))
}

/// As `VERSION DIGEST MILLISECONDS`, one for each version.
fn shown(versions: &[Listed]) -> Vec<String> {
    let line = |listed: &Listed| {
        let digest = listed.digest.as_deref().unwrap_or("-");
        let published = listed.published.map_or(-1, Timestamp::as_millis);
        format!("{} {digest} {published}", listed.version)
    };
    versions.iter().map(line).collect()
}

#[tokio::test]
async fn ecr_reads_every_page_and_lists_every_tag() {
    let signature = format!("sha256-{}.sig", "0123456789abcdef".repeat(4));
    let untagged = json!({ "imageDigest": "sha256:9", "imagePushedAt": 1.0 });
    let (aws, script) = aws_with([
        page(
            &[
                image("sha256:2", &["1.1.0", "latest"], 1_700_000_000.5, IMAGE),
                image("sha256:8", &[&signature], 1.0, IMAGE),
            ],
            Some("more"),
        ),
        page(&[], Some("yet more")),
        page(
            &[
                image("sha256:1", &["1.0.0_b"], 1_600_000_000.0, IMAGE),
                untagged,
            ],
            None,
        ),
    ])
    .await;
    let versions = read_one(&EcrImages::new(&aws), &ecr()).await.expect("read");
    assert_eq!(
        shown(&versions),
        [
            "1.0.0_b sha256:1 1600000000000",
            "1.1.0 sha256:2 1700000000500",
            "latest sha256:2 1700000000500",
        ]
    );
    let calls = script.take_calls();
    let tokens: Vec<_> = calls.iter().map(|(_, input)| &input["nextToken"]).collect();
    assert_eq!(tokens, [&Value::Null, &json!("more"), &json!("yet more")]);
    assert_eq!(
        calls[0],
        (
            "DescribeImages".to_owned(),
            json!({
                "registryId": ACCOUNT, "repositoryName": "web", "maxResults": 1_000,
                "filter": { "tagStatus": "TAGGED" },
            })
        )
    );
    assert_eq!(script.take_regions(), ["us-west-2"; 3]);
}

#[tokio::test]
async fn underscore_becomes_plus_for_charts_only() {
    let images = [
        image("sha256:1", &["1.0.0_b1", "v1_x", "latest_1"], 1.0, HELM),
        image("sha256:2", &["2.0.0_b1"], 1.0, IMAGE),
        json!({ "imageDigest": "sha256:3", "imageTags": ["3.0.0_b1"] }),
    ];
    let (aws, _) = aws_with([page(&images, None)]).await;
    let versions = read_one(&EcrImages::new(&aws), &ecr()).await.expect("read");
    assert_eq!(
        shown(&versions),
        [
            "1.0.0+b1 sha256:1 1000",
            "2.0.0_b1 sha256:2 1000",
            "3.0.0_b1 sha256:3 -1",
            "latest_1 sha256:1 1000",
            "v1_x sha256:1 1000",
        ]
    );
}

#[tokio::test]
async fn tag_that_moves_during_the_read_keeps_the_last_pushed_image() {
    let older = image("sha256:1", &["latest"], 1.0, IMAGE);
    let newer = image("sha256:2", &["latest"], 2.0, IMAGE);
    for order in [[&older, &newer], [&newer, &older]] {
        let [first, second] = order.map(std::slice::from_ref);
        let (aws, _) = aws_with([page(first, Some("more")), page(second, None)]).await;
        let versions = read_one(&EcrImages::new(&aws), &ecr()).await.expect("read");
        assert_eq!(shown(&versions), ["latest sha256:2 2000"]);
    }
}

#[tokio::test]
async fn incomplete_list_is_an_error() {
    let some = || image("sha256:1", &["1.0.0"], 1.0, IMAGE);
    for (answers, kind, part) in [
        (
            vec![
                page(&[some()], Some("a")),
                page(&[some()], Some("b")),
                page(&[some()], Some("a")),
            ],
            FeedErrorKind::Incomplete,
            "after 3 pages ECR's list returned to an earlier page",
        ),
        (
            vec![page(&[some()], Some("a")), (200, json!({}))],
            FeedErrorKind::Malformed,
            "contains no list of images",
        ),
        (
            vec![(200, json!({ "imageDetails": "none" }))],
            FeedErrorKind::Malformed,
            "cannot be parsed",
        ),
        (
            vec![
                page(&[some()], Some("a")),
                refusal("RepositoryNotFoundException"),
            ],
            FeedErrorKind::NotFound,
            "has no repository web",
        ),
        (
            vec![page(&[some()], Some("a")), refusal("AccessDeniedException")],
            FeedErrorKind::Denied,
            "(page 2 of the list)",
        ),
    ] {
        let (aws, _) = aws_with(answers).await;
        let error = read_one(&EcrImages::new(&aws), &ecr())
            .await
            .expect_err("incomplete");
        assert_eq!(error.kind, kind, "{error}");
        assert!(error.message.contains(part), "{error}");
    }
}

#[tokio::test]
async fn endless_list_stops_at_the_page_limit() {
    let count = std::sync::atomic::AtomicUsize::new(0);
    let (aws, script) = aws_that(move |_| {
        let count = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        page(&[], Some(&count.to_string()))
    })
    .await;
    let error = read_one(&EcrImages::new(&aws), &ecr())
        .await
        .expect_err("endless");
    assert_eq!(error.kind, FeedErrorKind::Incomplete);
    assert!(error.message.contains("more than 1000 pages"), "{error}");
    assert_eq!(script.take_calls().len(), 1_000);
}

#[tokio::test]
async fn ecr_error_names_subject_and_remedy() {
    for (code, kind, parts) in [
        (
            "com.amazonaws.ecr#RepositoryNotFoundException",
            FeedErrorKind::NotFound,
            [
                "package web of feed \"ECR\"",
                "create it or correct the package",
            ],
        ),
        (
            "InvalidParameterException",
            FeedErrorKind::NotFound,
            ["\"web\"", "correct the package"],
        ),
        (
            "AccessDeniedException",
            FeedErrorKind::Denied,
            [
                "repository web of account 123456789012 in us-west-2",
                "EcrRepositories",
            ],
        ),
        (
            "UnrecognizedClientException",
            FeedErrorKind::Denied,
            ["us-west-2", "enabled"],
        ),
        (
            "SomethingNewException",
            FeedErrorKind::Unavailable,
            ["feed \"ECR\": ", "SomethingNewException"],
        ),
    ] {
        let (aws, script) = aws_with([refusal(code)]).await;
        let error = read_one(&EcrImages::new(&aws), &ecr())
            .await
            .expect_err("refused");
        assert_eq!(error.kind, kind, "{code}: {error}");
        for part in parts {
            assert!(error.message.contains(part), "{code}: {error}");
        }
        assert!(chain(&error).contains("AWS's message"), "{}", chain(&error));
        assert_eq!(script.take_calls().len(), 1, "{code}");
    }
}

/// After the SDK's retries all packages of the feed get the error, and no further request is sent.
#[tokio::test]
async fn throttling_stops_further_requests_of_the_feed() {
    let (aws, script) = aws_that(|_| refusal("ThrottlingException")).await;
    let names: Vec<String> = (0..20).map(|number| format!("p{number}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let readings = EcrImages::new(&aws)
        .read(&ecr(), &requests(&names))
        .await
        .readings;
    assert_eq!(readings.len(), 20);
    for reading in readings {
        let error = reading.expect_err("throttled");
        assert_eq!(error.kind, FeedErrorKind::Throttled(None));
        assert!(error.message.starts_with("feed \"ECR\": "), "{error}");
    }
    assert!(script.take_calls().len() <= 4 * 3);
}

#[tokio::test]
async fn one_failing_package_does_not_affect_the_others() {
    let (aws, _) = aws_that(|input| match input["repositoryName"].as_str() {
        Some("gone") => refusal("RepositoryNotFoundException"),
        Some(name) => page(&[image("sha256:1", &[name], 1.0, IMAGE)], None),
        None => refusal("InvalidParameterException"),
    })
    .await;
    let names = ["a", "b", "gone", "c", "d", "e", "f"];
    let answer = EcrImages::new(&aws).read(&ecr(), &requests(&names)).await;
    assert_eq!(answer.requests, names.len());
    let readings = answer.readings.into_iter();
    let found: Vec<_> = readings
        .map(|reading| match reading {
            Ok(Reading::Listing { versions, .. }) => versions[0].version.clone(),
            Ok(Reading::Unchanged) => "unchanged".to_owned(),
            Err(error) => error.kind.name().to_owned(),
        })
        .collect();
    assert_eq!(found, ["a", "b", "notFound", "c", "d", "e", "f"]);
}

#[tokio::test]
async fn docker_feed_with_ecr_host_uses_account_and_region_of_the_host() {
    let (aws, script) = aws_that(|_| page(&[], None)).await;
    let images = EcrImages::new(&aws);
    let docker = Feed {
        kind: FeedKind::Docker,
        uri: Some("https://210987654321.dkr.ecr.ap-southeast-2.amazonaws.com".to_owned()),
        registry_path: Some("team".to_owned()),
        region: None,
        account: None,
        ..ecr()
    };
    assert!(read_one(&images, &docker).await.expect("read").is_empty());
    let own = Feed {
        account: None,
        ..ecr()
    };
    read_one(&images, &own).await.expect("read");
    let calls = script.take_calls();
    assert_eq!(calls[0].1["registryId"], "210987654321");
    assert_eq!(calls[0].1["repositoryName"], "team/web");
    assert_eq!(calls[1].1["registryId"], Value::Null);
    assert_eq!(script.take_regions(), ["ap-southeast-2", "us-west-2"]);
}

fn token(text: &str) -> (u16, Value) {
    let endpoint = "https://123456789012.dkr.ecr.us-west-2.amazonaws.com";
    let data = json!([{ "authorizationToken": text, "proxyEndpoint": endpoint }]);
    (200, json!({ "authorizationData": data }))
}

#[tokio::test]
async fn login_is_at_the_address_of_aws_and_kept_for_an_hour() {
    let (aws, script) = aws_with([token("one"), token("two"), token("three")]).await;
    let images = EcrImages::new(&aws);
    let feed = Feed {
        uri: Some("https://another.example.com".to_owned()),
        registry_path: Some("/team".to_owned()),
        ..ecr()
    };
    let login = async |refresh| {
        let login = images.login(&feed, refresh).await.expect("a login");
        let uri = login.feed.uri.expect("an address");
        assert_eq!(uri, "https://123456789012.dkr.ecr.us-west-2.amazonaws.com");
        assert_eq!(login.feed.registry_path.as_deref(), Some("team/"));
        login.authorization.expose_secret().to_owned()
    };
    assert_eq!(login(false).await, "Basic one");
    assert_eq!(login(false).await, "Basic one");
    assert_eq!(login(true).await, "Basic two");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(3_600)).await;
    tokio::time::resume();
    assert_eq!(login(false).await, "Basic three");
    assert_eq!(script.take_calls().len(), 3);
    assert_eq!(script.take_regions()[0], "us-west-2");
}

#[tokio::test]
async fn refused_login_names_the_permission() {
    let no_token = (200, json!({ "authorizationData": [] }));
    for (answer, kind, expected) in [
        (
            refusal("AccessDeniedException"),
            FeedErrorKind::Denied,
            "may not call ecr:GetAuthorizationToken",
        ),
        (no_token, FeedErrorKind::Malformed, "contains no token"),
    ] {
        let (aws, _) = aws_with([answer]).await;
        let error = EcrImages::new(&aws).login(&ecr(), false).await;
        let error = error.expect_err("no login");
        assert_eq!(error.kind, kind);
        assert!(error.message.contains(expected), "{error}");
    }
}

#[tokio::test]
async fn feed_without_region_sends_no_request() {
    let (aws, script) = aws_with([]).await;
    for region in [None, Some("evil.example/".to_owned())] {
        let feed = Feed { region, ..ecr() };
        let error = read_one(&EcrImages::new(&aws), &feed)
            .await
            .expect_err("no region");
        assert_eq!(error.kind, FeedErrorKind::Misconfigured);
        assert!(error.message.contains("choose its region"), "{error}");
    }
    assert!(script.take_calls().is_empty());
}
