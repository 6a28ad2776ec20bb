//! Where credentials do not go: behind redirects, and to other places.

use super::*;

/// A redirect sends the request elsewhere, but not the credential, and the server there may not request it.
#[tokio::test]
async fn a_redirect_leaves_the_credential_behind() {
    let elsewhere = registry().await;
    let registry = registry().await;
    let redirect = |to: &Registry| {
        let location = vec![("Location".to_owned(), format!("{}{LIST}", to.url()))];
        Fault::new(LIST, 2, FaultKind::Status(307, location, String::new()))
    };
    let header = format!("Basic {}", BASE64_STANDARD.encode("joe:s3cret"));
    let eager = Known {
        first: Some(Credential::AuthorizationHeader(header.into())),
        ..Known::default()
    };
    registry.fault(redirect(&elsewhere));
    assert_eq!(
        versions(&read(&reader(eager.clone()), &docker(&registry.url()), "acme/web").await),
        ["1.0.0"]
    );
    assert_eq!(paths(&registry.requests()), [(LIST, true)]);
    assert_eq!(paths(&elsewhere.requests()), [(LIST, false)]);

    elsewhere.clear_requests();
    elsewhere.require_basic("joe", "s3cret");
    let (kind, text) = error(&read(&reader(eager), &docker(&registry.url()), "acme/web").await);
    assert_eq!(kind, FeedErrorKind::Denied);
    assert!(
        text.contains("redirects to another host that asks for a credential"),
        "{text}"
    );
    assert_eq!(paths(&elsewhere.requests()), [(LIST, false)]);
}

#[tokio::test]
async fn redirects_are_followed_a_few_times_and_to_few_places() {
    for (location, part) in [
        ("http://169.254.169.254/latest/", "may not be reached"),
        ("http://[::1]:80/", "may not be reached"),
        ("ftp://127.0.0.1/", "redirect"),
        ("http://joe:pw@127.0.0.1/", "user name or password"),
        (LIST, "more than 5 times"),
    ] {
        let registry = registry().await;
        let headers = vec![("Location".to_owned(), location.to_owned())];
        registry.fault(Fault::always(FaultKind::Status(
            302,
            headers,
            String::new(),
        )));
        let (kind, text) = error(&read(&reader(joe()), &docker(&registry.url()), "acme/web").await);
        assert!(
            matches!(kind, FeedErrorKind::Forbidden | FeedErrorKind::Malformed),
            "{location}: {text}"
        );
        assert!(
            text.contains(part) || kind == FeedErrorKind::Malformed,
            "{location}: {text}"
        );
        assert!(
            registry.requests().len() <= 6,
            "{location}: {}",
            registry.requests().len()
        );
    }
}

/// AWS's credential is sent to ECR and to allowed networks; others over plain http only to the latter.
#[tokio::test]
async fn credentials_stay_at_home() {
    let aws = Known {
        first: Some(Credential::AuthorizationHeader(
            "Basic QVdTOnMzY3JldA==".into(),
        )),
        ..Known::default()
    };
    for (kind, uri, known, part) in [
        (
            FeedKind::AwsElasticContainerRegistry,
            "https://evil.invalid",
            aws,
            "AWS's credential is not sent there",
        ),
        (
            FeedKind::Docker,
            "http://registry.invalid",
            joe(),
            "is plain http",
        ),
        (FeedKind::Docker, "http://8.8.8.8", joe(), "is plain http"),
        (
            FeedKind::Helm,
            "http://charts.invalid/x",
            joe(),
            "is plain http",
        ),
    ] {
        let (found, text) = error(&read(&reader(known), &feed(kind, uri), "acme/web").await);
        assert_eq!(found, FeedErrorKind::Misconfigured, "{text}");
        assert!(text.contains(part), "{text}");
    }
}
