//! A list is known by the bytes of its pages, and by nothing less.

use crate::common::{Known, Outcome, docker, feed, reader, requests, versions};
use domain::feed::{Feed, FeedKind};
use domain::trigger::PackageDetails;
use engine::ports::{FeedErrorKind, FeedReader, Reading, Validators};
use engine::with_causes;
use feeds::DirectFeeds;
use registry_server::{Fault, FaultKind, Imitation, Registry};

type Reader = DirectFeeds;

async fn registry(tags: &[&str]) -> Registry {
    let registry = Registry::start().await.unwrap();
    for tag in tags {
        registry.push("acme/web", tag, "same");
    }
    registry
}

async fn read(
    reader: &Reader,
    feed: &Feed,
    known: Option<&Validators>,
    details: PackageDetails,
) -> Outcome {
    let mut requests = requests(&["acme/web"], known);
    requests[0].details = details;
    reader.read(feed, &requests).await.readings.remove(0)
}

async fn again(reader: &Reader, feed: &Feed, known: &Validators) -> Outcome {
    read(reader, feed, Some(known), PackageDetails::default()).await
}

/// The fingerprint of a first read.
async fn first(reader: &Reader, feed: &Feed) -> Option<Validators> {
    match read(reader, feed, None, PackageDetails::default()).await {
        Ok(Reading::Listing { validators, .. }) => validators,
        other => panic!("not a listing: {other:?}"),
    }
}

#[tokio::test]
async fn the_same_page_is_unchanged_and_any_other_is_read() {
    let registry = registry(&["1.0.0", "1.1.0"]).await;
    let (reader, feed) = (reader(Known::default()), docker(&registry.url()));
    let known = first(&reader, &feed).await.unwrap();
    for _ in 0..2 {
        let outcome = again(&reader, &feed, &known).await;
        assert!(matches!(outcome, Ok(Reading::Unchanged)), "{outcome:?}");
    }
    registry.push("acme/web", "1.2.0", "same");
    let grown = again(&reader, &feed, &known).await;
    assert_eq!(versions(&grown), ["1.0.0", "1.1.0", "1.2.0"]);
    registry.delete_tag("acme/web", "1.2.0");
    registry.delete_tag("acme/web", "1.0.0");
    assert_eq!(versions(&again(&reader, &feed, &known).await), ["1.1.0"]);
    registry.push("acme/web", "1.0.0", "other");
    let outcome = again(&reader, &feed, &known).await;
    assert!(matches!(outcome, Ok(Reading::Unchanged)), "{outcome:?}");
}

/// The page is byte for byte the one that was all, and is the first of two now.
#[tokio::test]
async fn the_same_page_with_a_link_is_not_the_end() {
    let registry = registry(&["1.0.0", "1.1.0"]).await;
    let (reader, feed) = (reader(Known::default()), docker(&registry.url()));
    let known = first(&reader, &feed).await.unwrap();
    registry.push("acme/web", "1.2.0", "same");
    registry.set_page_size(2);
    let outcome = again(&reader, &feed, &known).await;
    assert_eq!(versions(&outcome), ["1.0.0", "1.1.0", "1.2.0"]);
}

/// Whatever page changed, wherever the list ends now: what is read is all of it, by the requests that it takes.
#[tokio::test]
async fn pages_that_are_not_what_they_were_are_read_once() {
    let five = ["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"];
    for (pushed, deleted, expected, pages) in [
        (None, None, None, 3),
        (
            Some("1.2.5"),
            None,
            Some("1.0.0 1.1.0 1.2.0 1.2.5 1.3.0 1.4.0"),
            3,
        ),
        (
            Some("1.5.0"),
            None,
            Some("1.0.0 1.1.0 1.2.0 1.3.0 1.4.0 1.5.0"),
            3,
        ),
        (
            Some("1.2.5"),
            Some("1.2.0"),
            Some("1.0.0 1.1.0 1.2.5 1.3.0 1.4.0"),
            3,
        ),
        (None, Some("1.4.0"), Some("1.0.0 1.1.0 1.2.0 1.3.0"), 2),
        (None, Some("1.0.0"), Some("1.1.0 1.2.0 1.3.0 1.4.0"), 2),
    ] {
        let registry = registry(&five).await;
        registry.set_page_size(2);
        let (reader, feed) = (reader(Known::default()), docker(&registry.url()));
        let known = first(&reader, &feed).await.unwrap();
        if let Some(tag) = pushed {
            registry.push("acme/web", tag, "same");
        }
        if let Some(tag) = deleted {
            registry.delete_tag("acme/web", tag);
        }
        let before = registry.requests().len();
        let outcome = again(&reader, &feed, &known).await;
        let case = format!("{pushed:?} {deleted:?}");
        assert_eq!(registry.requests().len() - before, pages, "{case}");
        match expected {
            None => assert!(matches!(outcome, Ok(Reading::Unchanged)), "{outcome:?}"),
            Some(expected) => assert_eq!(versions(&outcome).join(" "), expected, "{case}"),
        }
    }
}

/// The first two of these pages are what they were; the third is the new one.
#[tokio::test]
async fn a_page_more_is_read() {
    let registry = registry(&["1.0.0", "1.1.0", "1.2.0", "1.3.0"]).await;
    registry.set_page_size(2);
    let (reader, feed) = (reader(Known::default()), docker(&registry.url()));
    let known = first(&reader, &feed).await.unwrap();
    registry.push("acme/web", "1.4.0", "same");
    let outcome = again(&reader, &feed, &known).await;
    assert_eq!(versions(&outcome).len(), 5);
}

/// Errors of a page are reported for a list that may be unchanged as for any other.
#[tokio::test]
async fn page_errors_are_reported_while_fingerprint_is_compared() {
    for (fault, part) in [
        (FaultKind::LoopingLink, "back to an earlier page"),
        (
            FaultKind::ForeignLink("http://127.0.0.1:1/".to_owned()),
            "without a query",
        ),
        (FaultKind::LinkHeader("next".to_owned()), "cannot be read"),
        (FaultKind::RepeatedPage, "no new tag"),
        (FaultKind::Truncate, "ends early"),
    ] {
        let registry = registry(&["1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0"]).await;
        registry.set_page_size(2);
        let (reader, feed) = (reader(Known::default()), docker(&registry.url()));
        let known = first(&reader, &feed).await.unwrap();
        registry.fault(Fault::new("last=", usize::MAX, fault.clone()));
        let error = again(&reader, &feed, &known).await.unwrap_err();
        let text = with_causes(&error);
        assert_eq!(error.kind, FeedErrorKind::Incomplete, "{fault:?}: {text}");
        assert!(text.contains(part), "{fault:?}: {text}");
    }
}

/// Some registries return full pages and no link: such a page may not be the last one.
#[tokio::test]
async fn a_full_page_without_a_link_is_looked_behind_each_time() {
    let registry = registry(&[]).await;
    for minor in 0..1_000 {
        registry.push("acme/web", &format!("1.{minor}.0"), "same");
    }
    registry.imitate(Imitation::OldNexus);
    let (reader, feed) = (reader(Known::default()), docker(&registry.url()));
    let known = first(&reader, &feed).await.unwrap();
    let outcome = again(&reader, &feed, &known).await;
    assert!(matches!(outcome, Ok(Reading::Unchanged)), "{outcome:?}");
    assert_eq!(registry.requests().len(), 4);
    registry.push("acme/web", "2.0.0", "same");
    assert_eq!(versions(&again(&reader, &feed, &known).await).len(), 1_001);
}

/// Digests and dates change while the list stays.
#[tokio::test]
async fn unchanged_list_with_requested_details_is_listed() {
    let registry = registry(&["1.0.0"]).await;
    let (reader, feed) = (reader(Known::default()), docker(&registry.url()));
    let known = first(&reader, &feed).await.unwrap();
    let details = PackageDetails {
        dates: true,
        ..PackageDetails::default()
    };
    let outcome = read(&reader, &feed, Some(&known), details).await;
    let Ok(Reading::Listing { validators, .. }) = &outcome else {
        panic!("not a listing: {outcome:?}");
    };
    assert_eq!(*validators, None);
}

/// The tags of images and of charts are not read alike.
#[tokio::test]
async fn a_page_is_not_known_to_another_kind_of_feed() {
    let registry = registry(&["1.0.0_b1"]).await;
    let reader = reader(Known::default());
    let known = first(&reader, &docker(&registry.url())).await.unwrap();
    let charts = feed(FeedKind::OciRegistry, &registry.url());
    assert_eq!(
        versions(&again(&reader, &charts, &known).await),
        ["1.0.0+b1"]
    );
}
