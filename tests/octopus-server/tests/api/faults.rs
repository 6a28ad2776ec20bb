//! Injected faults.

use std::time::{Duration, Instant};

use crate::support::Shop;
use anyhow::Result;
use octopus_server::{Body, Fault, FaultKind};
use reqwest::Method;
use serde_json::json;

const CREATE: &str = "/releases/create/v1";

#[tokio::test]
async fn reset_after_stores_the_release_and_reset_before_does_not() -> Result<()> {
    let shop = Shop::start().await?;
    for (kind, releases) in [
        (FaultKind::ResetBefore, 1),
        (FaultKind::ResetAfter, 2),
        (FaultKind::Truncated, 3),
    ] {
        shop.server
            .faults()
            .push(Fault::once(CREATE, kind.clone()).on("POST"));
        let answer = shop.create("Fire Project", json!({})).await;
        assert!(answer.is_err(), "{kind:?} returned {answer:?}");
        assert_eq!(
            shop.server.state().releases("Fire Project")?.len(),
            releases,
            "{kind:?}"
        );
    }
    assert!(shop.server.faults().is_spent());
    assert_eq!(shop.create("Fire Project", json!({})).await?.0, 201);
    let statuses: Vec<_> = shop
        .server
        .state()
        .requests()
        .iter()
        .map(|request| request.status)
        .collect();
    assert_eq!(statuses, [None, None, Some(201), Some(201)]);
    assert_eq!(shop.server.state().count("post", CREATE), 4);
    Ok(())
}

#[tokio::test]
async fn status_fault_occurs_as_often_as_requested() -> Result<()> {
    let shop = Shop::start().await?;
    let faults = shop.server.faults();
    for (kind, status) in [
        (FaultKind::Status(500, Body::Html), 500),
        (FaultKind::Status(403, Body::Json), 403),
        (FaultKind::Status(502, Body::Empty), 502),
        (FaultKind::Maintenance, 503),
        (FaultKind::Unavailable, 503),
        (FaultKind::TooManyRequests { retry_after: None }, 429),
    ] {
        faults.push(Fault::once("/projects", kind).times(2));
        assert_eq!(
            shop.get("/api/Spaces-1/feeds").await?.0,
            200,
            "another path"
        );
        assert_eq!(shop.get("/api/Spaces-1/projects").await?.0, status);
        assert_eq!(shop.get("/api/Spaces-1/projects").await?.0, status);
        assert_eq!(
            shop.get("/api/Spaces-1/projects").await?.0,
            200,
            "no third time"
        );
    }
    faults.push(Fault::always(
        "",
        FaultKind::TooManyRequests {
            retry_after: Some(7),
        },
    ));
    let response = shop.request(Method::GET, "/api/spaces").send().await?;
    assert_eq!(response.headers()["retry-after"], "7");
    faults.clear();
    assert_eq!(shop.get("/api/spaces").await?.0, 200);
    Ok(())
}

#[tokio::test]
async fn latency_and_format_faults_change_answers() -> Result<()> {
    let shop = Shop::start().await?;
    let faults = shop.server.faults();
    faults.push(Fault::once(
        "/spaces",
        FaultKind::Latency(Duration::from_millis(50)),
    ));
    let asked = Instant::now();
    assert_eq!(shop.get("/api/spaces").await?.0, 200);
    assert!(asked.elapsed() >= Duration::from_millis(50));

    faults.push(Fault::once(CREATE, FaultKind::CamelCase));
    let (_, created) = shop.create("Fire Project", json!({})).await?;
    assert_eq!(
        created,
        json!({"releaseId": "Releases-2", "releaseVersion": "0.1.8"})
    );

    faults.push(Fault::once("/channels/", FaultKind::NullsAbsent));
    let channel = shop.read("/api/Spaces-1/channels/Channels-1").await?;
    assert!(channel.get("LifecycleId").is_none());
    assert!(shop.read("/api/Spaces-1/channels/Channels-1").await?["LifecycleId"].is_null());

    faults.push(Fault::once("/channels/", FaultKind::Without("Rules")));
    let channel = shop.read("/api/Spaces-1/channels/Channels-1").await?;
    assert!(channel.get("Rules").is_none() && channel.get("Name").is_some());
    Ok(())
}
