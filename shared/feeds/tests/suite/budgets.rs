//! The budget that feeds of one host share: permits, pauses, and their report by a read.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use domain::feed::Feed;
use domain::ids::FeedId;
use domain::time::Span;
use engine::ports::{FeedError, FeedErrorKind, FeedReader, QuotaLeft, Reading};
use feeds::{Credential, Credentials, DirectFeeds, Limits, OutboundClient};
use registry_server::{Fault, FaultKind, Registry};

use crate::common::{basic, docker, requests};

/// A credential for each feed that has one.
#[derive(Default)]
struct PerFeed(HashMap<FeedId, Credential>);

impl Credentials for PerFeed {
    async fn credential(&self, feed: &Feed, _: bool) -> Result<Option<Credential>, FeedError> {
        Ok(self.0.get(&feed.id).cloned())
    }
}

fn reader(credentials: PerFeed, limits: Limits) -> DirectFeeds {
    let http = OutboundClient::new("127.0.0.0/8".parse().unwrap()).unwrap();
    DirectFeeds::new(http, credentials, limits)
}

fn feed(registry: &Registry, id: &str) -> Feed {
    Feed {
        id: FeedId::new(id),
        ..docker(&registry.url())
    }
}

async fn registry(packages: usize) -> (Registry, Vec<String>) {
    let registry = Registry::start().await.unwrap();
    let names: Vec<_> = (0..packages)
        .map(|number| format!("acme/p{number}"))
        .collect();
    for name in &names {
        registry.push(name, "1", "1");
    }
    (registry, names)
}

fn kinds(readings: &[Result<Reading, FeedError>]) -> Vec<Option<FeedErrorKind>> {
    readings
        .iter()
        .map(|reading| reading.as_ref().err().map(|error| error.kind))
        .collect()
}

#[tokio::test]
async fn a_pause_stops_the_feeds_of_the_same_host_and_credential_alone() {
    let (registry, _) = registry(2).await;
    registry.fault(Fault::new("/p0/", 1, FaultKind::TooManyRequests(Some(60))));
    let credentials = [("Feeds-3", "joe"), ("Feeds-4", "joe"), ("Feeds-5", "jane")]
        .into_iter()
        .map(|(id, user)| (FeedId::new(id), basic(user, "s3cret").unwrap()));
    let limits = Limits {
        parallel: 1,
        ..Limits::default()
    };
    let reader = reader(PerFeed(credentials.collect()), limits);
    let (first, second) = (requests(&["acme/p0"], None), requests(&["acme/p1"], None));
    let feeds = ["1", "2", "3", "4", "5"].map(|id| feed(&registry, &format!("Feeds-{id}")));
    let [one, two, three, four, five] = &feeds;

    // One permit at a time: the others of the budget wait while the first is throttled.
    let (throttled, also, other, its_like, third) = tokio::join!(
        reader.read(one, &first),
        reader.read(two, &second),
        reader.read(three, &second),
        reader.read(four, &second),
        reader.read(five, &second),
    );
    let pause = Some(FeedErrorKind::Throttled(Some(Span::from_seconds(60))));
    assert_eq!(kinds(&throttled.readings), [pause]);
    assert_eq!((kinds(&also.readings), also.requests), (vec![pause], 0));
    for answer in [other, its_like, third] {
        assert_eq!((kinds(&answer.readings), answer.requests), (vec![None], 1));
    }
    assert_eq!(registry.requests().len(), 4);

    // Throttled with a credential, the reads without one continue.
    registry.fault(Fault::new("/p0/", 1, FaultKind::TooManyRequests(None)));
    let (throttled, also, other, without) = tokio::join!(
        reader.read(three, &first),
        reader.read(four, &second),
        reader.read(five, &second),
        reader.read(two, &second),
    );
    let pause = Some(FeedErrorKind::Throttled(None));
    assert_eq!(kinds(&throttled.readings), [pause]);
    assert_eq!((kinds(&also.readings), also.requests), (vec![pause], 0));
    assert_eq!(kinds(&other.readings), [None]);
    assert_eq!(kinds(&without.readings), [None]);
}

#[tokio::test]
async fn feeds_of_one_host_share_permits() {
    const FEEDS: usize = 4;
    const PACKAGES: usize = 6;
    let answer = Duration::from_millis(30);
    let (registry, names) = registry(PACKAGES).await;
    registry.fault(Fault::always(FaultKind::Slow(answer)));
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let all_requests = requests(&names, None);
    let reader = reader(PerFeed::default(), Limits::default());
    let feeds: Vec<_> = (0..FEEDS)
        .map(|id| feed(&registry, &format!("Feeds-{id}")))
        .collect();
    let start = Instant::now();
    let answers = feeds.iter().map(|feed| reader.read(feed, &all_requests));
    for answer in futures_util::future::join_all(answers).await {
        assert_eq!(kinds(&answer.readings), [None; PACKAGES]);
    }
    // Three at a time, whichever feed they are of.
    let batches = u32::try_from(FEEDS * PACKAGES / Limits::default().parallel).unwrap();
    assert!(start.elapsed() >= answer * batches, "{:?}", start.elapsed());
}

#[tokio::test]
async fn packages_beyond_the_deadline_are_reported_and_the_others_read() {
    let (registry, names) = registry(9).await;
    registry.fault(Fault::new(
        "/p3/",
        1,
        FaultKind::Slow(Duration::from_secs(20)),
    ));
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let limits = Limits {
        parallel: 1,
        whole_read: Duration::from_millis(500),
        ..Limits::default()
    };
    let reader = reader(PerFeed::default(), limits);
    let answer = reader
        .read(&feed(&registry, "Feeds-1"), &requests(&names, None))
        .await;
    let late = Some(FeedErrorKind::Incomplete);
    let expected = [None, None, None, late, late, late, late, late, late];
    assert_eq!(kinds(&answer.readings), expected);
    let error = answer.readings[8].as_ref().unwrap_err();
    assert!(error.message.contains("acme/p8"), "{error}");
    assert!(
        error.message.contains("not reached within the 500ms"),
        "{error}"
    );
    assert_eq!((answer.requests, registry.requests().len()), (4, 4));
}

#[tokio::test]
async fn read_reports_its_requests_and_the_remaining_quota() {
    let (registry, _) = registry(1).await;
    let reader = reader(PerFeed::default(), Limits::default());
    let feed = feed(&registry, "Feeds-1");
    let all_requests = requests(&["acme/p0"], None);
    let answer = reader.read(&feed, &all_requests).await;
    assert_eq!((answer.requests, answer.quota), (1, None));

    let headers = [
        ("RateLimit-Limit", "100;w=21600"),
        ("RateLimit-Remaining", "20;w=21600"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let body = r#"{"name":"acme/p0","tags":["1"]}"#.to_owned();
    registry.fault(Fault::always(FaultKind::Status(200, headers.into(), body)));
    let expected = QuotaLeft {
        limit: Some(100),
        remaining: 20,
        resets_in: Some(Span::from_hours(6)),
    };
    assert_eq!(
        reader.read(&feed, &all_requests).await.quota,
        Some(expected)
    );
}

#[tokio::test]
async fn pause_is_parsed_from_every_header() {
    let (registry, _) = registry(1).await;
    let reader = reader(PerFeed::default(), Limits::default());
    let feed = feed(&registry, "Feeds-1");
    let message = |text: &str| format!(r#"{{"errors":[{{"code":"X","message":"{text}"}}]}}"#);
    let minutes = |minutes| Some(FeedErrorKind::Throttled(Some(Span::from_minutes(minutes))));
    for (status, headers, body, expected) in [
        (429, vec![("Retry-After", "1m0s")], "", minutes(1)),
        (
            429,
            vec![],
            "retry-after: 2m0s, allowed: 44000/minute",
            minutes(2),
        ),
        (
            429,
            vec![("RateLimit-Remaining", "0"), ("RateLimit-Reset", "180")],
            "",
            minutes(3),
        ),
        (
            403,
            vec![("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "240")],
            "",
            minutes(4),
        ),
        (403, vec![("Retry-After", "300")], "", minutes(5)),
        (503, vec![("Retry-After", "360")], "", minutes(6)),
        (
            403,
            vec![("X-RateLimit-Remaining", "9"), ("X-RateLimit-Reset", "240")],
            "",
            Some(FeedErrorKind::Denied),
        ),
    ] {
        let headers = headers.into_iter();
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let kind = FaultKind::Status(status, headers.collect(), message(body));
        registry.fault(Fault::new("", 1, kind));
        let answer = reader.read(&feed, &requests(&["acme/p0"], None)).await;
        assert_eq!(kinds(&answer.readings), [expected], "{status} {body}");
        assert_eq!(answer.requests, 1);
    }
}
