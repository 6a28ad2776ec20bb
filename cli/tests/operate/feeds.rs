//! `feedctl feeds`.

use registry_server::{Fault, FaultKind};
use serde_json::{Value, json};

use crate::world::{World, low_quota};

const WORLD: &str = r##"
spaces:
  - name: Default
    feeds:
      - { name: Images, type: Docker, uri: "REGISTRY" }
      - { name: Same host, type: OciRegistry, uri: "REGISTRY" }
    projects:
      - name: Web Shop
        channels:
          - name: Stable
            rules: [{ range: "[1.0,2.0)", packages: [{ action: Deploy web }] }]
        steps:
          - { name: Deploy, actions: [{ name: Deploy web, packages: [{ package_id: acme/web, feed: Images }] }] }
          - { name: Also, actions: [{ name: Deploy cart, packages: [{ package_id: acme/cart, feed: Same host }] }] }
        triggers:
          - name: Watch
            description: "#feed-triggers"
            is_disabled: true
            packages: [{ action_slug: deploy-web }, { action_slug: deploy-cart }]
"##;

/// The requests to the registry since the last call.
fn requests(world: &World) -> usize {
    let requests = world.registry.requests().len();
    world.registry.clear_requests();
    requests
}

#[tokio::test]
async fn feeds_check_reports_the_selected_versions_and_stores_nothing() {
    let world = World::of(WORLD).await;
    let found = world.json(0, &["feeds", "check", "images"]).await;
    assert_eq!(found["Route"], "direct");
    assert_eq!(found["RouteReason"], "it needs no credential");
    assert_eq!(found["Credential"], "none");
    assert_eq!(found["Requests"], json!(requests(&world)));
    assert_eq!(found["Quota"], Value::Null);
    let package = json!({
        "Package": "acme/web", "Versions": 4, "Published": 0, "LastPublished": null, "Error": null,
        "ErrorKind": null
    });
    assert_eq!(found["Packages"], json!([package]));
    let trigger = &found["Triggers"][0];
    assert_eq!(trigger["TriggerName"], "Watch");
    assert_eq!(trigger["Source"], "deploy-web");
    assert_eq!(trigger["Rule"], "version range [1.0,2.0)");
    assert_eq!(trigger["Newest"], "1.1.0");
    assert_eq!(trigger["Published"], Value::Null);
    assert_eq!(trigger["Problem"], Value::Null);
    assert_eq!(found["Triggers"].as_array().unwrap().len(), 1);
    assert!(!world.folder.path().join("feed-triggers.sqlite").exists());

    let shown = world
        .feedctl(&["feeds", "check", "Images", "acme/web"])
        .await;
    let shown = String::from_utf8(shown.stdout).unwrap();
    for text in [
        "Route: direct: it needs no credential",
        "1.1.0",
        "first check",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
    let lines = world
        .feedctl(&["feeds", "check", "Images", "-f", "basic"])
        .await;
    let lines = String::from_utf8(lines.stdout).unwrap();
    assert_eq!(lines, "acme/web\t4 versions\nWatch\tdeploy-web\t1.1.0\n");
}

/// A registry that reports the push times of tags and a quota.
#[tokio::test]
async fn feeds_check_reports_publishing_times_and_the_quota() {
    let google = WORLD.replace(
        "name: Images, type: Docker",
        "name: Images, type: GoogleContainerRegistry",
    );
    let world = World::of(&google).await;
    let manifests: serde_json::Map<_, _> = [("1.0.0", "1767225660000"), ("1.1.0", "1767225720000")]
        .into_iter()
        .map(|(tag, uploaded)| {
            let digest = format!("sha256:{:064}", tag.replace('.', ""));
            (digest, json!({ "tag": [tag], "timeUploadedMs": uploaded }))
        })
        .collect();
    let list = json!({ "name": "acme/web", "tags": ["1.0.0", "1.1.0", "1.2.0-rc.1"], "manifest": manifests });
    let headers = [
        ("RateLimit-Limit", "100;w=21600"),
        ("RateLimit-Remaining", "20;w=21600"),
    ];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let answer = FaultKind::Status(200, headers.into(), list.to_string());
    world.registry.fault(Fault::always(answer));

    let found = world.json(0, &["feeds", "check", "Images"]).await;
    let package = &found["Packages"][0];
    assert_eq!(
        (&package["Versions"], &package["Published"]),
        (&json!(3), &json!(2))
    );
    assert_eq!(package["LastPublished"], "2026-01-01T00:02:00Z");
    assert_eq!(found["Triggers"][0]["Newest"], "1.2.0-rc.1");
    assert_eq!(found["Triggers"][0]["Published"], Value::Null);
    let quota = &found["Quota"];
    assert_eq!(
        (&quota["Limit"], &quota["Remaining"]),
        (&json!(100), &json!(20))
    );
    assert!(
        quota["ResetsAt"].as_str().unwrap().starts_with("20"),
        "{quota}"
    );

    let shown = world.prints(0, &["feeds", "check", "Images"]).await;
    for text in [
        "2 of 3; latest 2026-01-01T00:02:00Z",
        "20 of 100 requests left until 20",
    ] {
        assert!(shown.contains(text), "{text} in {shown}");
    }
}

#[tokio::test]
async fn feeds_check_failure_names_the_package_or_the_feed() {
    let world = World::of(WORLD).await;
    let found = world
        .json(3, &["feeds", "check", "Images", "acme/none"])
        .await;
    assert_eq!(found["Packages"][0]["ErrorKind"], "notFound");
    assert_eq!(found["Triggers"], json!([]));

    for (arguments, text) in [
        (["feeds", "check", "Nothing"].as_slice(), "the feeds are: "),
        (
            &["feeds", "check", "Octopus Server Releases (built-in)"],
            "name a package",
        ),
    ] {
        let output = world.feedctl(arguments).await;
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains(text), "{stderr}");
    }
}

#[tokio::test]
async fn feeds_list_shows_a_longer_interval_for_a_low_quota() {
    let world = World::of(WORLD).await;
    world.json(0, &["run", "--once"]).await;
    let usual = world.json(0, &["feeds", "list"]).await;
    assert_eq!(usual[0]["StretchedToSeconds"], Value::Null);

    let low = low_quota(r#"["1.0.0","1.1.0","2.0.0","latest"]"#);
    world.registry.fault(Fault::always(low));
    world.json(0, &["run", "--once"]).await;
    let list = world.json(0, &["feeds", "list"]).await;
    let stretched = list[0]["StretchedToSeconds"].as_u64().unwrap();
    assert!((300..=3_600).contains(&stretched), "{list}");
}

#[tokio::test]
async fn feeds_check_respects_throttling() {
    let world = World::of(WORLD).await;
    let before = world.json(0, &["feeds", "list"]).await;
    assert_eq!(before.as_array().unwrap().len(), 2);
    assert_eq!(before[0]["State"], "NotWatched");
    world.json(0, &["run", "--once"]).await;
    let ok = world.json(0, &["feeds", "list"]).await;
    assert_eq!(ok[0]["State"], "Read");
    for time in ["CheckedAt", "ChangedAt"] {
        let at = ok[0][time].as_str().unwrap();
        assert!(at.starts_with("20"), "{at}");
    }

    let pause = FaultKind::TooManyRequests(Some(600));
    world.registry.fault(Fault::new("", 1, pause));
    world.json(3, &["feeds", "check", "Images"]).await;
    requests(&world);
    let list = world.json(0, &["feeds", "list"]).await;
    for feed in list.as_array().unwrap() {
        assert_eq!(feed["State"], "Throttled");
        let until = feed["ThrottledUntil"].as_str().unwrap();
        assert!(until.starts_with("20"), "{until}");
        assert!(feed["Error"].as_str().unwrap().contains("429"), "{feed}");
    }
    for feed in ["Images", "Same host"] {
        let refused = world.feedctl(&["feeds", "check", feed]).await;
        let stderr = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1), "{stderr}");
        assert!(stderr.contains("throttled until 20"), "{stderr}");
    }
    world.json(0, &["run", "--once"]).await;
    assert_eq!(requests(&world), 0);
}

#[tokio::test]
async fn feeds_list_all_lists_each_feed_once() {
    let world = World::of(WORLD).await;
    let all = world.json(0, &["feeds", "list", "--all"]).await;
    let names: Vec<_> = all
        .as_array()
        .unwrap()
        .iter()
        .map(|feed| feed["Name"].as_str().unwrap())
        .collect();
    let mut once = names.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), names.len(), "{names:?}");
    assert!(names.contains(&"Images") && names.len() > 2, "{names:?}");
}
