//! Reading a Helm repository: one conditional fetch, the watched charts alone, and what every fault becomes.

mod chart_museum;
mod labels;
mod styles;

use std::fmt::Write as _;
use std::time::Duration;

use crate::common::{
    Known, Outcome, error, helm, limited, listed, paths, read, reader, requests, versions,
};
use domain::time::{Span, Timestamp};
use engine::ports::{FeedErrorKind, FeedReader, Reading, Validators};
use feeds::Limits;
use registry_server::{Fault, FaultKind, HelmRepository};

async fn repository() -> HelmRepository {
    let repository = HelmRepository::start().await.unwrap();
    for (chart, version) in [
        ("app", "1.0.0"),
        ("app", "1.1.0"),
        ("db", "0.1.0+b1"),
        ("zoo", "v2"),
    ] {
        repository.publish(chart, version);
    }
    repository
}

/// Reads charts of an index that is given as text.
async fn charts(index: &str, charts: &[&str]) -> Vec<Outcome> {
    let repository = HelmRepository::start().await.unwrap();
    repository.set_index(index);
    reader(Known::default())
        .read(&helm(&repository.url()), &requests(charts, None))
        .await
        .readings
}

fn validators(outcome: &Outcome) -> Option<&Validators> {
    match outcome {
        Ok(Reading::Listing { validators, .. }) => validators.as_ref(),
        other => panic!("not a listing: {other:?}"),
    }
}

#[tokio::test]
async fn one_fetch_serves_all_charts() {
    let repository = repository().await;
    let all_requests = requests(&["db", "app", "none", "app"], None);
    let outcomes = reader(Known::default())
        .read(&helm(&repository.url()), &all_requests)
        .await
        .readings;
    assert_eq!(versions(&outcomes[0]), ["0.1.0+b1"]);
    assert_eq!(versions(&outcomes[1]), ["1.1.0", "1.0.0"]);
    let (kind, text) = error(&outcomes[2]);
    assert_eq!(kind, FeedErrorKind::NotFound);
    assert!(text.contains("package none of feed"), "{text}");
    assert_eq!(versions(&outcomes[3]), ["1.1.0", "1.0.0"]);
    assert_eq!(repository.requests().len(), 1);

    let newest = &listed(&outcomes[1])[0];
    let created = repository.versions("app")[0].created.as_millisecond();
    assert_eq!(newest.published, Some(Timestamp::from_millis(created)));
    assert!(newest.digest.as_deref().unwrap().starts_with("sha256:"));
}

#[tokio::test]
async fn what_has_not_changed_is_not_sent_again() {
    let repository = repository().await;
    let (reader, feed) = (reader(Known::default()), helm(&repository.url()));
    let first = reader
        .read(&feed, &requests(&["app", "db"], None))
        .await
        .readings;
    let known = validators(&first[0]).cloned().unwrap();
    assert_eq!(validators(&first[1]), Some(&known));
    assert!(known.etag.is_some() && known.received_at.is_some());

    let again = reader
        .read(&feed, &requests(&["app", "db"], Some(&known)))
        .await
        .readings;
    assert!(
        again
            .iter()
            .all(|outcome| matches!(outcome, Ok(Reading::Unchanged))),
        "{again:?}"
    );
    // A day after the last full read, and after a wrong validator, the index is read unconditionally.
    let received_at = known.received_at.unwrap();
    for unusable in [
        Validators {
            received_at: Some(received_at - Span::from_days(1)),
            ..known.clone()
        },
        Validators {
            received_at: None,
            ..known.clone()
        },
        Validators {
            is_untrusted: true,
            ..known.clone()
        },
    ] {
        let outcome = reader
            .read(&feed, &requests(&["app"], Some(&unusable)))
            .await;
        let outcome = &outcome.readings[0];
        assert_eq!(versions(outcome), ["1.1.0", "1.0.0"], "{unusable:?}");
        let expected = match unusable.is_untrusted {
            true => unusable.received_at,
            false => validators(outcome).and_then(|new| new.received_at),
        };
        assert_eq!(validators(outcome).unwrap().received_at, expected);
    }

    // A chart that is read for the first time needs the whole.
    let mut mixed = requests(&["app"], Some(&known));
    mixed.extend(requests(&["db"], None));
    let outcomes = reader.read(&feed, &mixed).await.readings;
    assert_eq!(
        (versions(&outcomes[0]), versions(&outcomes[1])),
        (vec!["1.1.0", "1.0.0"], vec!["0.1.0+b1"])
    );

    repository.publish("app", "1.2.0");
    let changed = reader
        .read(&feed, &requests(&["app", "db"], Some(&known)))
        .await
        .readings;
    assert_eq!(versions(&changed[0]), ["1.2.0", "1.1.0", "1.0.0"]);
    assert_ne!(validators(&changed[0]), Some(&known));

    repository.set_validators(false);
    assert_eq!(validators(&read(&reader, &feed, "app").await), None);
}

#[tokio::test]
async fn a_weak_etag_goes_back_as_it_came() {
    let repository = repository().await;
    repository.weaken_etag();
    let (reader, feed) = (reader(Known::default()), helm(&repository.url()));
    let first = read(&reader, &feed, "app").await;
    let known = validators(&first).cloned().unwrap();
    assert!(known.etag.as_deref().unwrap().starts_with("W/\""));
    let again = reader.read(&feed, &requests(&["app"], Some(&known))).await;
    assert!(matches!(again.readings[0], Ok(Reading::Unchanged)));
}

/// The address in Octopus is the old one; the new one does not receive the old one's credential.
#[tokio::test]
async fn an_index_that_has_moved_is_read_where_it_is() {
    let (old, new) = (HelmRepository::start().await.unwrap(), repository().await);
    let location = format!("{}/index.yaml", new.url());
    let moved = vec![("Location".to_owned(), location)];
    old.fault(Fault::always(FaultKind::Status(301, moved, String::new())));
    let reader = reader(Known::user("joe", "s3cret"));
    let feed = helm(&old.url());
    let first = read(&reader, &feed, "app").await;
    assert_eq!(versions(&first), ["1.1.0", "1.0.0"]);
    let known = validators(&first).cloned().unwrap();
    let again = reader.read(&feed, &requests(&["app"], Some(&known))).await;
    assert!(matches!(again.readings[0], Ok(Reading::Unchanged)));
    let index = "/charts/index.yaml";
    assert_eq!(paths(&old.requests()), [(index, true), (index, true)]);
    assert_eq!(paths(&new.requests()), [(index, false), (index, false)]);
}

#[tokio::test]
async fn a_304_that_was_not_asked_for_is_malformed() {
    let repository = repository().await;
    repository.fault(Fault::always(FaultKind::Status(
        304,
        Vec::new(),
        String::new(),
    )));
    let (kind, _) = error(&read(&reader(Known::default()), &helm(&repository.url()), "app").await);
    assert_eq!(kind, FeedErrorKind::Malformed);
}

#[tokio::test]
async fn every_fault_has_its_kind() {
    use FeedErrorKind::{Denied, Incomplete, Malformed, NotFound, Throttled, Unavailable};
    let status = |code| FaultKind::Status(code, Vec::new(), String::new());
    let coded = |coding: &str| {
        let headers = vec![("Content-Encoding".to_owned(), coding.to_owned())];
        FaultKind::Status(200, headers, "apiVersion: v1\nentries: {}\n".to_owned())
    };
    for (fault, kind, part) in [
        (status(401), Denied, "401"),
        (status(403), Denied, "403"),
        (status(404), NotFound, "404"),
        (FaultKind::TooManyRequests(None), Throttled(None), "429"),
        (status(500), Unavailable, "500"),
        (FaultKind::Reset, Unavailable, "cannot be reached"),
        (FaultKind::Html, Malformed, "web page"),
        (FaultKind::EmptyBody, Incomplete, ""),
        (FaultKind::WrongTypes, Malformed, "JSON"),
        (FaultKind::Truncate, Incomplete, "ends early"),
        (FaultKind::EndlessBody, Malformed, "262144 characters"),
        (coded("br"), Malformed, "encoding"),
        (coded("gzip"), Malformed, "compressed"),
    ] {
        let repository = repository().await;
        repository.fault(Fault::always(fault.clone()));
        let (found, text) =
            error(&read(&reader(Known::default()), &helm(&repository.url()), "app").await);
        assert_eq!(found, kind, "{fault:?}: {text}");
        assert!(text.contains(part), "{fault:?}: {text}");
    }
}

#[tokio::test]
async fn both_the_wire_and_what_it_unfolds_to_are_capped() {
    let mut index = String::from("apiVersion: v1\nentries:\n");
    for number in 0..20_000 {
        let _ = write!(index, "  chart-{number}:\n  - version: 1.0.0\n");
    }
    let repository = HelmRepository::start().await.unwrap();
    repository.set_index(index.as_str());
    let limits = |index_bytes| Limits {
        index_bytes,
        ..Limits::default()
    };
    for (bytes, fits) in [
        (index.len(), true),
        (index.len() - 1, false),
        (1_000, false),
    ] {
        let reader = limited(Known::default(), limits(bytes));
        let outcome = read(&reader, &helm(&repository.url()), "chart-19999").await;
        if fits {
            assert_eq!(versions(&outcome), ["1.0.0"]);
            continue;
        }
        let (kind, text) = error(&outcome);
        assert_eq!(kind, FeedErrorKind::Incomplete);
        assert!(
            text.contains(&format!("longer than {bytes} bytes")),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_deadline_ends_what_does_not_end() {
    let repository = repository().await;
    repository.fault(Fault::always(FaultKind::Slow(Duration::from_secs(600))));
    let limits = Limits {
        deadline: Duration::from_millis(200),
        ..Limits::default()
    };
    let outcome = read(
        &limited(Known::default(), limits),
        &helm(&repository.url()),
        "app",
    )
    .await;
    assert_eq!(error(&outcome).0, FeedErrorKind::Unavailable);
}
