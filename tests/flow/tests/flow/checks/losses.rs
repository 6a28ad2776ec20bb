//! A list that lost most of its versions is suspected until a second check confirms it.

use super::answer::Answer;
use super::script::{Script, package_of};

const WHOLE: [&str; 10] = [
    "1.0.0", "1.1.0", "1.2.0", "1.3.0", "1.4.0", "1.5.0", "1.6.0", "1.7.0", "1.8.0", "1.9.0",
];

const HALF: [&str; 2] = ["1.0.0", "1.1.0"];

/// A feed whose list was whole once and has lost most of it now.
async fn lost() -> Script {
    let script = Script::default();
    script.check(Answer::tagged(&WHOLE, "whole")).await;
    script.published();
    assert_suspected(&script).await;
    script
}

/// Reads the list without most of its versions, which the shrink guard suspects.
async fn assert_suspected(script: &Script) {
    let report = script.check(HALF).await;
    assert_eq!(report.suspected, [package_of("Feeds-1")]);
    assert_eq!((report.changed, report.unchanged), (Vec::new(), 0));
    assert_eq!(script.published(), []);
    assert_eq!(script.snapshot().await.len(), WHOLE.len());
}

#[tokio::test]
async fn shrunken_list_seen_twice_is_confirmed() {
    let script = lost().await;
    let report = script.check(HALF).await;
    assert_eq!((report.suspected, report.changed.len()), (Vec::new(), 1));
    assert_eq!(script.announced()[0].changes.removed, WHOLE[2..]);
    assert_eq!(script.snapshot().await.len(), HALF.len());
}

/// A list that lost other versions is suspected on its own.
#[tokio::test]
async fn shrunken_list_does_not_confirm_a_different_one() {
    let script = lost().await;
    let report = script.check(["1.8.0", "1.9.0"]).await;
    assert_eq!(report.suspected, [package_of("Feeds-1")]);
    assert_eq!(script.snapshot().await.len(), WHOLE.len());
}

#[tokio::test]
async fn complete_list_clears_the_suspicion() {
    for whole in [
        Answer::tagged(&WHOLE, "whole"),
        Answer::tagged(&WHOLE, "another"),
        Answer::unchanged(),
    ] {
        let script = lost().await;
        let report = script.check(whole).await;
        assert_eq!((report.unchanged, report.suspected), (1, Vec::new()));
        assert_suspected(&script).await;
    }
}
