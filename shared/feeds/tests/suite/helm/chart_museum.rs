//! ChartMuseum's API, which returns one chart per request.

use super::*;

#[tokio::test]
async fn chart_museum_api_is_read_for_few_watched_charts() {
    // Below the context path, and as a nested repository of the ChartMuseum.
    for (context, api) in [
        ("/charts", "/charts/api/charts/app"),
        ("", "/api/charts/charts/app"),
    ] {
        let repository = repository().await;
        repository.become_chart_museum(context);
        let (reader, feed) = (reader(Known::default()), helm(&repository.url()));
        let by_index = read(&reader, &feed, "app").await;
        repository.clear_requests();
        let by_api = read(&reader, &feed, "app").await;
        assert_eq!(listed(&by_api), listed(&by_index));
        assert_eq!(paths(&repository.requests()), [(api, false)]);

        // A chart that does not exist is searched in the index, and the API is used again.
        let watched = requests(&["app", "none"], None);
        let outcomes = reader.read(&feed, &watched).await.readings;
        assert_eq!(versions(&outcomes[0]), ["1.1.0", "1.0.0"]);
        assert_eq!(error(&outcomes[1]).0, FeedErrorKind::NotFound);
        repository.clear_requests();
        assert!(read(&reader, &feed, "app").await.is_ok());
        assert_eq!(paths(&repository.requests()), [(api, false)]);

        // The index is cheaper for many charts.
        repository.clear_requests();
        let watched = requests(&["app", "db", "zoo", "x", "y"], None);
        reader.read(&feed, &watched).await;
        assert_eq!(
            paths(&repository.requests()),
            [("/charts/index.yaml", false)]
        );
    }
}

#[tokio::test]
async fn inaccessible_chart_museum_api_is_requested_once() {
    let repository = repository().await;
    repository.become_chart_museum("/charts");
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
    let to_api = asked.iter().filter(|(path, _)| path.contains("/api/"));
    assert_eq!(to_api.count(), 1, "{asked:?}");
}

/// A pause applies to the index too.
#[tokio::test]
async fn chart_museum_that_asks_for_a_pause_is_an_error() {
    let repository = repository().await;
    repository.become_chart_museum("/charts");
    let (reader, feed) = (reader(Known::default()), helm(&repository.url()));
    assert!(read(&reader, &feed, "app").await.is_ok());
    let pause = FaultKind::TooManyRequests(None);
    repository.fault(Fault::new("/api/", usize::MAX, pause));
    let (kind, _) = error(&read(&reader, &feed, "app").await);
    assert_eq!(kind, FeedErrorKind::Throttled(None));
}

/// Any answer of the API but a list of versions makes the same check read the index, and the API is not used
/// again.
#[tokio::test]
async fn failing_chart_museum_api_is_replaced_by_index_in_same_check() {
    let status = |code, body: &str| FaultKind::Status(code, Vec::new(), body.to_owned());
    for fault in [
        status(500, ""),
        status(501, ""),
        status(400, "{}"),
        status(401, ""),
        status(403, ""),
        status(404, r#"{"error":"chart not found"}"#),
        status(405, ""),
        status(418, ""),
        status(204, ""),
        status(200, "[]"),
        status(200, "null"),
        status(200, "{}"),
        status(200, r#"{"error":"x"}"#),
        status(200, r#"[{"name":"app"}]"#),
        status(200, "[7]"),
        status(302, ""),
        FaultKind::Html,
        FaultKind::EmptyBody,
        FaultKind::WrongTypes,
        FaultKind::Truncate,
        FaultKind::EndlessBody,
        FaultKind::Reset,
    ] {
        let repository = repository().await;
        repository.become_chart_museum("/charts");
        let (reader, feed) = (reader(Known::default()), helm(&repository.url()));
        assert!(read(&reader, &feed, "app").await.is_ok());
        repository.fault(Fault::new("/api/", usize::MAX, fault.clone()));
        let outcome = read(&reader, &feed, "app").await;
        assert_eq!(versions(&outcome), ["1.1.0", "1.0.0"], "{fault:?}");
        repository.clear_requests();
        assert!(read(&reader, &feed, "app").await.is_ok());
        let asked = repository.requests();
        assert_eq!(paths(&asked), [("/charts/index.yaml", false)], "{fault:?}");
    }
}
