//! One life of the program: the four steps with what they need, put together as on one machine.

use std::rc::Rc;

use domain::feed::Access;
use domain::history::Evaluation;
use domain::ledger::Owner;
use domain::push::{EcrPush, Ignored};
use domain::time::Span;
use domain::trigger::NativeTriggers;
use engine::StepError;
use engine::check::Check;
use engine::evaluate::{Evaluate, EvaluateSettings};
use engine::messages::{Event, Message};
use engine::receive::Receive;
use engine::routed::Routed;
use engine::schedule::{RunScope, Schedule, ScheduleReport, ScheduleSettings};
use feeds::{DirectFeeds, Limits, NoCredentials, OutboundClient};
use octopus::{FixedKey, OctopusClient};
use store::Store;

use crate::bus::FusedBus;
use crate::clock::TestClock;
use crate::fused::{FusedOctopus, FusedTable};
use crate::world::LEASE;

/// How it is run.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Outlives the program, because making one takes long: it loads certificates.
    pub(crate) http: OutboundClient,
    pub(crate) server: String,
    pub(crate) api_key: String,
    pub(crate) spaces: Vec<String>,
    pub(crate) observe: bool,
    pub(crate) native: NativeTriggers,
    pub(crate) check_every: Span,
}

/// One life of the program.
pub struct Program {
    store: Store<FusedTable, TestClock>,
    octopus: FusedOctopus,
    reader: Routed<DirectFeeds, Rc<OctopusClient<FixedKey>>>,
    bus: FusedBus,
    clock: TestClock,
    schedule: ScheduleSettings,
    evaluate: EvaluateSettings,
}

impl Program {
    pub(crate) fn new(
        settings: &Settings,
        table: FusedTable,
        bus: FusedBus,
        clock: TestClock,
    ) -> Self {
        let key = FixedKey::new(settings.api_key.as_str());
        let http = settings.http.clone();
        let client = OctopusClient::new(http.http().clone(), &settings.server, key).unwrap();
        // The world's time is simulated.
        let client = Rc::new(client.without_rate_limiter());
        Self {
            octopus: FusedOctopus {
                client: Rc::clone(&client),
                fuse: bus.fuse.clone(),
            },
            reader: Routed {
                direct: DirectFeeds::new(http, NoCredentials, Limits::default()),
                octopus: client,
                access: Access::default(),
            },
            store: Store::with_clock(table, clock.clone()),
            bus,
            clock,
            schedule: ScheduleSettings {
                spaces: settings.spaces.clone(),
                native: settings.native,
                check_every: settings.check_every,
                refresh_every: Span::from_minutes(5),
            },
            evaluate: EvaluateSettings {
                observe: settings.observe,
                native: settings.native,
                owner: Owner("a test".to_owned()),
                lease: LEASE,
            },
        }
    }

    /// What it remembers.
    pub fn store(&self) -> &Store<FusedTable, TestClock> {
        &self.store
    }

    pub(crate) async fn schedule(&self, round: RunScope) -> Result<ScheduleReport, StepError> {
        let step = Schedule {
            store: &self.store,
            octopus: &self.octopus,
            bus: &self.bus,
            clock: &self.clock,
            settings: &self.schedule,
        };
        step.run(round).await
    }

    /// Handles a push to the registry of an AWS account.
    pub async fn receive(&self, push: &EcrPush) -> Result<Result<usize, Ignored>, StepError> {
        let step = Receive {
            store: &self.store,
            bus: &self.bus,
            clock: &self.clock,
            own_account: "111111111111",
        };
        step.run(push, "event-1").await
    }

    /// Hands a message to the step that it is for. Gives the evaluations that it led to.
    pub async fn handle(&self, message: &Message) -> Result<Vec<Evaluation>, StepError> {
        let origin = message.origin();
        let check = Check {
            store: &self.store,
            reader: &self.reader,
            bus: &self.bus,
            clock: &self.clock,
        };
        let evaluate = Evaluate {
            store: &self.store,
            octopus: &self.octopus,
            bus: &self.bus,
            clock: &self.clock,
            settings: &self.evaluate,
        };
        match &message.event {
            Event::FeedCheckRequested(request) => {
                check.run(request, &origin).await.map(|_| Vec::new())
            }
            Event::PackageVersionsChanged(announcement) => {
                evaluate.changed(announcement, &origin).await
            }
            Event::TriggerEvaluationRequested(request) => {
                let evaluation = evaluate.requested(request, &origin).await?;
                Ok(evaluation.into_iter().collect())
            }
            Event::ReleaseCreated(_)
            | Event::ReleaseSkipped(_)
            | Event::FeedCheckFailed(_)
            | Event::TriggerStalled(_) => Ok(Vec::new()),
        }
    }
}
