//! An event that a check could not publish stays pending, and the next check publishes it.

use engine::StepError;

use super::script::{Script, request};

const VERSIONS: [&str; 2] = ["1.0.0", "1.1.0"];

#[tokio::test]
async fn next_check_publishes_the_pending_event_once() {
    let script = Script::default();
    script.check(["1.0.0"]).await;
    script.published();
    script.set_bus_down(true);
    let failed = script.run(&request(), VERSIONS).await;
    assert!(matches!(failed, Err(StepError::Bus(_))), "{failed:?}");

    script.set_bus_down(false);
    let second = script.check(VERSIONS).await;
    assert_eq!((second.pending_events_published, second.unchanged), (1, 1));
    let announced = script.announced();
    let [announcement] = announced.as_slice() else {
        panic!("it is announced once: {announced:?}");
    };
    assert_eq!(announcement.generation, 2);
    assert_eq!(announcement.changes.added, ["1.1.0"]);

    let next = script.check(VERSIONS).await;
    assert_eq!(
        (next.pending_events_published, script.announced()),
        (0, Vec::new())
    );
}
