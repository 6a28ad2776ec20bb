//! The cost of an unchanged list.

use domain::trigger::PackageDetails;

use super::answer::Answer;
use super::script::Script;

const VERSIONS: [&str; 3] = ["1.0.0", "1.1.0", "1.2.0"];

#[tokio::test]
async fn same_list_in_any_order_writes_nothing() {
    let script = Script::default();
    let first = script.check(VERSIONS).await;
    assert_eq!((first.changed.len(), first.versions), (1, 3));
    assert_eq!(script.announced().len(), 1);
    script.writes();
    for order in [
        VERSIONS,
        ["1.2.0", "1.1.0", "1.0.0"],
        ["1.1.0", "1.2.0", "1.0.0"],
    ] {
        let report = script.check(order).await;
        assert_eq!((report.unchanged, report.versions), (1, 3), "{order:?}");
        assert_eq!(script.writes(), 0, "{order:?}");
    }
    let report = script.check(Answer::unchanged()).await;
    assert_eq!((report.unchanged, report.versions), (1, 0));
    assert_eq!(script.writes(), 0);
    assert_eq!(script.published(), []);
}

#[tokio::test]
async fn new_validators_are_stored_once() {
    let script = Script::default();
    script.check(Answer::tagged(&VERSIONS, "one")).await;
    let known = |script: &Script| script.asked().validators.unwrap().etag;
    script.writes();
    for writes in [1, 0] {
        let report = script.check(Answer::tagged(&VERSIONS, "two")).await;
        assert_eq!((report.unchanged, script.writes()), (1, writes));
    }
    assert_eq!(known(&script).as_deref(), Some("two"));
}

/// Some feeds list digests, and some begin to do so.
#[tokio::test]
async fn digest_without_a_follower_is_stored_and_not_announced() {
    let script = Script::default();
    script.check(VERSIONS).await;
    script.published();
    let listed = ["1.0.0@sha256:a", "1.1.0", "1.2.0"];
    let report = script.check_for(&PackageDetails::default(), listed).await;
    assert_eq!(report.changed, []);
    assert_eq!(script.published(), []);
    let snapshot = script.snapshot().await;
    let digest = snapshot.get("1.0.0").unwrap().digest.as_deref();
    assert_eq!(digest, Some("sha256:a"));
}
