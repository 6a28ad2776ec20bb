//! What a function does with its batch: what the handlers of the shipped functions do.

use domain::ledger::Owner;
use domain::time::Span;
use engine::check::Check;
use engine::evaluate::{Evaluate, EvaluateSettings};
use engine::messages::Event;
use engine::receive::Receive;
use engine::schedule::{RunScope, Schedule, ScheduleSettings};
use engine::{StepError, with_causes};
use futures_util::future::join_all;
use store::Store;
use wire::EventBridgeEvent;

use super::Function;
use crate::faults::Fault;
use crate::hands::Hands;
use crate::registry::{ACCOUNT, SPACE};
use crate::sqs::Waiting;

/// How long a claim holds: as the release creator has it.
const LEASE: Span = Span::from_seconds(330);

impl Hands {
    pub(super) async fn schedule(&self) -> Result<(), String> {
        let settings = ScheduleSettings {
            spaces: vec![SPACE.to_owned()],
            native: self.world.native(),
            check_every: if self.has(Fault::IntervalInHours) {
                Span::from_minutes(60 * self.world.check_every.get().as_millis() / 60_000)
            } else {
                self.world.check_every.get()
            },
            refresh_every: if self.has(Fault::WatchListNeverRead) {
                Span::from_days(30)
            } else {
                Span::from_minutes(5)
            },
        };
        let store = Store::with_clock(self.clone(), self.clone());
        let step = Schedule {
            store: &store,
            octopus: self,
            bus: self,
            clock: self,
            settings: &settings,
        };
        match step.run(RunScope::Due).await {
            Ok(report) => {
                self.world.judge_list(&report.list);
                Ok(())
            }
            Err(error) => Err(with_causes(&error)),
        }
    }

    /// Handles a batch. Gives the messages that failed.
    pub(super) async fn handle(&self, batch: Vec<Waiting>) -> Vec<u64> {
        let failed = if self.life.function == Function::Creator {
            // One after another, as the release creator does.
            let mut failed = Vec::new();
            for message in batch {
                failed.push(self.record(message).await);
            }
            failed
        } else {
            join_all(batch.into_iter().map(|message| self.record(message))).await
        };
        failed.into_iter().flatten().collect()
    }

    async fn record(&self, message: Waiting) -> Option<u64> {
        let Ok(event) = EventBridgeEvent::parse(&message.body) else {
            self.world
                .violated(|| "a message cannot be read".to_owned());
            return Some(message.id);
        };
        match self.step(event).await {
            Ok(()) => None,
            Err(error) => {
                self.world
                    .tell(|| format!("{}: fails: {}", self.name(), with_causes(&error)));
                Some(message.id)
            }
        }
    }

    async fn step(&self, event: EventBridgeEvent) -> Result<(), StepError> {
        let store = Store::with_clock(self.clone(), self.clone());
        if self.life.function == Function::Receiver {
            let step = Receive {
                store: &store,
                bus: self,
                clock: self,
                own_account: ACCOUNT,
            };
            let id = event.id.clone();
            let Ok(push) = event.ecr_push() else {
                return Ok(());
            };
            return step.run(&push, &id).await.map(drop);
        }
        let Ok(message) = event.message() else {
            self.world
                .violated(|| "a message cannot be read".to_owned());
            return Ok(());
        };
        let origin = message.origin();
        let check = Check {
            store: &store,
            reader: self,
            bus: self,
            clock: self,
        };
        let settings = EvaluateSettings {
            observe: false,
            native: self.world.native(),
            owner: Owner(self.name().to_owned()),
            lease: if self.has(Fault::LeaseInMilliseconds) {
                Span::from_millis(LEASE.as_millis() / 1_000)
            } else {
                LEASE
            },
        };
        let evaluate = Evaluate {
            store: &store,
            octopus: self,
            bus: self,
            clock: self,
            settings: &settings,
        };
        match &message.event {
            Event::FeedCheckRequested(request) => {
                check.run(request, &origin).await?;
            }
            Event::PackageVersionsChanged(announcement) => {
                for evaluation in evaluate.changed(announcement, &origin).await? {
                    self.tell_outcome(&evaluation);
                }
            }
            Event::TriggerEvaluationRequested(request) => {
                if let Some(evaluation) = evaluate.requested(request, &origin).await? {
                    self.tell_outcome(&evaluation);
                }
            }
            Event::ReleaseCreated(_)
            | Event::ReleaseSkipped(_)
            | Event::FeedCheckFailed(_)
            | Event::TriggerStalled(_) => {}
        }
        Ok(())
    }

    fn tell_outcome(&self, evaluation: &domain::history::Evaluation) {
        self.world.tell(|| {
            format!(
                "{}: {} ({}) is {}: {}",
                self.name(),
                evaluation.trigger_name,
                evaluation.cause,
                evaluation.outcome,
                evaluation.reason
            )
        });
    }
}
