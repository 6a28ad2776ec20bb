//! A list that has lost most of what was there: a mistake of whoever published it, until it is seen again.

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
    assert_doubted(&script).await;
    script
}

/// Reads the list without most of its versions, which is not believed.
async fn assert_doubted(script: &Script) {
    let report = script.check(HALF).await;
    assert_eq!(report.suspected, [package_of("Feeds-1")]);
    assert_eq!((report.changed, report.unchanged), (Vec::new(), 0));
    assert_eq!(script.published(), []);
    assert_eq!(script.snapshot().await.len(), WHOLE.len());
}

#[tokio::test]
async fn it_is_believed_when_it_comes_twice() {
    let script = lost().await;
    let report = script.check(HALF).await;
    assert_eq!((report.suspected, report.changed.len()), (Vec::new(), 1));
    assert_eq!(script.announced()[0].changes.removed, WHOLE[2..]);
    assert_eq!(script.snapshot().await.len(), HALF.len());
}

/// Another half is another mistake.
#[tokio::test]
async fn it_is_not_believed_for_another_that_was_doubted() {
    let script = lost().await;
    let report = script.check(["1.8.0", "1.9.0"]).await;
    assert_eq!(report.suspected, [package_of("Feeds-1")]);
    assert_eq!(script.snapshot().await.len(), WHOLE.len());
}

#[tokio::test]
async fn it_is_forgotten_when_the_list_comes_back_whole() {
    for whole in [
        Answer::tagged(&WHOLE, "whole"),
        Answer::tagged(&WHOLE, "another"),
        Answer::unchanged(),
    ] {
        let script = lost().await;
        let report = script.check(whole).await;
        assert_eq!((report.unchanged, report.suspected), (1, Vec::new()));
        assert_doubted(&script).await;
    }
}
