//! Reading a Helm repository: one conditional fetch, the wanted charts alone, and what every fault becomes.

use std::fmt::Write as _;
use std::time::Duration;

use crate::common::{
    Known, Outcome, error, helm, limited, listed, paths, read, reader, requests, versions,
};
use domain::time::Timestamp;
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
    let wanted = requests(&["db", "app", "none", "app"], None);
    let outcomes = reader(Known::default())
        .read(&helm(&repository.url()), &wanted)
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
    assert!(known.etag.is_some() && known.last_modified.is_some());

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
    let by_date = Validators {
        etag: None,
        ..known.clone()
    };
    assert!(matches!(
        reader
            .read(&feed, &requests(&["app"], Some(&by_date)))
            .await
            .readings[0],
        Ok(Reading::Unchanged)
    ));

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

/// The address in Octopus is the old one; the new one is not told the old one's credential.
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

/// Indexes as they are found, with the versions of `app`.
#[tokio::test]
async fn indexes_are_read_in_every_style() {
    let digest = "0123456789abcdef".repeat(4);
    let cases = [
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: 1.0.0\n  - version: \"1.10\"\n    created: nonsense\n",
            vec!["1.0.0", "1.10"],
        ),
        (
            "# a comment\n---\nentries:\n  app:\n    - {version: 1.10, name: app}\n    - {version: 'v2'}\napiVersion: v1\n...\n",
            vec!["1.10", "v2"],
        ),
        (
            "\u{feff}\r\napiVersion: v1\r\nentries:\r\n  app:\r\n  - version: 1.0.0\r\n",
            vec!["1.0.0"],
        ),
        (
            "apiVersion: v1\nentries:\n  app:\n  - ~\n  -\n  - version: 1.0.0\n  - name: no version\n  - version: null\n",
            vec!["1.0.0"],
        ),
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: 1.0.0\n  - version: 0.9.0\n    removed: true\n  - version: 1.0.0\n",
            vec!["1.0.0"],
        ),
        ("apiVersion: v1\nentries:\n  app:\n", vec![]),
        (
            "apiVersion: v1\nentries:\n  app: []\ngenerated: x\n",
            vec![],
        ),
        (
            "apiVersion: v1\nentries:\n  other:\n  - {version: 9, x: [[1, {a: [b]}], 2]}\n  app:\n  - description: |\n      entries:\n        app: no\n    dependencies:\n    - version: 8\n    annotations: {version: \"7\"}\n    version: >-\n      1.0.0\n",
            vec!["1.0.0"],
        ),
        (
            "{\"apiVersion\":\"v1\",\"entries\":{\"app\":[{\"version\":\"1.0.0\",\"urls\":[\"x\"]},null,{\"version\":\"1.1.0\",\"removed\":true},{\"version\":\"1.0.0\"}],\"x\":[{}]}}",
            vec!["1.0.0"],
        ),
        (
            "\n\t{\n\t\"apiVersion\": \"v1\",\n\t\"entries\": {\n\t\t\"app\": [\n\t\t{\"version\": \"1.0.0\"}\n]}}\n",
            vec!["1.0.0"],
        ),
        ("{\"apiVersion\":\"v1\",\"entries\":{\"app\":null}}", vec![]),
        (
            "{apiVersion: v1, entries: {app: [{version: 1.0.0, urls: [x]}, ~, {}], db: [{version: 9}]}}\n",
            vec!["1.0.0"],
        ),
        (
            "{ \"apiVersion\": \"v1\", \"entries\": {\n  \"app\": [ {\"version\": '1.0.0'}, ],\n} }\n",
            vec!["1.0.0"],
        ),
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: latest\n  - version: v1.2\n  - version: 1.2.3.4\n",
            vec!["v1.2"],
        ),
        (
            "apiVersion: v1\nentries:\n  äpp:\n  - version: ü\n  app:\n  - version: 1.0.0\n    description: \"日本語 \\u00e4\"\n",
            vec!["1.0.0"],
        ),
    ];
    for (index, expected) in cases {
        assert_eq!(
            versions(&charts(index, &["app"]).await[0]),
            expected,
            "{index}"
        );
    }
    let dated = format!(
        "apiVersion: v1\nentries:\n  app:\n  - version: 1\n    created: 2025-01-01T00:00:00.123456789+01:00\n    \
         digest: {digest}\n  - version: 2\n    digest: sha256:{digest}\n  - version: 3\n    digest: nonsense\n"
    );
    let outcome = charts(&dated, &["app"]).await.remove(0);
    let digests: Vec<_> = listed(&outcome)
        .iter()
        .map(|listed| listed.digest.clone())
        .collect();
    assert_eq!(
        digests,
        [
            Some(format!("sha256:{digest}")),
            Some(format!("sha256:{digest}")),
            None
        ]
    );
    assert_eq!(
        listed(&outcome)[0].published,
        Some(Timestamp::from_millis(1_735_686_000_123))
    );
}

/// Texts that are no index, or would be a bomb, with what they become.
#[tokio::test]
async fn what_is_no_index_is_never_taken_for_an_empty_one() {
    use FeedErrorKind::{Incomplete, Malformed};
    let deep = |open: &str, count| format!("apiVersion: v1\nx:\n  {}", open.repeat(count));
    let long = format!(
        "apiVersion: v1\nentries: {{}}\nx: {}",
        "a".repeat(300 << 10)
    );
    let laughs = "apiVersion: v1\na: &a [lol,lol]\nb: &b [*a,*a]\nentries: {}\n";
    let cases = [
        ("", Malformed, "empty"),
        ("\n\n", Malformed, "empty"),
        ("# nothing\n", Malformed, "empty"),
        ("<!DOCTYPE html><html></html>", Malformed, "web page"),
        (
            "just text",
            Malformed,
            "text where it should have a mapping",
        ),
        ("- a\n- b\n", Malformed, "a list where"),
        (
            "entries:\n  app:\n  - version: 1\n",
            Malformed,
            "no apiVersion",
        ),
        ("apiVersion: v1\n", Malformed, "no entries"),
        ("apiVersion:\nentries: {}\n", Malformed, "no apiVersion"),
        ("apiVersion: v1\nentries: []\n", Malformed, "a list where"),
        (
            "apiVersion: v1\nentries:\n  app: text\n",
            Malformed,
            "text where",
        ),
        (
            "apiVersion: v1\nentries:\n  app: [\"1.0\"]\n",
            Malformed,
            "text where",
        ),
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: [1]\n",
            Malformed,
            "a list where",
        ),
        (
            "apiVersion: v1\nentries: {}\nentries: {}\n",
            Malformed,
            "twice",
        ),
        (
            "apiVersion: v1\nentries:\n  app: []\n  app: []\n",
            Malformed,
            "twice",
        ),
        (
            "apiVersion: v1\nentries: {}\n---\napiVersion: v1\n",
            Malformed,
            "a second document",
        ),
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: 1\n    version: 2\n",
            Malformed,
            "twice",
        ),
        (
            "apiVersion: v1\nentries: {}\napiVersion: v2\n",
            Malformed,
            "twice",
        ),
        (
            "apiVersion: v1\nentries:\n  app: []\n\0",
            Malformed,
            "not text",
        ),
        ("{apiVersion: v1, entries: {", Incomplete, "in the middle"),
        ("apiVersion: v1\nentries: {\n", Incomplete, "in the middle"),
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: \"1.0",
            Incomplete,
            "in the middle",
        ),
        (
            "apiVersion: v1\n\tx: [\nentries: }\n",
            Malformed,
            "not YAML",
        ),
        (laughs, Malformed, "anchors or aliases"),
        ("apiVersion: v1\nentries: *x\nx: 1\n", Malformed, "not YAML"),
        ("{\"apiVersion\":\"v1\"}", Malformed, "no entries"),
        ("{\"entries\":{}}", Malformed, "no apiVersion"),
        (
            "{\"apiVersion\":\"v1\",\"entries\":{\"app\":[",
            Incomplete,
            "in the middle",
        ),
        ("{\"apiVersion\":\"v1\",\"entries\":[]}", Malformed, "JSON"),
        (
            "{\"apiVersion\":\"v1\",\"entries\":{},\"entries\":{}}",
            Malformed,
            "JSON",
        ),
        (
            "{\"apiVersion\":\"v1\",\"entries\":{\"app\":[],\"app\":[]}}",
            Malformed,
            "twice",
        ),
        (
            "{\"apiVersion\":\"v1\",\"entries\":{}} x",
            Malformed,
            "more text",
        ),
        (&deep("- ", 70), Malformed, "64 deep"),
        (&deep("- ", 100_000), Malformed, "64 deep"),
        (&deep("[", 100_000), Malformed, "not YAML"),
        (&deep("{a: ", 100_000), Malformed, ""),
        (&long, Malformed, "262144 characters"),
    ];
    for (index, kind, part) in cases {
        let shown: String = index.chars().take(80).collect();
        let (found, text) = error(&charts(index, &["app"]).await[0]);
        assert_eq!(found, kind, "{shown}: {text}");
        assert!(text.contains(part), "{shown}: {text}");
    }
    let repository = HelmRepository::start().await.unwrap();
    repository.set_index(b"apiVersion: v1\nentries: {}\nx: \"\xff\xfe\"\n");
    let (kind, text) =
        error(&read(&reader(Known::default()), &helm(&repository.url()), "app").await);
    assert_eq!(kind, Malformed);
    assert!(text.contains("UTF-8"), "{text}");
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
        (FaultKind::Truncate, Incomplete, "breaks off"),
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

#[tokio::test]
async fn a_museum_is_asked_for_the_charts_that_are_watched() {
    // At the path that it names, and where it is reached as a repository of the museum.
    for (context, api) in [
        ("/charts", "/charts/api/charts/app"),
        ("", "/api/charts/charts/app"),
    ] {
        let repository = repository().await;
        repository.become_museum(context);
        let (reader, feed) = (reader(Known::default()), helm(&repository.url()));
        let by_index = read(&reader, &feed, "app").await;
        repository.clear_requests();
        let by_api = read(&reader, &feed, "app").await;
        assert_eq!(listed(&by_api), listed(&by_index));
        assert_eq!(paths(&repository.requests()), [(api, false)]);

        // A chart that does not exist is looked for in the index, and the API is asked again.
        let wanted = requests(&["app", "none"], None);
        let outcomes = reader.read(&feed, &wanted).await.readings;
        assert_eq!(versions(&outcomes[0]), ["1.1.0", "1.0.0"]);
        assert_eq!(error(&outcomes[1]).0, FeedErrorKind::NotFound);
        repository.clear_requests();
        assert!(read(&reader, &feed, "app").await.is_ok());
        assert_eq!(paths(&repository.requests()), [(api, false)]);

        // Many charts cost less together.
        repository.clear_requests();
        let wanted = requests(&["app", "db", "zoo", "x", "y"], None);
        reader.read(&feed, &wanted).await;
        assert_eq!(
            paths(&repository.requests()),
            [("/charts/index.yaml", false)]
        );
    }
}

#[tokio::test]
async fn a_museum_whose_api_is_not_let_through_is_read_by_its_index() {
    let repository = repository().await;
    repository.become_museum("/charts");
    repository.fault(Fault::new(
        "/api/",
        usize::MAX,
        FaultKind::Status(404, Vec::new(), String::new()),
    ));
    let (reader, feed) = (reader(Known::default()), helm(&repository.url()));
    for _ in 0..3 {
        assert_eq!(
            versions(&read(&reader, &feed, "app").await),
            ["1.1.0", "1.0.0"]
        );
    }
    let asked = repository.requests();
    let asked = paths(&asked);
    let in_vain = asked.iter().filter(|(path, _)| path.contains("/api/"));
    assert_eq!(in_vain.count(), 1, "{asked:?}");
}

#[tokio::test]
async fn a_chart_that_a_museum_does_not_give_whole_is_an_error() {
    for (fault, kind) in [
        (FaultKind::Truncate, FeedErrorKind::Incomplete),
        (
            FaultKind::TooManyRequests(None),
            FeedErrorKind::Throttled(None),
        ),
    ] {
        let repository = repository().await;
        repository.become_museum("/charts");
        let (reader, feed) = (reader(Known::default()), helm(&repository.url()));
        assert!(read(&reader, &feed, "app").await.is_ok());
        repository.fault(Fault::new("/api/", usize::MAX, fault));
        assert_eq!(error(&read(&reader, &feed, "app").await).0, kind);
    }
}
