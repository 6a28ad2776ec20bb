//! Digests for a platform: known ones are not requested again, new ones are announced.

use domain::trigger::PackageDetails;

use super::script::Script;

fn of(platform: &str) -> PackageDetails {
    PackageDetails {
        platform: Some(platform.to_owned()),
        ..PackageDetails::default()
    }
}

/// The versions whose digests the request contained as known.
fn known(script: &Script) -> Vec<String> {
    script.asked().known_digests.into_keys().collect()
}

#[tokio::test]
async fn same_list_without_known_digests_writes_nothing() {
    let (script, details) = (Script::default(), of("linux/amd64"));
    let listed = ["1.0.0@sha256:a", "1.1.0@sha256:b"];
    script.check_for(&details, listed).await;
    script.published();
    script.writes();
    for listed in [["1.0.0", "1.1.0"], ["1.1.0", "1.0.0@sha256:a"]] {
        let report = script.check_for(&details, listed).await;
        assert_eq!((report.unchanged, script.writes()), (1, 0), "{listed:?}");
    }
    assert_eq!(known(&script), ["1.0.0", "1.1.0"]);
    assert_eq!(script.published(), []);
}

#[tokio::test]
async fn new_digest_alone_is_announced() {
    let (script, details) = (Script::default(), of("linux/amd64"));
    script
        .check_for(&details, ["1.0.0@sha256:a", "1.1.0"])
        .await;
    script.published();
    let listed = ["1.0.0", "1.1.0@sha256:b", "1.2.0@sha256:c"];
    script.check_for(&details, listed).await;
    let changes = script.announced().remove(0).changes;
    assert_eq!(changes.added, ["1.2.0"]);
    assert_eq!(changes.digest_changed, ["1.1.0"]);
}

#[tokio::test]
async fn digests_of_another_platform_are_requested_again() {
    let script = Script::default();
    let listed = ["1.0.0@sha256:a", "1.1.0@sha256:b"];
    script.check_for(&of("linux/amd64"), listed).await;
    let arm = of("linux/arm64");
    script.check_for(&arm, ["1.0.0@sha256:c", "1.1.0"]).await;
    assert_eq!(known(&script), Vec::<String>::new());
    let snapshot = script.snapshot().await;
    let digest = |version| snapshot.get(version).unwrap().digest.as_deref();
    assert_eq!(digest("1.0.0"), Some("sha256:c"));
    assert_eq!(digest("1.1.0"), None, "it has no image for the platform");

    script.check_for(&arm, ["1.0.0", "1.1.0"]).await;
    assert_eq!(known(&script), ["1.0.0"]);
}
