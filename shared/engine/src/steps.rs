//! The message dispatcher: the one place that knows which step carries out which message, and in which order a
//! batch is handled. Every host calls it: the functions in AWS, `feedctl` on one
//! machine, and the tests.
//!
//! A host that lacks a port uses [`Absent`] for it. The messages that need the port are then an error, and the
//! host's program does not contain the step.

use std::future::Future;

use domain::history::Evaluation;
use domain::ledger::{Claimant, Owner};
use domain::push::{PackagePush, PushEvent};
use domain::time::Span;
use domain::trigger::NativeTriggers;
use futures_util::{StreamExt, stream};

use crate::StepError;
use crate::check::{Check, CheckReport};
use crate::evaluate::{Evaluate, EvaluateSettings, INVOCATION_LEASE};
use crate::messages::{Event, FeedCheck, Message, Origin};
use crate::ports::{
    Budgets, Bus, Clock, DocumentCache, FeedReader, History, Ledger, OctopusReader, Pauses,
    ReleaseCreator, Routes, SchedulerRuns, SnapshotReader, Snapshots, TriggerFiles, WatchLists,
};
use crate::receive::{Confirmation, PushOutcome, Receive};
use crate::schedule::{RunScope, Schedule, ScheduleReport, ScheduleSettings};

/// Checks and pushes that a host handles at the same time: a whole batch of a queue.
pub const MESSAGES_AT_ONCE: usize = 10;

/// The steps of a host, over its ports.
pub struct Steps<'a, S, O, R, B, C> {
    /// The store.
    pub store: &'a S,
    /// Octopus.
    pub octopus: &'a O,
    /// Reads feeds.
    pub reader: &'a R,
    /// The bus.
    pub bus: &'a B,
    /// The clock.
    pub clock: &'a C,
    /// The settings.
    pub settings: &'a Settings,
}

/// The settings of all steps. The default watches no space and creates no release: a host sets what its steps
/// need.
#[derive(Clone, Debug)]
pub struct Settings {
    /// For scheduler runs.
    pub schedule: ScheduleSettings,
    /// For evaluations.
    pub evaluate: EvaluateSettings,
    /// The AWS account of this program. An ECR feed without an account of its own belongs to it.
    pub own_account: String,
}

/// A port that the host does not have.
#[derive(Clone, Copy, Debug, Default)]
pub struct Absent;

/// The outcome of a message.
#[derive(Debug)]
pub enum Handled {
    /// A feed was checked.
    Checked(CheckReport),
    /// Triggers were evaluated, none or more.
    Evaluated(Vec<Evaluation>),
    /// The message is a notification for subscribers, and no step handles it.
    Notification,
}

/// Carries out checks. An implementation detail of [`Steps::handle`].
pub trait Checks {
    /// Carries out one check.
    async fn check(&self, request: &FeedCheck, origin: &Origin) -> Result<CheckReport, StepError>;
}

/// Carries out evaluations. An implementation detail of [`Steps::handle`].
pub trait Evaluates {
    /// Carries out the evaluations that a message requests.
    async fn evaluate(&self, message: &Message) -> Result<Vec<Evaluation>, StepError>;
}

impl<S, O, R, B, C> Steps<'_, S, O, R, B, C>
where
    Self: Checks + Evaluates,
{
    /// Handles a message. The step is on the heap, because the steps have the largest futures of a host.
    ///
    /// # Errors
    /// When the store or the bus fails, or the host lacks the step. The message can be handled again.
    pub async fn handle(&self, message: &Message) -> Result<Handled, StepError> {
        match &message.event {
            Event::FeedCheckRequested(request) => {
                let origin = message.origin();
                let report = Box::pin(self.check(request, &origin)).await?;
                Ok(Handled::Checked(report))
            }
            Event::PackageVersionsChanged(_) | Event::TriggerEvaluationRequested(_) => {
                let evaluations = Box::pin(self.evaluate(message)).await?;
                Ok(Handled::Evaluated(evaluations))
            }
            Event::ReleaseCreated(_)
            | Event::ReleaseSkipped(_)
            | Event::FeedCheckFailed(_)
            | Event::TriggerStalled(_) => Ok(Handled::Notification),
        }
    }
}

impl<S, O, R, B, C> Steps<'_, S, O, R, B, C>
where
    S: WatchLists + TriggerFiles + SchedulerRuns + Budgets + History,
    O: OctopusReader,
    B: Bus,
    C: Clock,
{
    /// Carries out one scheduler run, with a refresh of the watch list until the `deadline`.
    ///
    /// # Errors
    /// As [`Schedule::run`].
    pub async fn schedule(
        &self,
        scope: RunScope,
        deadline: impl Future<Output = ()>,
    ) -> Result<ScheduleReport, StepError> {
        let step = Schedule {
            store: self.store,
            octopus: self.octopus,
            bus: self.bus,
            clock: self.clock,
            settings: &self.settings.schedule,
        };
        Box::pin(step.run(scope, deadline)).await
    }
}

impl<S, O, R, B, C> Steps<'_, S, O, R, B, C>
where
    S: WatchLists + Pauses,
    B: Bus,
    C: Clock,
{
    /// Requests checks of the packages that an announced push concerns.
    ///
    /// # Errors
    /// As [`Receive::package`].
    pub async fn receive_package(&self, push: &PackagePush) -> Result<PushOutcome, StepError> {
        self.pushes().package(push).await
    }

    fn pushes(&self) -> Receive<'_, S, B, C> {
        Receive {
            store: self.store,
            bus: self.bus,
            clock: self.clock,
            own_account: &self.settings.own_account,
        }
    }
}

impl<S, O, R, B, C> Steps<'_, S, O, R, B, C>
where
    S: WatchLists + Pauses + SnapshotReader,
    B: Bus,
    C: Clock,
{
    /// Handles an event of the push queue, which was handled `earlier` times before. ECR reports a push after it lists the
    /// image, so its pushes are handled once.
    ///
    /// # Errors
    /// When the store or the bus fails.
    pub async fn receive(
        &self,
        event: &PushEvent,
        event_id: &str,
        earlier: usize,
    ) -> Result<Confirmation, StepError> {
        let step = self.pushes();
        match event {
            PushEvent::Ecr(push) => Ok(Confirmation::Handled {
                outcome: step.ecr(push, event_id).await?,
                again_after: None,
            }),
            PushEvent::Package(push) => step.confirm(push, earlier).await,
            PushEvent::Scan(scanned) => step.scan(scanned, event_id, earlier).await,
        }
    }

    /// Whether the snapshots of all packages that a push concerns list it.
    ///
    /// # Errors
    /// As [`Receive::is_listed`].
    pub async fn is_listed(&self, push: &PackagePush) -> Result<bool, StepError> {
        self.pushes().is_listed(push).await
    }
}

impl<S, O, R, B, C> Checks for Steps<'_, S, O, R, B, C>
where
    S: Snapshots + Budgets + Pauses + WatchLists + History,
    R: FeedReader + Routes,
    B: Bus,
    C: Clock,
{
    async fn check(&self, request: &FeedCheck, origin: &Origin) -> Result<CheckReport, StepError> {
        let step = Check {
            store: self.store,
            reader: self.reader,
            bus: self.bus,
            clock: self.clock,
        };
        step.run(request, origin).await
    }
}

impl<S, O, B, C> Checks for Steps<'_, S, O, Absent, B, C> {
    async fn check(&self, _: &FeedCheck, _: &Origin) -> Result<CheckReport, StepError> {
        Err(StepError::NoSuchStep("FeedCheckRequested"))
    }
}

impl<S, O, R, B, C> Evaluates for Steps<'_, S, O, R, B, C>
where
    S: WatchLists + TriggerFiles + SnapshotReader + DocumentCache + Ledger + History + Pauses,
    O: OctopusReader + ReleaseCreator,
    B: Bus,
    C: Clock,
{
    async fn evaluate(&self, message: &Message) -> Result<Vec<Evaluation>, StepError> {
        let step = Evaluate {
            store: self.store,
            octopus: self.octopus,
            bus: self.bus,
            clock: self.clock,
            settings: &self.settings.evaluate,
        };
        match &message.event {
            Event::PackageVersionsChanged(announcement) => {
                step.changed(announcement, message).await
            }
            Event::TriggerEvaluationRequested(request) => {
                let evaluation = step.requested(request, message).await?;
                Ok(evaluation.into_iter().collect())
            }
            other => Err(StepError::NoSuchStep(other.detail_type())),
        }
    }
}

impl<S, R, B, C> Evaluates for Steps<'_, S, Absent, R, B, C> {
    async fn evaluate(&self, message: &Message) -> Result<Vec<Evaluation>, StepError> {
        Err(StepError::NoSuchStep(message.event.detail_type()))
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            schedule: ScheduleSettings {
                spaces: Vec::new(),
                native: NativeTriggers::None,
                check_every: Span::from_minutes(1),
                refresh_every: Span::from_minutes(5),
            },
            evaluate: EvaluateSettings {
                observe: true,
                native: NativeTriggers::None,
                claimant: Claimant {
                    owner: Owner(String::new()),
                    is_alone: false,
                },
                lease: INVOCATION_LEASE,
            },
            own_account: String::new(),
        }
    }
}

/// Handles a batch: up to [`MESSAGES_AT_ONCE`] checks at the same time, then the other messages one after
/// another, because two evaluations of one channel would only wait for each other's channel lock. The
/// outcomes of checks come first, in any order; the others follow in the order of the batch.
pub async fn in_batch_order<T, F>(
    batch: Vec<T>,
    event: impl Fn(&T) -> &Event,
    handle: impl Fn(T) -> F,
) -> Vec<F::Output>
where
    F: Future,
{
    let (checks, others): (Vec<_>, Vec<_>) = batch
        .into_iter()
        .partition(|one| matches!(event(one), Event::FeedCheckRequested(_)));
    let mut outcomes = at_once(checks, &handle).await;
    for one in others {
        outcomes.push(handle(one).await);
    }
    outcomes
}

/// Handles a batch of pushes, or of other items that do not wait for each other: up to
/// [`MESSAGES_AT_ONCE`] at the same time. The outcomes are in any order.
pub async fn at_once<T, F: Future>(batch: Vec<T>, handle: impl Fn(T) -> F) -> Vec<F::Output> {
    let outcomes = stream::iter(batch).map(handle);
    outcomes.buffer_unordered(MESSAGES_AT_ONCE).collect().await
}
