//! Content by tag and digest, pages, and the log of requests.
#![expect(clippy::unwrap_used, reason = "a panic is the report of a test")]

use http_client::OutboundClient;
use registry_server::{HelmRepository, Registry};
use reqwest::{Method, Response};

async fn ask(method: Method, url: String, header: Option<(&str, &str)>) -> Response {
    let client = OutboundClient::new("127.0.0.1".parse().unwrap()).unwrap();
    let mut request = client.http().request(method, url);
    if let Some((name, value)) = header {
        request = request.header(name, value);
    }
    request.send().await.unwrap()
}

#[tokio::test]
async fn manifests_are_found_by_tag_and_digest() {
    let registry = Registry::start().await.unwrap();
    let first = registry.push("acme/web", "1.0.0", "one");
    assert_eq!(
        registry.push("acme/web", "latest", "one"),
        first,
        "the same content, the same digest"
    );
    let second = registry.push("acme/web", "latest", "two");
    assert_ne!(first, second);
    assert_eq!(registry.tags("acme/web"), ["1.0.0", "latest"]);

    let manifest =
        |reference: &str| format!("{}/v2/acme/web/manifests/{reference}", registry.url());
    for (reference, digest) in [("1.0.0", &first), ("latest", &second), (&first, &first)] {
        for method in [Method::GET, Method::HEAD] {
            let response = ask(method.clone(), manifest(reference), None).await;
            assert_eq!(response.status(), 200);
            assert_eq!(response.headers()["docker-content-digest"], digest.as_str());
            assert_ne!(response.headers()["content-length"], "0");
            assert_eq!(
                response.bytes().await.unwrap().is_empty(),
                method == Method::HEAD
            );
        }
    }
    let known = format!("\"{second}\"");
    let unchanged = ask(
        Method::GET,
        manifest("latest"),
        Some(("if-none-match", &known)),
    )
    .await;
    assert_eq!(unchanged.status(), 304);
    assert_eq!(ask(Method::GET, manifest("none"), None).await.status(), 404);
    assert_eq!(
        ask(Method::PUT, manifest("1.0.0"), None).await.status(),
        405
    );
    assert_eq!(
        ask(Method::GET, format!("{}/v2/", registry.url()), None)
            .await
            .status(),
        200
    );

    registry.delete_tag("acme/web", "1.0.0");
    assert_eq!(
        ask(Method::GET, manifest("1.0.0"), None).await.status(),
        404
    );
    let (method, target, authorized) = registry.requests().pop().unwrap();
    assert_eq!((method.as_str(), authorized), ("GET", false));
    assert_eq!(target, "/v2/acme/web/manifests/1.0.0");
    registry.clear_requests();
    assert!(registry.requests().is_empty());
}

#[tokio::test]
async fn tags_are_given_page_by_page() {
    let registry = Registry::start().await.unwrap();
    for tag in ["a", "b", "c"] {
        registry.push("x", tag, tag);
    }
    let list = |query: &str| format!("{}/v2/x/tags/list{query}", registry.url());
    let page = ask(Method::GET, list("?n=2"), None).await;
    assert_eq!(
        page.headers()["link"],
        "</v2/x/tags/list?last=b&n=2>; rel=\"next\""
    );
    assert_eq!(
        page.text().await.unwrap(),
        r#"{"name":"x","tags":["a","b"]}"#
    );
    let page = ask(Method::GET, list("?n=2&last=b"), None).await;
    assert!(page.headers().get("link").is_none());
    assert_eq!(page.text().await.unwrap(), r#"{"name":"x","tags":["c"]}"#);
}

#[tokio::test]
async fn changed_index_has_new_validators() {
    let charts = HelmRepository::start().await.unwrap();
    charts.publish("app", "1.0.0");
    let index = format!("{}/index.yaml", charts.url());
    let first = ask(Method::GET, index.clone(), None).await;
    let etag = first.headers()["etag"].to_str().unwrap().to_owned();
    let text = first.text().await.unwrap();
    assert!(text.contains("version: \"1.0.0\""), "{text}");
    let known = Some(("if-none-match", etag.as_str()));
    assert_eq!(ask(Method::GET, index.clone(), known).await.status(), 304);
    let packed = ask(
        Method::GET,
        index.clone(),
        Some(("accept-encoding", "gzip")),
    )
    .await;
    assert_eq!(packed.headers()["content-encoding"], "gzip");
    charts.publish("app", "1.1.0");
    assert_eq!(ask(Method::GET, index.clone(), known).await.status(), 200);
    charts.remove("app", "1.1.0");
    charts.remove("app", "1.0.0");
    assert!(charts.versions("app").is_empty());
    assert!(
        ask(Method::GET, index, None)
            .await
            .text()
            .await
            .unwrap()
            .contains("entries: {}")
    );
}
