//! Authentication, paging, redirects, retries and error kinds of calls.

use std::error::Error;
use std::sync::Mutex;
use std::time::Duration;

use domain::ids::SpaceId;
use domain::time::Span;
use engine::ports::{OctopusError, OctopusErrorKind, OctopusReader};
use octopus::{ApiKeys, FixedKey, OctopusClient, Timeouts};
use secrecy::SecretString;
use serde_json::json;
use tokio::net::TcpListener;

use octopus_server::{RateLimit, StrictModes};

use crate::support::{KEY, Reply, Script, client, fake_server, page, receive};

const FEEDS: &str = "GET /api/Spaces-1/feeds?skip=0&take=100";

async fn feeds(client: &impl OctopusReader) -> Result<usize, OctopusError> {
    Ok(client.feeds(&SpaceId::new("Spaces-1")).await?.len())
}

/// The error of a read with this answer.
async fn refused(reply: Reply) -> OctopusError {
    let script = Script::start().await;
    script.on(FEEDS, reply);
    feeds(&script.client()).await.unwrap_err()
}

#[tokio::test]
async fn request_contains_key_and_user_agent() {
    let script = Script::start().await;
    script.on(FEEDS, page(json!([])));
    feeds(&script.client()).await.unwrap();
    let request = &script.requests()[0];
    assert_eq!(request.key(), Some(KEY));
    assert_eq!(request.headers["accept"], "application/json");
    let agent = request.headers["user-agent"].to_str().unwrap();
    assert!(
        agent.starts_with("feed-triggers/") && agent.ends_with(" rust/reqwest"),
        "{agent}"
    );
}

#[tokio::test]
async fn virtual_directory_prefixes_every_path() {
    for configured in ["/octopus", "/octopus/", "/octopus/api", "/octopus/api/"] {
        let script = Script::start().await;
        let feed = json!({"Id": "Feeds-1", "FeedType": "Docker"});
        let next = json!({"Page.Next": "/octopus/api/Spaces-1/feeds?skip=1&take=1"});
        script
            .on(
                "GET /octopus/api/Spaces-1/feeds?skip=0&take=100",
                json!({"Items": [feed], "TotalResults": 2, "Links": next}),
            )
            .on(
                "GET /octopus/api/Spaces-1/feeds?skip=1&take=100",
                json!({"Items": [feed], "TotalResults": 2, "Links": {}}),
            );
        let client = client(&format!("{}{configured}", script.url()));
        assert_eq!(feeds(&client).await.unwrap(), 2, "{configured}");
    }
}

#[tokio::test]
async fn list_reads_all_pages_and_no_more() {
    let script = Script::start().await;
    let feed = |id: usize| json!({"Id": format!("Feeds-{id}")});
    // Fewer items than the next page skips: Octopus omits items that the user cannot see.
    script
        .on(
            FEEDS,
            json!({"Items": [feed(1), feed(2)], "TotalResults": 40,
                   "Links": {"Page.Next": "/api/Spaces-1/feeds?skip=30&take=30"}}),
        )
        .on(
            "GET /api/Spaces-1/feeds?skip=30&take=100",
            json!({"Items": [feed(3)], "TotalResults": null, "Links": {}}),
        );
    assert_eq!(feeds(&script.client()).await.unwrap(), 3);
    assert_eq!(script.lines().len(), 2);
}

#[tokio::test]
async fn list_with_a_page_loop_is_an_error() {
    let script = Script::start().await;
    let next = json!({"Page.Next": "/api/Spaces-1/feeds?skip=0&take=30"});
    script.on(FEEDS, json!({"Items": [], "Links": next}));
    let error = feeds(&script.client()).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Malformed);
    assert!(error.message.contains("the feeds of Spaces-1"), "{error}");
}

#[tokio::test]
async fn list_with_too_many_pages_is_an_error() {
    let script = Script::start().await;
    for page in 0..200 {
        let next = json!({"Page.Next": format!("/api/Spaces-1/feeds?skip={}", page + 1)});
        let line = format!("GET /api/Spaces-1/feeds?skip={page}&take=100");
        script.on(&line, json!({"Items": [], "Links": next}));
    }
    let error = feeds(&script.client()).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Malformed);
    assert_eq!(script.lines().len(), 100);
}

#[tokio::test]
async fn status_maps_to_kind_and_remedy() {
    let body = |text: &str| json!({"ErrorMessage": "Headline.", "Errors": [text]}).to_string();
    for (status, text, kind, remedy) in [
        (
            401,
            "Log in.",
            OctopusErrorKind::Unauthorized,
            "set OCTOPUS_API_KEY or the secret",
        ),
        (
            403,
            "Missing.",
            OctopusErrorKind::Forbidden,
            "the permission FeedView",
        ),
        (404, "Gone.", OctopusErrorKind::NotFound, "cannot see it"),
        (400, "Wrong.", OctopusErrorKind::Invalid, "Wrong"),
        (409, "Clash.", OctopusErrorKind::Invalid, "Clash"),
        (
            500,
            "Oops.",
            OctopusErrorKind::Unavailable,
            "it is retried later",
        ),
    ] {
        let error = refused(Reply::new(status, body(text))).await;
        assert_eq!(error.kind, kind, "{error}");
        for part in [
            "http://127.0.0.1:",
            "the feeds of Spaces-1",
            text.trim_end_matches('.'),
            remedy,
        ] {
            assert!(error.message.contains(part), "{status}: {error}");
        }
        assert!(!error.message.contains(KEY));
    }
}

#[tokio::test]
async fn error_pages_of_proxies_are_included_as_text() {
    let page = "<html><head><title>403 Forbidden</title></head><body><h1>Blocked</h1> by policy</body></html>";
    let error = refused(Reply::new(403, page)).await;
    assert!(
        error.message.contains(": 403 Forbidden Blocked by policy;"),
        "{error}"
    );
}

#[tokio::test]
async fn missing_page_of_another_server_names_the_address_as_the_cause() {
    let page = "<!DOCTYPE HTML><html><head><title>Error response</title></head></html>";
    let error = refused(Reply::new(404, page)).await;
    assert_eq!(error.kind, OctopusErrorKind::NotFound);
    let expected = "answered 404 Not Found, but not as an Octopus Server does; check the address";
    assert!(error.message.ends_with(expected), "{error}");
}

#[tokio::test(start_paused = true)]
async fn throttled_read_is_retried_once_after_a_short_wait() {
    for (header, pause, requests) in [
        (Some("30"), Some(Span::from_seconds(30)), 1),
        (Some("3"), Some(Span::from_seconds(3)), 2),
        (None, None, 2),
    ] {
        let script = Script::start().await;
        let reply = Reply::new(429, "{}");
        script.on(
            FEEDS,
            header.map_or(reply.clone(), |value| reply.header("Retry-After", value)),
        );
        let client = script.client();
        let start = tokio::time::Instant::now();
        let error = feeds(&client).await.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::Throttled(pause));
        assert_eq!(script.lines().len(), requests);
        if header == Some("30") {
            let error = feeds(&client).await.unwrap_err();
            assert!(
                error.message.ends_with("for 30 s; no request sent"),
                "{error}"
            );
            assert_eq!(
                script.lines().len(),
                1,
                "no request before Retry-After ends"
            );
        } else {
            assert!(
                start.elapsed() < Duration::from_secs(5),
                "{:?}",
                start.elapsed()
            );
        }
    }
}

/// A bucket of 60 requests per minute with a burst of 5, `Retry-After` or not: 40 reads, few refusals.
#[tokio::test(start_paused = true)]
async fn reads_beyond_the_rate_limit_are_spaced_and_succeed() {
    for (retry_after, headers, most_refused) in
        [(true, false, 8), (false, false, 12), (true, true, 2)]
    {
        let (server, client) = fake_server("spaces: [{ name: Default }]").await;
        server.state().set_strict(StrictModes {
            rate_limit: Some(RateLimit {
                burst: 5,
                retry_after,
                headers,
                ..RateLimit::per_minute(60)
            }),
            ..StrictModes::default()
        });
        for _ in 0..40 {
            feeds(&client).await.unwrap();
        }
        let requests = server.state().requests();
        let refused = requests
            .iter()
            .filter(|one| one.status == Some(429))
            .count();
        assert!(
            refused <= most_refused,
            "{retry_after} {headers}: {refused}"
        );
    }
}

#[tokio::test]
async fn transient_status_is_retried_once() {
    for status in [502, 503, 504] {
        let script = Script::start().await;
        script
            .on(FEEDS, Reply::new(status, ""))
            .on(FEEDS, page(json!([])));
        assert_eq!(feeds(&script.client()).await.unwrap(), 0);

        let script = Script::start().await;
        script.on(FEEDS, Reply::new(status, ""));
        let error = feeds(&script.client()).await.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::Unavailable);
        assert_eq!(script.lines().len(), 2);
    }
}

#[tokio::test]
async fn answer_that_is_not_octopus_json_is_malformed() {
    for body in ["<html>Welcome</html>", "", "[]", "{}", r#"{"Items": 1}"#] {
        let error = refused(Reply::new(200, body)).await;
        assert_eq!(error.kind, OctopusErrorKind::Malformed, "{body}");
        assert!(
            error
                .message
                .contains("check that this is the address of an Octopus Server"),
            "{error}"
        );
        let source = error.source().unwrap().to_string();
        assert!(!error.message.contains(&source), "{error}");
    }
}

#[tokio::test]
async fn answer_over_the_size_limit_is_malformed() {
    let error = refused(Reply::new(200, " ".repeat(17 * 1024 * 1024))).await;
    assert_eq!(error.kind, OctopusErrorKind::Malformed);
    assert!(error.message.contains("exceeds the size limit"), "{error}");
}

#[tokio::test]
async fn redirect_within_the_server_is_followed() {
    let script = Script::start().await;
    let there = Reply::new(301, "").header("Location", "/moved?x=1");
    script
        .on(FEEDS, there)
        .on("GET /moved?x=1", page(json!([])));
    feeds(&script.client()).await.unwrap();
    assert_eq!(script.requests()[1].key(), Some(KEY));

    let script = Script::start().await;
    script.on(
        FEEDS,
        Reply::new(302, "").header("Location", "/api/Spaces-1/feeds?skip=0&take=100"),
    );
    let error = feeds(&script.client()).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Malformed);
}

#[tokio::test]
async fn redirect_to_another_server_is_an_error_without_sending_the_key() {
    let (script, other) = (Script::start().await, Script::start().await);
    let there = format!("{}/login?return=secret", other.url());
    script.on(FEEDS, Reply::new(302, "").header("Location", there));
    let error = feeds(&script.client()).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Invalid);
    assert!(
        error
            .message
            .contains(&format!("redirects to {}", other.url())),
        "{error}"
    );
    assert!(!error.message.contains("secret"), "{error}");
    assert!(other.requests().is_empty());
}

/// Returns the old key until a refresh is requested.
struct Rotated(Mutex<Vec<bool>>);

impl ApiKeys for Rotated {
    async fn key(&self, refresh: bool) -> Result<SecretString, OctopusError> {
        self.0.lock().unwrap().push(refresh);
        Ok(SecretString::from(if refresh {
            "API-NEW"
        } else {
            "API-OLD"
        }))
    }
}

#[tokio::test]
async fn rejected_key_is_refreshed_once() {
    let script = Script::start().await;
    script
        .on(FEEDS, Reply::new(401, "{}"))
        .on(FEEDS, page(json!([])));
    let keys = Rotated(Mutex::default());
    let client = OctopusClient::connect(script.url(), keys).unwrap();
    feeds(&client).await.unwrap();
    let keys: Vec<_> = script
        .requests()
        .iter()
        .map(|one| one.key().unwrap().to_owned())
        .collect();
    assert_eq!(keys, ["API-OLD", "API-NEW"]);

    let script = Script::start().await;
    script.on(FEEDS, Reply::new(401, "{}"));
    let client = OctopusClient::connect(script.url(), Rotated(Mutex::default())).unwrap();
    let error = feeds(&client).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unauthorized);
    assert_eq!(script.lines().len(), 2);
}

#[tokio::test]
async fn unchanged_key_is_not_sent_twice() {
    let script = Script::start().await;
    script.on(FEEDS, Reply::new(401, "{}"));
    feeds(&script.client()).await.unwrap_err();
    assert_eq!(script.lines().len(), 1);
}

#[tokio::test]
async fn unusable_key_is_not_sent() {
    for key in ["", "  ", "API-\nX"] {
        let script = Script::start().await;
        let client = OctopusClient::connect(script.url(), FixedKey::new(key)).unwrap();
        let error = feeds(&client).await.unwrap_err();
        assert_eq!(error.kind, OctopusErrorKind::Unauthorized);
        assert!(script.requests().is_empty());
    }
}

#[test]
fn debug_output_hides_the_key() {
    let client = OctopusClient::connect("http://127.0.0.1", FixedKey::new(KEY)).unwrap();
    assert!(!format!("{client:?}").contains(KEY));
}

#[tokio::test]
async fn missing_server_is_unavailable() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let error = feeds(&client(&url)).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unavailable);
    assert!(
        error.message.contains(&format!("no connection to {url}")),
        "{error}"
    );
    assert!(error.source().is_some());
}

#[tokio::test]
async fn closed_connection_is_unavailable_after_one_retry() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let serving = tokio::spawn(async move {
        for _ in 0..2 {
            let (mut connection, _) = listener.accept().await.unwrap();
            receive(&mut connection).await;
        }
    });
    let error = feeds(&client(&url)).await.unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unavailable);
    assert!(error.message.contains("closed the connection"), "{error}");
    serving.await.unwrap();
}

#[tokio::test]
async fn silent_server_times_out() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let timeouts = Timeouts {
        read: Duration::from_millis(50),
        ..Timeouts::default()
    };
    let error = feeds(&client(&url).with_timeouts(timeouts))
        .await
        .unwrap_err();
    assert_eq!(error.kind, OctopusErrorKind::Unavailable);
    assert!(
        error.message.contains("did not answer within 0.05 s"),
        "{error}"
    );
}
