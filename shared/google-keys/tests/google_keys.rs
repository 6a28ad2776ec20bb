//! Fetches from a server on loopback that counts requests.
#![expect(clippy::expect_used, reason = "in a test a panic is the report")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::time::Timestamp;
use google_keys::GoogleKeys;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const EMPTY_SET: &str = r#"{"keys": []}"#;

/// A server that answers every request with this head and body.
async fn server(head: &'static str, body: String) -> (GoogleKeys, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!(
        "http://{}/certs",
        listener.local_addr().expect("an address")
    );
    let requests = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&requests);
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let mut request = [0; 4_096];
            let _ = stream.read(&mut request).await;
            let length = body.len();
            let answer = format!(
                "HTTP/1.1 {head}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
            );
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    (GoogleKeys::at(address), requests)
}

fn minute(minute: i64) -> Timestamp {
    Timestamp::from_millis(minute * 60_000)
}

#[tokio::test]
async fn hundred_unknown_keys_cause_one_fetch_in_five_minutes() {
    let (keys, requests) = server("200 OK", EMPTY_SET.to_owned()).await;
    assert!(keys.known(minute(0)).is_none());
    for _ in 0..100 {
        assert!(keys.newer(minute(0)).await.is_some());
    }
    assert_eq!(requests.load(Ordering::Relaxed), 1);
    keys.newer(minute(4)).await;
    assert_eq!(requests.load(Ordering::Relaxed), 1);
    keys.newer(minute(5)).await;
    assert_eq!(requests.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn keys_are_kept_as_long_as_the_answer_permits() {
    let head = "200 OK\r\ncache-control: public, max-age=3600, must-revalidate";
    let (keys, requests) = server(head, EMPTY_SET.to_owned()).await;
    keys.newer(minute(0)).await;
    assert!(keys.known(minute(59)).is_some());
    assert!(keys.known(minute(60)).is_none());
    assert_eq!(requests.load(Ordering::Relaxed), 1);
    // Neither for less than the pause, nor for more than a day.
    let (keys, _) = server("200 OK", EMPTY_SET.to_owned()).await;
    keys.newer(minute(0)).await;
    assert!(keys.known(minute(4)).is_some() && keys.known(minute(5)).is_none());
    let head = "200 OK\r\ncache-control: max-age=99999999";
    let (keys, _) = server(head, EMPTY_SET.to_owned()).await;
    keys.newer(minute(0)).await;
    assert!(keys.known(minute(24 * 60)).is_none());
}

#[tokio::test]
async fn failed_fetch_is_repeated_after_five_minutes() {
    let redirect = "302 Found\r\nlocation: http://127.0.0.1:1/";
    for (head, body) in [
        ("500 Oops", EMPTY_SET.to_owned()),
        (redirect, String::new()),
        ("200 OK", "{}".to_owned()),
        ("200 OK", " ".repeat(64 * 1024 + 1)),
    ] {
        let (keys, requests) = server(head, body).await;
        for _ in 0..10 {
            assert!(keys.newer(minute(0)).await.is_none(), "{head}");
        }
        assert_eq!(requests.load(Ordering::Relaxed), 1, "{head}");
        keys.newer(minute(5)).await;
        assert_eq!(requests.load(Ordering::Relaxed), 2, "{head}");
    }
}
