//! The dispatcher: which step handles which message, in which order a batch is handled, and what a host
//! without a step answers. The steps themselves are tested in `tests/flow`, over real protocols.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use domain::cause::{CheckCause, EvaluationCause};
use domain::feed::{Access, Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId, TriggerId};
use domain::snapshot::Listed;
use domain::time::Timestamp;
use engine::StepError;
use engine::messages::{EvaluationRequest, Event, FeedCheck, Message, Origin, StalledTrigger};
use engine::ports::{Bus, BusError, Clock, FeedAnswer, FeedReader, ReadRequest, Reading, Routes};
use engine::steps::{Absent, Handled, MESSAGES_AT_ONCE, Settings, Steps, in_batch_order};
use futures_util::FutureExt;
use store::Store;
use store::memory::MemoryTable;

struct FixedClock;

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_780_000_000_000)
    }
}

#[derive(Default)]
struct Published(RefCell<Vec<&'static str>>);

impl Bus for Published {
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError> {
        let types = messages.iter().map(|message| message.event.detail_type());
        self.0.borrow_mut().extend(types);
        Ok(())
    }
}

/// A feed in which each package has version 1.0.0.
#[derive(Default)]
struct OneVersion {
    access: Access,
}

impl FeedReader for OneVersion {
    async fn read(&self, _: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let listing = || {
            let version = Listed {
                version: "1.0.0".to_owned(),
                digest: None,
                published: None,
            };
            Ok(Reading::Listing {
                versions: vec![version],
                validators: None,
            })
        };
        FeedAnswer {
            readings: requests.iter().map(|_| listing()).collect(),
            requests: requests.len(),
            quota: None,
            allowance: None,
        }
    }
}

impl Routes for OneVersion {
    fn access(&self) -> Access {
        self.access.clone()
    }
}

fn message(event: Event) -> Message {
    Message::new(&Origin::new(&["test"]), event, &[], Timestamp::default())
}

fn check() -> Message {
    message(Event::FeedCheckRequested(FeedCheck {
        feed: Feed {
            id: FeedId::new("Feeds-1"),
            space: SpaceId::new("Spaces-1"),
            name: "Images".to_owned(),
            kind: FeedKind::Docker,
            uri: Some("https://registry.example".to_owned()),
            registry_path: None,
            region: None,
            account: None,
            has_credentials: false,
        },
        packages: vec![PackageId::new("web")],
        retrying: Vec::new(),
        details: BTreeMap::new(),
        feed_retrying: false,
        cause: CheckCause::Schedule,
        superseded_at: None,
    }))
}

fn evaluation() -> Message {
    message(Event::TriggerEvaluationRequested(EvaluationRequest {
        space: SpaceId::new("Spaces-1"),
        trigger: TriggerId::new("ProjectTriggers-1"),
        cause: EvaluationCause::Hourly,
        retrying: false,
        change: None,
    }))
}

fn stalled() -> Message {
    message(Event::TriggerStalled(StalledTrigger {
        trigger: TriggerId::new("ProjectTriggers-1"),
        trigger_name: "New images".to_owned(),
        space: SpaceId::new("Spaces-1"),
        project_name: "Shop".to_owned(),
        watched_since: Timestamp::default(),
        last_success: None,
        failing_since: None,
        reason: None,
    }))
}

#[test]
fn handle_passes_a_check_to_the_check_step() {
    let (store, bus) = (Store::new(MemoryTable::default()), Published::default());
    let steps = Steps {
        store: &store,
        octopus: &Absent,
        reader: &OneVersion::default(),
        bus: &bus,
        clock: &FixedClock,
        settings: &Settings::default(),
    };
    let handled = steps.handle(&check()).now_or_never().unwrap().unwrap();
    let Handled::Checked(report) = handled else {
        panic!("{handled:?}");
    };
    assert_eq!((report.versions, report.failed.len()), (1, 0));
    assert_eq!(report.changed.len(), bus.0.borrow().len());
}

#[test]
fn handle_returns_an_error_for_an_absent_step() {
    let (store, bus) = (Store::new(MemoryTable::default()), Published::default());
    let steps = Steps {
        store: &store,
        octopus: &Absent,
        reader: &Absent,
        bus: &bus,
        clock: &FixedClock,
        settings: &Settings::default(),
    };
    for message in [check(), evaluation()] {
        let handled = steps.handle(&message).now_or_never().unwrap();
        let expected = message.event.detail_type();
        let Err(StepError::NoSuchStep(detail_type)) = handled else {
            panic!("{handled:?}");
        };
        assert_eq!(detail_type, expected);
    }
}

#[test]
fn handle_accepts_notifications_without_effect() {
    let (store, bus) = (Store::new(MemoryTable::default()), Published::default());
    let steps = Steps {
        store: &store,
        octopus: &Absent,
        reader: &Absent,
        bus: &bus,
        clock: &FixedClock,
        settings: &Settings::default(),
    };
    let handled = steps.handle(&stalled()).now_or_never().unwrap().unwrap();
    assert!(matches!(handled, Handled::Notification), "{handled:?}");
    assert!(bus.0.borrow().is_empty());
}

/// Waits for a few polls, so that others can begin meanwhile.
async fn some_polls() {
    let left = Cell::new(3);
    poll_fn(|context| {
        left.set(left.get() - 1);
        context.waker().wake_by_ref();
        match left.get() {
            0 => Poll::Ready(()),
            _ => Poll::Pending,
        }
    })
    .await;
}

/// The most messages of a batch that were handled at the same time, and the order of the outcomes.
fn most_at_once(batch: Vec<Message>) -> (usize, Vec<&'static str>) {
    let (now, most) = (Cell::new(0), Cell::new(0));
    let handle = async |message: Message| {
        now.set(now.get() + 1);
        most.set(most.get().max(now.get()));
        some_polls().await;
        now.set(now.get() - 1);
        message.event.detail_type()
    };
    let mut batch = pin!(in_batch_order(batch, |message| &message.event, handle));
    loop {
        if let Some(outcomes) = batch.as_mut().now_or_never() {
            return (most.get(), outcomes);
        }
    }
}

#[test]
fn in_batch_order_runs_checks_in_parallel() {
    let (most, outcomes) = most_at_once((0..25).map(|_| check()).collect());
    assert_eq!((most, outcomes.len()), (MESSAGES_AT_ONCE, 25));
}

#[test]
fn in_batch_order_runs_evaluations_one_after_another() {
    let (most, _) = most_at_once((0..5).map(|_| evaluation()).collect());
    assert_eq!(most, 1);
}

#[test]
fn in_batch_order_handles_checks_before_evaluations() {
    let (_, outcomes) = most_at_once(vec![evaluation(), check(), stalled(), check()]);
    let expected = [
        "FeedCheckRequested",
        "FeedCheckRequested",
        "TriggerEvaluationRequested",
        "TriggerStalled",
    ];
    assert_eq!(outcomes, expected);
}

#[test]
fn default_settings_create_no_release() {
    let settings = Settings::default();
    assert!(settings.evaluate.observe);
    assert!(settings.schedule.spaces.is_empty());
}
