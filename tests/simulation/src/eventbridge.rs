//! The bus: `PutEvents`, which may accept only some entries, and the delivery to the queues: at least once, in any order,
//! sometimes late, and to the dead-letter queue when the event is too old.

use std::rc::Rc;

use domain::cause::CheckCause;
use domain::time::Span;
use engine::messages::{Event, Message};
use engine::ports::{Bus, BusError, SchedulerRun};
use serde_json::{Value, json};
use store::Key;
use wire::Outgoing;

use crate::effects::Call;
use crate::fault_injection::{Disturbance, Service, millis};
use crate::faults::Fault;
use crate::function::Function;
use crate::invocation::Invocation;
use crate::ports::mistakes::without_pending_event;
use crate::registry::{ACCOUNT, REGION};
use crate::world::World;

/// The most entries in a request.
const ENTRIES: usize = 10;

/// Attempts to send rejected entries, as in the adapter.
const ATTEMPTS: u32 = 5;

/// The pause before the second attempt, in milliseconds; it doubles.
const FIRST_PAUSE: u64 = 100;

/// The pause between two deliveries to a queue that cannot be reached.
const REDELIVERY: Span = Span::from_seconds(60);

impl Bus for Invocation {
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError> {
        self.asks(Call::Publish);
        self.mistake_before(messages).await;
        let mut left: Vec<&Message> = messages.iter().collect();
        for attempt in 0..ATTEMPTS {
            if left.is_empty() {
                return Ok(());
            }
            if attempt > 0 {
                let pause = FIRST_PAUSE << (attempt - 1);
                self.wait(pause, pause).await;
            }
            let mut refused = Vec::new();
            for batch in left.chunks(ENTRIES) {
                match self.put_events(batch).await {
                    Ok(left) => refused.extend(left),
                    Err(()) if self.has(Fault::FailedPutEventsIgnored) => {}
                    Err(()) => return Err(error(messages.len(), "did not answer")),
                }
            }
            if self.has(Fault::PartialPutEventsIgnored) {
                return Ok(());
            }
            left = refused;
        }
        if left.is_empty() {
            return Ok(());
        }
        Err(error(messages.len(), "left entries"))
    }
}

fn error(total: usize, reason: &str) -> BusError {
    BusError {
        failed: total,
        unencodable: 0,
        total,
        reason: reason.to_owned(),
        source: None,
    }
}

impl Invocation {
    /// One request. Returns the rejected messages.
    async fn put_events<'a>(&self, batch: &[&'a Message]) -> Result<Vec<&'a Message>, ()> {
        self.wait(5, 60).await;
        let world = &self.world;
        let now = world.time.now();
        let occurs = |trouble| world.fault_injection.occurs(trouble, now);
        if occurs(Disturbance::PutEventsFails) || world.fails_bus_once(self.state.function) {
            world.log(|| format!("{}: PutEvents fails", self.name()));
            return Err(());
        }
        let (taken, left): (Vec<_>, Vec<_>) = batch
            .iter()
            .partition(|_| !occurs(Disturbance::EntriesLeft));
        let kinds = || taken.iter().map(|one: &&Message| one.event.detail_type());
        let name = || format!("publish {}", kinds().collect::<Vec<_>>().join(", "));
        self.act(name, || {
            for message in &taken {
                world.accept(self.name(), message);
            }
        })
        .await;
        if !left.is_empty() {
            world.log(|| format!("{}: {} entries are rejected", self.name(), left.len()));
        }
        self.wait(5, 60).await;
        if occurs(Disturbance::PutEventsAnswerLost) {
            return Err(());
        }
        Ok(left)
    }

    /// The effects of planted faults that precede publication.
    async fn mistake_before(&self, messages: &[Message]) {
        let world = &self.world;
        if self.has(Fault::RunStoredFirst) && self.state.function == Function::Scheduler {
            let key = Key {
                partition: "scheduler".to_owned(),
                sort: "last-run".to_owned(),
            };
            let now = world.time.now();
            let run = SchedulerRun {
                at: now,
                list_read_at: None,
                list_confirmed_at: None,
                stalls_searched_at: None,
                counted: None,
            };
            let row = wire::rows::scheduler_run::encode(&run)
                .ok()
                .map(|body| store::Row {
                    key: key.clone(),
                    revision: now.as_millis().unsigned_abs(),
                    body,
                    expires: None,
                });
            world.rows.write(&key, row, now);
            self.wait(5, 60).await;
        }
        for message in messages {
            let Event::PackageVersionsChanged(announcement) = &message.event else {
                continue;
            };
            if self.has(Fault::PendingEventClearedFirst) {
                let head = world.head_key(&announcement.package);
                let stripped = world.rows.get(&head).map(without_pending_event);
                world.rows.write(&head, stripped, world.time.now());
                self.wait(5, 60).await;
            }
            if world.crashes_checker_once() {
                world.log(|| format!("{}: crashes before it announces", self.name()));
                self.die().await;
            }
        }
    }
}

impl World {
    /// The bus has accepted an entry.
    fn accept(self: &Rc<Self>, by: &str, message: &Message) {
        let Ok(outgoing) = wire::encode(message) else {
            self.violated(|| format!("a {} cannot be written", message.event.detail_type()));
            return;
        };
        self.log(|| format!("{by}: publishes {}", outgoing.detail_type));
        self.judge_message(message);
        let function = match outgoing.detail_type {
            "FeedCheckRequested" => match &message.event {
                Event::FeedCheckRequested(check) if check.cause == CheckCause::Push => {
                    Function::PushChecker
                }
                _ => Function::Checker,
            },
            "TriggerEvaluationRequested" if self.has(Fault::RuleWithoutEvaluations) => return,
            "PackageVersionsChanged" | "TriggerEvaluationRequested" => Function::Creator,
            _ => return,
        };
        self.deliver(function, &envelope(&message.id, &outgoing));
    }

    /// Delivers ECR's event of a push.
    pub(crate) fn announce_push(self: &Rc<Self>, repository: &str, tag: &str) {
        let is_lost = self
            .fault_injection
            .occurs(Disturbance::PushLost, self.time.now());
        if is_lost || self.loses_pushes.get() {
            self.log(|| format!("the event of the push of {repository} {tag} is lost"));
            return;
        }
        let event = json!({
            "version": "0",
            "id": format!("push-{repository}-{tag}"),
            "detail-type": "ECR Image Action",
            "source": "aws.ecr",
            "account": ACCOUNT,
            "region": REGION,
            "detail": {
                "result": "SUCCESS",
                "action-type": "PUSH",
                "repository-name": repository,
                "image-tag": tag,
            },
        });
        self.deliver(Function::Receiver, &event.to_string());
    }

    /// Delivers to a function's queue.
    pub(crate) fn deliver(self: &Rc<Self>, function: Function, body: &str) {
        let now = self.time.now();
        let occurs = |trouble| self.fault_injection.occurs(trouble, now);
        let copies = u64::from(occurs(Disturbance::DeliveredTwice)) + self.copies.get();
        for _ in 0..copies {
            let delay = if occurs(Disturbance::DeliveredLate) {
                self.chance.between(1_000, 900_000)
            } else {
                self.chance.between(10, self.spread.get())
            };
            self.under_way.set(self.under_way.get() + 1);
            let (world, body) = (Rc::clone(self), body.to_owned());
            self.time.spawn(async move {
                world.time.sleep(millis(delay)).await;
                world.bring(function, body).await;
                world.under_way.set(world.under_way.get() - 1);
            });
        }
    }

    /// Tries until the queue can be reached, or until the event is too old.
    async fn bring(self: &Rc<Self>, function: Function, body: String) {
        let sent = self.time.now();
        while self
            .fault_injection
            .is_down(Service::Delivery, self.time.now())
        {
            if self.time.now().since(sent) > function.oldest_event() {
                self.log(|| {
                    format!("an event for the {function:?} is too old and is dead-lettered")
                });
                self.queue(function).dead_letter(body);
                return;
            }
            self.time.sleep(REDELIVERY).await;
        }
        self.queue(function).push(body, self.time.now());
        self.dispatch(function);
    }
}

/// The event as EventBridge delivers it.
fn envelope(id: &str, outgoing: &Outgoing) -> String {
    let detail: Value = serde_json::from_str(&outgoing.detail).unwrap_or_default();
    let event = json!({
        "version": "0",
        "id": id,
        "detail-type": outgoing.detail_type,
        "source": outgoing.source,
        "account": ACCOUNT,
        "region": REGION,
        "detail": detail,
    });
    event.to_string()
}
