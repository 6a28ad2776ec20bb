//! The whole system in one process: the four steps over an SQLite file and an in-process bus.

mod error;
mod reader;

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use domain::history::Evaluation;
use domain::ids::PackageKey;
use domain::push::PackagePush;
use domain::time::Span;
use domain::trigger::{NativeTriggers, WatchList};
use engine::check::CheckReport;
use engine::evaluate::EvaluateSettings;
use engine::messages::Message;
use engine::ports::{Clock, FeedError, OctopusError, OctopusErrorKind, OctopusReader, Routes};
use engine::receive::PushOutcome;
use engine::schedule::{RunScope, ScheduleSettings};
use engine::steps::{Handled, Settings, Steps, in_batch_order};
use engine::{StepError, with_causes};
use feeds::Limits;
use host::SystemClock;
use http_client::AllowedNetworks;
use local::{InProcessBus, RunLock, SqliteTable};
use octopus::{FixedKey, OctopusClient};
use operator::ports::Progress;
use secrecy::SecretString;
use store::Store;

use reader::Server;

pub use error::MachineError;
pub use reader::Reader;
pub use registry_logins::Logins;

/// The settings of a machine.
#[derive(Debug)]
pub struct MachineOptions {
    /// The URL of the Octopus Server.
    pub octopus_url: String,
    /// The API key.
    pub api_key: SecretString,
    /// The spaces, by name or id; `*` for all.
    pub spaces: Vec<String>,
    /// Which native triggers are run.
    pub native: NativeTriggers,
    /// The SQLite file; created if it does not exist.
    pub state: PathBuf,
    /// Decide and record, but create nothing.
    pub observe: bool,
    /// Private networks that may be reached.
    pub allowed_networks: AllowedNetworks,
    /// How much a feed may give.
    pub limits: Limits,
    /// The registry logins of this machine.
    pub logins: Logins,
    /// How often a feed is checked.
    pub check_every: Span,
    /// How often the triggers are read.
    pub refresh_every: Span,
}

/// How long a scheduler run reads the triggers; messages wait for it. The next run continues.
const REFRESH_TIME: Duration = Duration::from_secs(20);
/// The same for a run of everything, for which a user waits: a thousand projects are read in three minutes.
const FIRST_REFRESH_TIME: Duration = Duration::from_secs(600);

/// The system on one machine. Only one process at a time can run one on a file.
pub struct Machine {
    store: Store<SqliteTable>,
    bus: InProcessBus,
    octopus: Server,
    reader: Reader,
    clock: SystemClock,
    settings: Settings,
    _lock: RunLock,
}

/// The result of a scheduler run and of its messages.
#[derive(Debug, Default)]
pub struct RunReport {
    /// The triggers and feeds that were looked at.
    pub list: Arc<WatchList>,
    /// Why the triggers could not be read; the last list was used.
    pub stale: Option<String>,
    /// How many packages were read, changed or not.
    pub checked: usize,
    /// The evaluations, in order.
    pub evaluations: Vec<Evaluation>,
    /// Packages that could not be read.
    pub unread: Vec<(PackageKey, FeedError)>,
    /// Failures of steps, which a later run repeats.
    pub broken: Vec<String>,
    /// Every message that was handled, in order.
    pub messages: Vec<Message>,
}

impl Machine {
    /// Wires a machine together.
    ///
    /// # Errors
    /// When the address or the file cannot be used, another process runs on the file, the file belongs
    /// to another server, or Octopus knows no such space. That Octopus cannot be reached is none.
    pub async fn open(options: MachineOptions) -> Result<Self, MachineError> {
        let lock = RunLock::acquire(&options.state)?;
        let table = SqliteTable::open(&options.state)?;
        local::claim_for(&table, &options.octopus_url).await?;
        let key = FixedKey::new(options.api_key);
        let octopus = Rc::new(OctopusClient::connect(&options.octopus_url, key)?);
        check_spaces(&octopus, &options.spaces).await?;
        Ok(Self {
            store: Store::new(table),
            bus: InProcessBus::default(),
            reader: Reader::new(
                Rc::clone(&octopus),
                options.allowed_networks,
                options.limits,
                options.logins,
            )?,
            octopus,
            clock: SystemClock,
            settings: Settings {
                schedule: ScheduleSettings {
                    spaces: options.spaces,
                    native: options.native,
                    check_every: options.check_every,
                    refresh_every: options.refresh_every,
                },
                evaluate: EvaluateSettings::for_process(
                    std::process::id(),
                    SystemClock.now(),
                    options.native,
                    options.observe,
                ),
                ..Settings::default()
            },
            _lock: lock,
        })
    }

    /// One scheduler run, and all messages that follow from it.
    ///
    /// # Errors
    /// When the run cannot be planned: Octopus was never reached, or the file fails. Failures after
    /// that are in the report.
    pub async fn run(
        &self,
        scope: RunScope,
        progress: &dyn Progress,
    ) -> Result<RunReport, StepError> {
        let deadline = tokio::time::sleep(match scope {
            RunScope::Due => REFRESH_TIME,
            RunScope::Everything => FIRST_REFRESH_TIME,
        });
        let planned = self.steps().schedule(scope, deadline).await?;
        // All at once, so that helpers run in parallel and every budget is stored with the same access.
        self.reader.prepare(&planned.list.feeds).await;
        let mut report = RunReport {
            stale: planned.stale.as_ref().map(|error| with_causes(error)),
            broken: planned
                .unsent
                .iter()
                .map(|error| with_causes(error))
                .collect(),
            list: planned.list,
            ..RunReport::default()
        };
        self.drain(&mut report, progress).await;
        Ok(report)
    }

    /// Requests the checks of an announced push; the next run carries them out.
    ///
    /// # Errors
    /// When the store or the bus fails.
    pub async fn receive(&self, push: &PackagePush) -> Result<PushOutcome, StepError> {
        self.steps().receive_package(push).await
    }

    /// Whether the snapshots of all packages that a push concerns list it.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn lists(&self, push: &PackagePush) -> Result<bool, StepError> {
        self.steps().is_listed(push).await
    }

    /// Delivers messages that were delivered before, and everything that follows from them.
    pub async fn deliver_again(&self, messages: Vec<Message>) -> RunReport {
        let mut report = RunReport::default();
        self.handle(messages, &mut report, &()).await;
        self.drain(&mut report, &()).await;
        report
    }

    /// The store, for views.
    pub fn store(&self) -> &Store<SqliteTable> {
        &self.store
    }

    async fn drain(&self, report: &mut RunReport, progress: &dyn Progress) {
        loop {
            let mut messages = Vec::new();
            while let Some(message) = self.bus.pop() {
                messages.push(message);
            }
            if messages.is_empty() {
                return;
            }
            self.handle(messages, report, progress).await;
        }
    }

    /// Handles messages in their batch order. Each is a step of the progress.
    async fn handle(
        &self,
        messages: Vec<Message>,
        report: &mut RunReport,
        progress: &dyn Progress,
    ) {
        progress.ahead(messages.len());
        let steps = self.steps();
        let batch: Vec<_> = messages.iter().collect();
        let outcomes = in_batch_order(
            batch,
            |message| &message.event,
            async |message| {
                let handled = steps.handle(message).await;
                progress.step();
                handled
            },
        );
        for outcome in outcomes.await {
            match outcome {
                Ok(Handled::Checked(check)) => report.take(check),
                Ok(Handled::Evaluated(evaluations)) => report.evaluations.extend(evaluations),
                Ok(Handled::Notification) => {}
                Err(error) => report.broken.push(with_causes(&error)),
            }
        }
        report.messages.extend(messages);
    }

    fn steps(
        &self,
    ) -> Steps<'_, Store<SqliteTable>, OctopusClient<FixedKey>, Reader, InProcessBus, SystemClock>
    {
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

/// Reports a misspelt space at once. Other failures may be temporary, and the scheduler run reports them.
async fn check_spaces(
    octopus: &OctopusClient<FixedKey>,
    spaces: &[String],
) -> Result<(), OctopusError> {
    match octopus.spaces(spaces).await {
        Err(error) if error.kind == OctopusErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

impl RunReport {
    fn take(&mut self, check: CheckReport) {
        self.checked += check.unchanged + check.changed.len() + check.suspected.len();
        self.unread.extend(check.failed);
    }
}
