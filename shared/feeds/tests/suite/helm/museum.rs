//! ChartMuseum's API, which gives one chart at a time.

use super::*;

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
