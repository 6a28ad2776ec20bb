//! Failures: each has its kind, and none is read as a shorter list.

use super::*;

/// Each fault on the second page, with its kind and a part of its message.
#[tokio::test]
async fn every_fault_has_its_kind_and_is_never_a_smaller_truth() {
    use FeedErrorKind::{Denied, Incomplete, Malformed, NotFound, Throttled, Unavailable};
    let status = |code| FaultKind::Status(code, Vec::new(), "<html>oops</html>".to_owned());
    let later = |code| {
        let pause = vec![("Retry-After".to_owned(), "7".to_owned())];
        FaultKind::Status(code, pause, String::new())
    };
    let gar = r#"{"errors":[{"code":"DENIED","message":"no \u001b[31mright"}]}"#.to_owned();
    let cases = [
        (status(401), Denied, "401"),
        (
            FaultKind::Status(403, Vec::new(), gar),
            Denied,
            "(DENIED: no [31mright)",
        ),
        (status(404), NotFound, "check the package's name"),
        (status(429), Throttled(None), "429"),
        (
            FaultKind::TooManyRequests(Some(30)),
            Throttled(Some(Span::from_seconds(30))),
            "(TOOMANYREQUESTS: slow down)",
        ),
        (later(503), Throttled(Some(Span::from_seconds(7))), "503"),
        (status(500), Unavailable, "500"),
        (status(502), Unavailable, "502"),
        (status(302), Malformed, "302"),
        (status(418), Malformed, "418"),
        (status(206), Malformed, "206"),
        (FaultKind::Reset, Unavailable, "cannot be reached"),
        (FaultKind::Html, Malformed, "web page"),
        (FaultKind::EmptyBody, Malformed, "empty"),
        (FaultKind::WrongTypes, Malformed, "not a list of tags"),
        (FaultKind::Truncate, Incomplete, "ends early"),
        (FaultKind::EndlessBody, Incomplete, "longer than"),
        (
            FaultKind::LoopingLink,
            Incomplete,
            "back to an earlier page; 4 tags",
        ),
        (FaultKind::RepeatedPage, Incomplete, "no new tag; 2 tags"),
        (
            FaultKind::ForeignLink("https://evil.example/v2/".to_owned()),
            Incomplete,
            "without a query",
        ),
        (
            FaultKind::LinkHeader("next".to_owned()),
            Incomplete,
            "cannot be read",
        ),
        (
            FaultKind::LinkHeader("</v2/acme/web/tags/list>; re1=next".to_owned()),
            Incomplete,
            "cannot be read",
        ),
    ];
    for (fault, kind, part) in cases {
        let registry = registry().await;
        registry.fault(Fault::new("last=", usize::MAX, fault.clone()));
        let outcome = read(
            &reader(Known::default()),
            &docker(&registry.url()),
            "acme/web",
        )
        .await;
        let (found, text) = error(&outcome);
        assert_eq!(found, kind, "{fault:?}: {text}");
        assert!(text.contains(part), "{fault:?}: {text}");
        assert!(
            text.contains("package acme/web") && !text.contains('\u{1b}'),
            "{fault:?}: {text}"
        );
        assert!(text.contains("page 2"), "how far it came: {text}");
    }
}

#[tokio::test]
async fn what_is_lost_on_the_way_is_sent_once_more() {
    let status = |code| FaultKind::Status(code, Vec::new(), String::new());
    for (fault, sent) in [
        (FaultKind::Reset, 1),
        (status(502), 2),
        (status(503), 2),
        (status(504), 2),
    ] {
        let registry = registry().await;
        registry.set_page_size(10);
        registry.fault(Fault::new("", 1, fault));
        let outcome = read(
            &reader(Known::default()),
            &docker(&registry.url()),
            "acme/web",
        )
        .await;
        assert_eq!(versions(&outcome), ALL);
        assert!(registry.requests().len() >= sent);
    }
    for (fault, sent) in [
        (status(502), 2),
        (status(500), 1),
        (FaultKind::TooManyRequests(None), 1),
    ] {
        let registry = registry().await;
        registry.fault(Fault::always(fault));
        error(
            &read(
                &reader(Known::default()),
                &docker(&registry.url()),
                "acme/web",
            )
            .await,
        );
        assert_eq!(registry.requests().len(), sent);
    }
}

#[tokio::test]
async fn exceeded_limit_is_an_error_with_the_position() {
    let cases = [
        (
            Limits {
                pages: 2,
                ..Limits::default()
            },
            "more than 2 pages, which is the limit; 4 tags were read",
        ),
        (
            Limits {
                tags: 3,
                ..Limits::default()
            },
            "more than 3 tags",
        ),
        (
            Limits {
                page_bytes: 20,
                ..Limits::default()
            },
            "longer than 20 bytes",
        ),
    ];
    for (limits, part) in cases {
        let registry = registry().await;
        let outcome = read(
            &limited(Known::default(), limits),
            &docker(&registry.url()),
            "acme/web",
        )
        .await;
        let (kind, text) = error(&outcome);
        assert_eq!(kind, FeedErrorKind::Incomplete);
        assert!(text.contains(part), "{text}");
    }
}

#[tokio::test]
async fn a_deadline_ends_what_does_not_end() {
    let registry = registry().await;
    registry.fault(Fault::always(FaultKind::Slow(Duration::from_secs(600))));
    let limits = Limits {
        deadline: Duration::from_millis(200),
        ..Limits::default()
    };
    let outcome = read(
        &limited(Known::default(), limits),
        &docker(&registry.url()),
        "acme/web",
    )
    .await;
    let (kind, text) = error(&outcome);
    assert_eq!(kind, FeedErrorKind::Unavailable);
    assert!(text.contains("not read within 200ms"), "{text}");
}

#[tokio::test]
async fn one_package_s_failure_fails_no_other() {
    let registry = registry().await;
    registry.push("acme/api", "1", "1");
    let all_requests = requests(&["acme/web", "acme/none", "ACME", "acme/api"], None);
    let outcomes = reader(Known::default())
        .read(&docker(&registry.url()), &all_requests)
        .await
        .readings;
    assert_eq!(versions(&outcomes[0]), ALL);
    assert_eq!(error(&outcomes[1]).0, FeedErrorKind::NotFound);
    assert_eq!(error(&outcomes[2]).0, FeedErrorKind::Misconfigured);
    assert_eq!(versions(&outcomes[3]), ["1"]);
}

#[tokio::test]
async fn a_feed_that_asks_for_a_pause_is_left_alone() {
    let registry = registry().await;
    let names: Vec<_> = (0..20).map(|number| format!("acme/p{number}")).collect();
    names.iter().for_each(|name| {
        registry.push(name, "1", "1");
    });
    registry.fault(Fault::new(
        "acme/p1/",
        1,
        FaultKind::TooManyRequests(Some(60)),
    ));
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let limits = Limits {
        parallel: 1,
        ..Limits::default()
    };
    let reader = limited(Known::default(), limits);
    let outcomes = reader
        .read(&docker(&registry.url()), &requests(&names, None))
        .await
        .readings;
    assert_eq!(versions(&outcomes[0]), ["1"]);
    for outcome in &outcomes[1..] {
        assert_eq!(
            error(outcome).0,
            FeedErrorKind::Throttled(Some(Span::from_seconds(60)))
        );
    }
    assert_eq!(registry.requests().len(), 2);
}

#[tokio::test]
async fn a_feed_that_is_down_is_not_asked_for_every_package() {
    let registry = registry().await;
    registry.fault(Fault::always(FaultKind::Status(
        500,
        Vec::new(),
        String::new(),
    )));
    let names: Vec<_> = (0..50).map(|number| format!("acme/p{number}")).collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    let outcomes = reader(Known::default())
        .read(&docker(&registry.url()), &requests(&names, None))
        .await
        .readings;
    assert!(
        outcomes
            .iter()
            .all(|outcome| error(outcome).0 == FeedErrorKind::Unavailable)
    );
    assert!(
        registry.requests().len() <= 6,
        "{}",
        registry.requests().len()
    );
}
