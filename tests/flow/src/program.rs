//! One process of the program: the steps and their ports, as on one machine.

use std::rc::Rc;

use domain::feed::Access;
use domain::history::Evaluation;
use domain::ledger::Claimant;
use domain::push::PushEvent;
use domain::time::Span;
use domain::trigger::NativeTriggers;
use engine::StepError;
use engine::evaluate::{EvaluateSettings, INVOCATION_LEASE};
use engine::messages::Message;
use engine::receive::Confirmation;
use engine::routed::Routed;
use engine::schedule::{RunScope, ScheduleReport, ScheduleSettings};
use engine::steps::{Handled, Settings as StepSettings, Steps};
use feeds::{DirectFeeds, Limits, NoCredentials, OutboundClient};
use octopus::{FixedKey, OctopusClient};
use store::Store;

use crate::bus::FusedBus;
use crate::clock::TestClock;
use crate::ecr::{ACCOUNT, Ecr, EcrAndRegistries};
use crate::fused::{FusedOctopus, FusedTable};

/// The settings of the process.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    /// Shared by all processes, because loading certificates is slow.
    pub(crate) http: OutboundClient,
    pub(crate) server: String,
    pub(crate) ecr: Ecr,
    pub(crate) api_key: String,
    pub(crate) spaces: Vec<String>,
    pub(crate) observe: bool,
    pub(crate) native: NativeTriggers,
    pub(crate) check_every: Span,
    pub(crate) claimant: Claimant,
    /// Whether the client spaces its requests by the runtime's time, which a test pauses.
    pub(crate) is_rate_limited: bool,
}

type Reader = Routed<EcrAndRegistries, Rc<OctopusClient<FixedKey>>>;

/// One process of the program.
pub struct Program {
    store: Store<FusedTable, TestClock>,
    octopus: FusedOctopus,
    reader: Reader,
    bus: FusedBus,
    clock: TestClock,
    settings: StepSettings,
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
        // The world's time is simulated, and rate limiters measure real time.
        let client = match settings.is_rate_limited {
            true => Rc::new(client),
            false => Rc::new(client.without_rate_limiter()),
        };
        let unlimited_rate = Limits {
            per_second: None,
            ..Limits::default()
        };
        Self {
            octopus: FusedOctopus {
                client: Rc::clone(&client),
                fuse: bus.fuse.clone(),
            },
            reader: Routed {
                direct: EcrAndRegistries {
                    ecr: settings.ecr.clone(),
                    registries: DirectFeeds::new(http, NoCredentials, unlimited_rate),
                },
                octopus: client,
                access: Access {
                    aws_account: Some(ACCOUNT.to_owned()),
                    ..Access::default()
                },
            },
            store: Store::with_clock(table, clock.clone()),
            bus,
            clock,
            settings: StepSettings {
                schedule: ScheduleSettings {
                    spaces: settings.spaces.clone(),
                    native: settings.native,
                    check_every: settings.check_every,
                    refresh_every: Span::from_minutes(5),
                },
                evaluate: EvaluateSettings {
                    observe: settings.observe,
                    native: settings.native,
                    claimant: settings.claimant.clone(),
                    lease: INVOCATION_LEASE,
                },
                own_account: ACCOUNT.to_owned(),
            },
        }
    }

    /// The store.
    pub fn store(&self) -> &Store<FusedTable, TestClock> {
        &self.store
    }

    pub(crate) async fn schedule(
        &self,
        run: RunScope,
        deadline: impl Future<Output = ()>,
    ) -> Result<ScheduleReport, StepError> {
        self.steps().schedule(run, deadline).await
    }

    /// Handles an event of the push queue, which was handled `earlier` times before.
    pub async fn receive(
        &self,
        event: &PushEvent,
        earlier: usize,
    ) -> Result<Confirmation, StepError> {
        self.steps().receive(event, "event-1", earlier).await
    }

    /// Handles a message. Returns the evaluations that it led to.
    pub async fn handle(&self, message: &Message) -> Result<Vec<Evaluation>, StepError> {
        match self.steps().handle(message).await? {
            Handled::Evaluated(evaluations) => Ok(evaluations),
            Handled::Checked(_) | Handled::Notification => Ok(Vec::new()),
        }
    }

    fn steps(
        &self,
    ) -> Steps<'_, Store<FusedTable, TestClock>, FusedOctopus, Reader, FusedBus, TestClock> {
        Steps {
            store: &self.store,
            octopus: &self.octopus,
            reader: &self.reader,
            bus: &self.bus,
            clock: &self.clock,
            settings: &self.settings,
        }
    }
}
