//! Tokens for several repositories of a feed at once, and servers that give them for one alone.

use std::time::Duration;

use crate::common::{Known, docker, error, paths, read, reader, requests, versions};
use engine::ports::{FeedErrorKind, FeedReader};
use feeds::DirectFeeds;
use registry_server::{Registry, SeveralScopes, StatusCode};

const REPOSITORIES: [&str; 12] = [
    "acme/a", "acme/b", "acme/c", "acme/d", "acme/e", "acme/f", "acme/g", "acme/h", "acme/i",
    "acme/j", "acme/k", "acme/l",
];

async fn registry() -> Registry {
    let registry = Registry::start().await.unwrap();
    for repository in REPOSITORIES {
        registry.push(repository, "1.0.0", "one");
    }
    registry.require_token(Some(("joe", "s3cret")));
    registry.set_token_lifetime(Duration::from_secs(300));
    registry
}

/// Reads them all; returns the requests, those for tokens separately.
async fn read_all(reader: &DirectFeeds, registry: &Registry) -> (Vec<String>, usize) {
    registry.clear_requests();
    let all_requests = requests(&REPOSITORIES, None);
    let answer = reader.read(&docker(&registry.url()), &all_requests).await;
    for outcome in &answer.readings {
        assert_eq!(versions(outcome), ["1.0.0"]);
    }
    let asked = registry.requests().into_iter();
    let (tokens, lists): (Vec<_>, Vec<_>) =
        asked.partition(|(_, target, _)| target.starts_with("/token"));
    let tokens = tokens.into_iter().map(|(_, target, _)| target);
    (tokens.collect(), lists.len())
}

#[tokio::test]
async fn a_token_is_asked_for_ten_repositories_at_once() {
    let registry = registry().await;
    let reader = reader(Known::user("joe", "s3cret"));
    let (tokens, _) = read_all(&reader, &registry).await;
    let scopes: Vec<_> = tokens
        .iter()
        .map(|url| url.matches("scope=").count())
        .collect();
    assert_eq!(scopes, [10, 2], "{tokens:?}");
    assert_eq!(read_all(&reader, &registry).await, (vec![], 12));

    // A push has one of them read alone: by the same token.
    registry.clear_requests();
    let pushed = read(&reader, &docker(&registry.url()), "acme/c").await;
    assert_eq!(versions(&pushed), ["1.0.0"]);
    assert_eq!(
        paths(&registry.requests()),
        [("/v2/acme/c/tags/list", true)]
    );

    // Another repository is not what the token was asked for.
    registry.push("acme/z", "2.0.0", "two");
    registry.clear_requests();
    let other = read(&reader, &docker(&registry.url()), "acme/z").await;
    assert_eq!(versions(&other), ["2.0.0"]);
    let list = "/v2/acme/z/tags/list";
    let asked = registry.requests();
    assert_eq!(
        paths(&asked),
        [(list, false), ("/token", true), (list, true)]
    );
    assert!(asked[1].1.ends_with("scope=repository%3Aacme%2Fz%3Apull"));
}

#[tokio::test]
async fn where_a_server_gives_less_each_repository_gets_a_token_of_its_own() {
    let refused = |status| SeveralScopes::Refused(status);
    let forms = [
        SeveralScopes::FirstOnly,
        refused(StatusCode::BAD_REQUEST),
        refused(StatusCode::UNAUTHORIZED),
        refused(StatusCode::FORBIDDEN),
        refused(StatusCode::URI_TOO_LONG),
        refused(StatusCode::INTERNAL_SERVER_ERROR),
    ];
    for several in forms {
        for foreign in [
            None,
            Some(StatusCode::FORBIDDEN),
            Some(StatusCode::NOT_FOUND),
        ] {
            let registry = registry().await;
            registry.set_several_scopes(several);
            if let Some(status) = foreign {
                registry.refuse_foreign_tokens(status);
            }
            let reader = reader(Known::user("joe", "s3cret"));
            let (tokens, _) = read_all(&reader, &registry).await;
            for repository in ["c", "d", "k", "l"] {
                let own = format!("%2F{repository}%3Apull");
                let first = tokens.iter().any(|url| {
                    url.split("scope=")
                        .nth(1)
                        .is_some_and(|scope| scope.contains(&own))
                });
                assert!(first, "{several:?} {foreign:?} {repository}: {tokens:?}");
            }
            let again = read_all(&reader, &registry).await;
            assert_eq!(again, (vec![], 12), "{several:?} {foreign:?}");
        }
    }
}

#[tokio::test]
async fn a_repository_that_is_not_there_takes_nothing_from_the_others() {
    let registry = registry().await;
    let reader = reader(Known::user("joe", "s3cret"));
    let all_requests = requests(&["acme/a", "acme/gone", "acme/b"], None);
    for expected in [&[3, 1][..], &[]] {
        registry.clear_requests();
        let answer = reader.read(&docker(&registry.url()), &all_requests).await;
        assert_eq!(versions(&answer.readings[0]), ["1.0.0"]);
        assert_eq!(error(&answer.readings[1]).0, FeedErrorKind::NotFound);
        assert_eq!(versions(&answer.readings[2]), ["1.0.0"]);
        let asked = registry.requests();
        let tokens = asked.iter().filter(|(_, url, _)| url.starts_with("/token"));
        let scopes: Vec<_> = tokens
            .map(|(_, url, _)| url.matches("scope=").count())
            .collect();
        assert_eq!(scopes, expected);
    }
}
