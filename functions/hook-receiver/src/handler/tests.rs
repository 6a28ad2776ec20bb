//! The handler against a fake AWS on loopback that counts calls.

use std::cell::Cell;
use std::io::Write;
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use aws::{AwsContext, DynamoTable, EventBus, Secrets};
use axum::Router;
use axum::http::{HeaderMap, StatusCode};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use domain::time::{Span, Timestamp};
use engine::ports::Clock;
use google_keys::GoogleKeys;
use lambda_kit::env::{self, Env};
use lambda_kit::telemetry;
use serde_json::{Value, json};

use store::Store;

use super::{App, handle};
use crate::receivers::StoredReceivers;

const ID: &str = "n4xkn4xkn4xkn4xkn4xkn4xkn4";
const KEY: &str = "webhook-test-secret";
const PATH: &str = "/hook/generic/n4xkn4xkn4xkn4xkn4xkn4xkn4";
const PUSH: &str =
    r#"{"repository": "shop/web", "tag": "1.4.0", "registry": "registry.example.com"}"#;

/// The state of the fake AWS.
struct Aws {
    /// The operations of all requests.
    calls: Vec<String>,
    /// The details of the events.
    details: Vec<Value>,
    /// The text of the secret; `None` refuses to read it.
    secret: Option<String>,
    refuses_events: bool,
    /// The rows of the table, as JSON.
    rows: Vec<String>,
}

impl Aws {
    fn answer(&mut self, headers: &HeaderMap, body: &str) -> (StatusCode, String) {
        let target = headers.get("x-amz-target");
        let target = target.map_or("", |target| target.to_str().unwrap_or_default());
        if target.is_empty() {
            self.calls.push("GoogleKeys".to_owned());
            return (StatusCode::OK, json!({ "keys": [] }).to_string());
        }
        let operation = target.split('.').next_back().unwrap_or_default();
        self.calls.push(operation.to_owned());
        let refused = (
            StatusCode::BAD_REQUEST,
            json!({ "__type": "AccessDeniedException" }).to_string(),
        );
        let answer = match (operation, &self.secret) {
            ("PutItem", _) => {
                let body: Value = serde_json::from_str(body).unwrap_or_default();
                self.rows.push(body["Item"].to_string());
                json!({})
            }
            ("GetSecretValue", Some(secret)) => json!({ "SecretString": secret }),
            ("PutEvents", _) if !self.refuses_events => {
                let body: Value = serde_json::from_str(body).unwrap_or_default();
                let entries = body["Entries"].as_array().cloned().unwrap_or_default();
                let detail = |entry: &Value| {
                    serde_json::from_str(entry["Detail"].as_str().unwrap_or_default()).ok()
                };
                self.details.extend(entries.iter().filter_map(detail));
                let accepted: Vec<_> = entries.iter().map(|_| json!({ "EventId": "1" })).collect();
                json!({ "FailedEntryCount": 0, "Entries": accepted })
            }
            _ => return refused,
        };
        (StatusCode::OK, answer.to_string())
    }
}

/// A clock that a test sets.
#[derive(Clone, Default)]
struct TestClock(Rc<Cell<i64>>);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.get())
    }
}

impl TestClock {
    fn pass(&self, time: Span) {
        self.0.set(self.0.get() + time.as_millis());
    }
}

/// The lines of a log.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

struct World {
    aws: Arc<Mutex<Aws>>,
    clock: TestClock,
    app: Rc<App<TestClock>>,
    log: Log,
    _logging: tracing::subscriber::DefaultGuard,
}

impl World {
    async fn start() -> Self {
        let aws = Arc::new(Mutex::new(Aws {
            calls: Vec::new(),
            details: Vec::new(),
            secret: Some(secret(KEY)),
            refuses_events: false,
            rows: Vec::new(),
        }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let state = Arc::clone(&aws);
        let answer = move |headers: HeaderMap, body: String| async move {
            state.lock().unwrap().answer(&headers, &body)
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        let context = AwsContext::from_variables(|name| {
            Some(match name {
                "AWS_REGION" => "eu-west-1".to_owned(),
                "AWS_ACCESS_KEY_ID" | "AWS_SECRET_ACCESS_KEY" => "test".to_owned(),
                "AWS_ENDPOINT_URL" => address.clone(),
                _ => return None,
            })
        });
        let clock = TestClock::default();
        let env = Env::new([(env::SERVICE_NAME, "hook-receiver")]);
        let log = Log::default();
        let lines = telemetry::lines(&env, log.clone());
        let receivers = StoredReceivers::new(Secrets::new(&context), "secret".to_owned());
        Self {
            aws,
            app: Rc::new(App::new(
                receivers,
                EventBus::new(&context, "bus"),
                Store::new(DynamoTable::new(&context, "table")),
                GoogleKeys::at(format!("{address}/certs")),
                clock.clone(),
                env,
            )),
            clock,
            log,
            _logging: tracing::subscriber::set_default(lines),
        }
    }

    /// Sends a request with a bearer key; returns the status and the whole response.
    async fn send(&self, path: &str, key: &str, body: &str) -> (u64, Value) {
        let headers = json!({
            "authorization": format!("Bearer {key}"),
            "content-type": "application/json",
        });
        self.request("POST", path, &headers, body, false).await
    }

    async fn request(
        &self,
        method: &str,
        path: &str,
        headers: &Value,
        body: &str,
        is_base64: bool,
    ) -> (u64, Value) {
        let event = json!({
            "version": "2.0",
            "rawPath": path,
            "headers": headers,
            "requestContext": { "http": { "method": method } },
            "body": body,
            "isBase64Encoded": is_base64,
        });
        let request = serde_json::from_value(event).unwrap();
        let response = handle(Rc::clone(&self.app), request).await.unwrap();
        let response = serde_json::to_value(response).unwrap();
        (response["statusCode"].as_u64().unwrap(), response)
    }

    /// The calls since the last look, sorted, because some are made in parallel.
    fn calls(&self) -> Vec<String> {
        let mut calls = std::mem::take(&mut self.aws.lock().unwrap().calls);
        calls.sort();
        calls
    }

    fn log(&self) -> String {
        String::from_utf8(std::mem::take(&mut *self.log.0.lock().unwrap())).unwrap()
    }
}

fn secret(key: &str) -> String {
    json!({ "receivers": {
        "ci": { "kind": "generic", "id": ID, "keys": [key], "feeds": ["Default/Images"] },
        "google": {
            "kind": "pubsub", "id": "g7xkn4xkn4xkn4xkn4xkn4xkn4", "feeds": ["*"],
            "audience": "https://hooks.example.com", "email": "push@example.com",
        },
        "hub": { "kind": "github", "id": "q7xkn4xkn4xkn4xkn4xkn4xkn4", "keys": [KEY], "feeds": ["*"] },
    } })
    .to_string()
}

#[tokio::test]
async fn webhook_is_announced_on_the_bus() {
    let world = World::start().await;
    let (status, response) = world.send(PATH, KEY, PUSH).await;
    assert_eq!(status, 202, "{response}");
    let body = response["body"].as_str().unwrap();
    assert_eq!(serde_json::from_str::<Value>(body).unwrap()["accepted"], 1);
    assert_eq!(world.calls(), ["GetSecretValue", "PutEvents", "PutItem"]);
    let details = world.aws.lock().unwrap().details.clone();
    let data = &details[0]["data"];
    assert_eq!(data["receiver"], "ci");
    assert_eq!(data["sender"], "generic");
    assert_eq!(data["feeds"], json!(["Default/Images"]));
    assert_eq!(data["repository"], "shop/web");
    assert_eq!(data["tag"], "1.4.0");
    let log = world.log();
    assert!(log.contains("webhook accepted") && log.contains("\"receiver\":\"ci\""));
    assert!(!log.contains(KEY) && !log.contains(ID), "{log}");

    // The receivers are read once in five minutes.
    world.send(PATH, KEY, PUSH).await;
    assert_eq!(world.calls(), ["PutEvents"]);
    world.clock.pass(Span::from_minutes(5));
    world.send(PATH, KEY, PUSH).await;
    assert_eq!(world.calls(), ["GetSecretValue", "PutEvents", "PutItem"]);
}

#[tokio::test]
async fn last_requests_are_stored_once_a_minute_and_refused_ones_with_the_next_request() {
    let world = World::start().await;
    let rows = || world.aws.lock().unwrap().rows.join(" ");
    assert_eq!(world.send(PATH, "another-key-of-16", PUSH).await.0, 401);
    assert_eq!(rows(), "");
    for _ in 0..20 {
        assert_eq!(world.send(PATH, KEY, PUSH).await.0, 202);
        assert_eq!(world.send(PATH, KEY, "[").await.0, 200);
    }
    assert_eq!(world.aws.lock().unwrap().rows.len(), 3);
    for part in ["ci#accepted", "ci#ignored", "ci#refused"] {
        assert!(rows().contains(part), "{part}: {}", rows());
    }
    assert!(!rows().contains(KEY) && !rows().contains(ID));
    world.clock.pass(Span::from_minutes(1));
    assert_eq!(world.send(PATH, KEY, PUSH).await.0, 202);
    assert_eq!(world.aws.lock().unwrap().rows.len(), 5);
}

#[tokio::test]
async fn body_in_base64_has_the_signature_of_its_bytes() {
    let world = World::start().await;
    let body = include_str!("../../../../shared/webhooks/tests/fixtures/github-package.json");
    let signature = "sha256=e29fd3adef3ceb1ef14ec06afa0fd44fb90e74b27c45403c9eb829325d30f04a";
    let headers = json!({
        "X-Hub-Signature-256": signature,
        "X-GitHub-Event": "package",
        "X-GitHub-Delivery": "d-1",
        "Content-Type": "application/json",
    });
    let path = "/hook/github/q7xkn4xkn4xkn4xkn4xkn4xkn4";
    let (status, _) = world.request("POST", path, &headers, body, false).await;
    assert_eq!(status, 202);
    let encoded = world
        .request("POST", path, &headers, &STANDARD.encode(body), true)
        .await;
    assert_eq!(encoded.0, 202);
    assert_eq!(world.aws.lock().unwrap().details.len(), 2);
    let cut = world.request("POST", path, &headers, "AAA=A", true).await;
    assert_eq!(cut.0, 400);
}

#[tokio::test]
async fn request_of_another_form_costs_no_call_and_no_line() {
    let world = World::start().await;
    let json = json!({ "content-type": "application/json" });
    let form = json!({ "content-type": "application/x-www-form-urlencoded" });
    let encoded = json!({ "content-type": "application/json", "content-encoding": "gzip" });
    let large = "x".repeat(256 * 1024 + 1);
    for (method, path, headers, body, expected) in [
        ("GET", "/", &json, "", 405),
        ("PUT", PATH, &json, PUSH, 405),
        ("OPTIONS", PATH, &json, "", 405),
        ("POST", "/", &json, PUSH, 404),
        ("POST", "/hook/generic", &json, PUSH, 404),
        ("POST", "/hook/generic/short", &json, PUSH, 404),
        (
            "POST",
            "/hook/gitlab/n4xkn4xkn4xkn4xkn4xkn4xkn4",
            &json,
            PUSH,
            404,
        ),
        ("POST", PATH, &json, large.as_str(), 413),
        ("POST", PATH, &form, "payload=x", 415),
        ("POST", PATH, &encoded, PUSH, 415),
    ] {
        let (status, response) = world.request(method, path, headers, body, false).await;
        assert_eq!(
            (status, &response["body"]),
            (expected, &json!("")),
            "{method} {path}"
        );
    }
    assert_eq!((world.calls(), world.log()), (Vec::new(), String::new()));
}

#[tokio::test]
async fn strangers_cause_one_read_a_minute_and_no_line() {
    let world = World::start().await;
    let other_id = "/hook/generic/aaaaaaaaaaaaaaaaaaaaaaaaaa";
    let other_kind = format!("/hook/harbor/{ID}");
    for minute in 1..=2 {
        for _ in 0..100 {
            assert_eq!(world.send(other_id, KEY, PUSH).await.0, 404);
            assert_eq!(world.send(&other_kind, KEY, PUSH).await.0, 404);
            let wrong = world.send(PATH, "another-key-of-16", PUSH).await;
            assert_eq!((wrong.0, &wrong.1["body"]), (401, &json!("")));
        }
        assert_eq!(world.calls(), ["GetSecretValue"], "minute {minute}");
        world.clock.pass(Span::from_minutes(1));
    }
    assert_eq!(world.log(), "");
}

#[tokio::test]
async fn tokens_with_unknown_keys_cause_one_fetch_in_five_minutes() {
    let world = World::start().await;
    let part = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = part(json!({ "alg": "RS256", "kid": "unknown" }));
    let claims = part(json!({
        "iss": "https://accounts.google.com", "aud": "https://hooks.example.com",
        "email": "push@example.com", "email_verified": true, "iat": 0, "exp": 3_600,
    }));
    let token = format!("{header}.{claims}.AAAA");
    let path = "/hook/pubsub/g7xkn4xkn4xkn4xkn4xkn4xkn4";
    for _ in 0..100 {
        assert_eq!(world.send(path, &token, "{}").await.0, 401);
    }
    assert_eq!(world.calls(), ["GetSecretValue", "GoogleKeys"]);
    // A token for another audience is refused before any fetch.
    world.clock.pass(Span::from_minutes(5));
    let other = part(json!({ "aud": "https://other.example.com" }));
    let forged = format!("{header}.{other}.AAAA");
    assert_eq!(world.send(path, &forged, "{}").await.0, 401);
    assert_eq!(world.calls(), ["GetSecretValue"]);
}

#[tokio::test]
async fn new_key_is_accepted_after_a_minute() {
    let world = World::start().await;
    let new = "the-key-after-the-rotation";
    assert_eq!(world.send(PATH, KEY, PUSH).await.0, 202);
    world.aws.lock().unwrap().secret = Some(secret(new));
    assert_eq!(world.send(PATH, new, PUSH).await.0, 401);
    world.clock.pass(Span::from_minutes(1));
    assert_eq!(world.send(PATH, new, PUSH).await.0, 202);
    assert_eq!(world.send(PATH, KEY, PUSH).await.0, 401);
}

#[tokio::test]
async fn bus_that_refuses_is_unavailable() {
    let world = World::start().await;
    world.aws.lock().unwrap().refuses_events = true;
    let (status, response) = world.send(PATH, KEY, PUSH).await;
    assert_eq!(status, 503);
    assert_eq!(response["headers"]["retry-after"], "30");
    let log = world.log();
    assert!(
        log.contains("cannot announce the pushes") && log.contains("AccessDenied"),
        "{log}"
    );
}

#[tokio::test]
async fn unusable_secret_keeps_the_receivers_and_is_read_once_a_minute() {
    let world = World::start().await;
    world.aws.lock().unwrap().secret = None;
    for _ in 0..10 {
        assert_eq!(world.send(PATH, KEY, PUSH).await.0, 503);
    }
    assert_eq!(world.calls(), ["GetSecretValue"]);
    assert_eq!(world.log().lines().count(), 1);
    world.aws.lock().unwrap().secret = Some(secret(KEY));
    world.clock.pass(Span::from_minutes(1));
    assert_eq!(world.send(PATH, KEY, PUSH).await.0, 202);
    world.aws.lock().unwrap().secret = Some("{}".to_owned());
    world.clock.pass(Span::from_minutes(5));
    assert_eq!(world.send(PATH, KEY, PUSH).await.0, 202);
    assert!(world.log().contains("cannot use the receivers of webhooks"));
}

#[tokio::test]
async fn ignored_webhook_is_a_success_with_its_reason() {
    let world = World::start().await;
    let signature =
        json!({ "repository": "shop/web", "tag": format!("sha256-{}.sig", "0".repeat(64)) })
            .to_string();
    let (status, response) = world.send(PATH, KEY, &signature).await;
    assert_eq!(status, 200);
    assert_eq!(response["headers"]["content-type"], "application/json");
    assert_eq!(response["body"], r#"{"ignored":"no version tag"}"#);
    let (status, _) = world.send(PATH, KEY, "[").await;
    assert_eq!(status, 200);
    assert!(world.log().contains("\"level\":\"WARN\""));
    assert_eq!(world.calls(), ["GetSecretValue", "PutItem"]);
}
