//! The triggers of Octopus and of the file: their runners and last results.

use domain::coded::CodedText;
use domain::definition::{Definition, SourceDefinition};
use domain::due::BackOff;
use domain::history::{Evaluation, LastRelease, Outcome};
use domain::ids::{PackageKey, ProjectId, SpaceId, TriggerId};
use domain::options::{Options, VersionPolicy};
use domain::problem::Problem;
use domain::reason_code::ReasonCode;
use domain::time::Timestamp;
use domain::trigger::{NativeTriggers, Runner, Source, Trigger, TriggerOrigin};

use super::failed_packages::FailedPackage;
use super::names::{OctopusNames, ProjectNames};
use super::{Current, Look, Memory};
use engine::StepError;
use engine::messages::StalledTrigger;
use engine::ports::{
    Catalogue, Clock, LastReleases, NativeTrigger, OctopusReader, PauseKey, Restraints,
};
use engine::schedule::stalled;

/// One trigger and its status.
#[derive(Clone, Debug)]
pub struct TriggerState {
    /// Its id.
    pub id: TriggerId,
    /// Its name.
    pub name: String,
    /// Its space's id; the name in the file if the trigger is disabled there.
    pub space: SpaceId,
    /// Its space's name.
    pub space_name: String,
    /// Its project's id; `None` if it was not resolved.
    pub project_id: Option<ProjectId>,
    /// Its project's name; the id if the name is unknown.
    pub project: String,
    /// Its channel's name; the id if the name is unknown, empty for the default channel.
    pub channel: String,
    /// Where it is defined.
    pub origin: TriggerOrigin,
    /// Who runs it.
    pub runner: Runner,
    /// It is in the watch list that is used here.
    pub is_listed: bool,
    /// Its sources.
    pub sources: Vec<SourceState>,
    /// Its options.
    pub options: Options,
    /// Why it cannot run.
    pub problem: Option<Problem>,
    /// Why the last refresh could not read it; it runs as it was read before.
    pub stale: Option<Problem>,
    /// The watched packages whose last checks failed.
    pub failed_packages: Vec<FailedPackage>,
    /// It has had no successful evaluation, or a package that could not be read, for too long.
    pub is_stalled: bool,
    /// It is paused, because its evaluation failed.
    pub pause: Option<BackOff>,
    /// The last evaluation.
    pub last: Option<Evaluation>,
    /// The last release that it created or found.
    pub last_release: Option<LastRelease>,
}

impl TriggerState {
    /// Why it creates no release until something is corrected: a user, a feed or Octopus must act. `None`: it works,
    /// waits for a version or a time, or is not run here.
    pub fn error(&self) -> Option<CodedText> {
        if !matches!(self.runner, Runner::ThisProgram | Runner::Both) {
            return None;
        }
        let unresolved = || {
            let mut sources = self.sources.iter();
            sources.find_map(|source| {
                let why = source.problem.clone()?;
                let message = format!("the source {}: {why}", source.name);
                let problem = why.with_message(message).text("source", &source.name);
                Some(CodedText::from(problem))
            })
        };
        let failed = || self.failed_packages.first().map(FailedPackage::coded);
        let last = || {
            let last = self.last.as_ref().filter(|last| last.is_error())?;
            let message = match last.outcome {
                Outcome::Failed => format!("its last evaluation failed: {}", last.reason),
                outcome => format!("{outcome}: {}", last.reason),
            };
            Some(CodedText::new(last.details.clone(), message))
        };
        let problem = self.problem.clone().map(CodedText::from);
        problem.or_else(unresolved).or_else(failed).or_else(last)
    }
}

impl TriggerState {
    /// Whether its only error is that the servers of its feeds limit the rate of requests.
    pub fn is_throttled_only(&self) -> bool {
        let is_read_error = |last: &Evaluation| {
            let code = last.details.code;
            matches!(code, ReasonCode::CheckFailed | ReasonCode::CannotRead)
        };
        let mut failed = self.failed_packages.iter();
        self.problem.is_none()
            && self.sources.iter().all(|source| source.problem.is_none())
            && !self.failed_packages.is_empty()
            && failed.all(|one| one.failure.throttled)
            && self
                .last
                .as_ref()
                .is_none_or(|last| !last.is_error() || is_read_error(last))
    }
}

/// One source of a trigger.
#[derive(Clone, Debug)]
pub struct SourceState {
    /// The package reference, as in the trigger.
    pub name: String,
    /// The package, if it is known.
    pub package: Option<PackageKey>,
    /// The name of the package's feed; `None` if unknown.
    pub feed_name: Option<String>,
    /// Why the package is unknown.
    pub problem: Option<Problem>,
    /// Which of its versions count.
    pub policy: VersionPolicy,
}

impl<S: Memory, O: OctopusReader + Catalogue, C: Clock> Look<'_, S, O, C> {
    /// All triggers: Octopus's, then the file's, disabled ones last.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn triggers(&self, current: &Current) -> Result<Vec<TriggerState>, StepError> {
        let names = self.names(current).await?;
        self.states(current, names).await
    }

    /// All triggers, with those read from Octopus.
    pub(super) async fn states(
        &self,
        current: &Current,
        names: OctopusNames,
    ) -> Result<Vec<TriggerState>, StepError> {
        let list = &current.fresh.list;
        let now = self.clock.now();
        let mut listing = Listing {
            native: self.settings.native,
            current,
            names: names.names,
            latest: Vec::new(),
            stalled: Vec::new(),
            releases: LastReleases::default(),
            restraints: Restraints::default(),
            now,
        };
        if let Some(store) = self.store {
            listing.latest = store.latest().await?;
            listing.releases = store.last_releases().await?;
            listing.restraints = store.restraints().await?;
            listing.stalled = stalled(store, list, &listing.restraints, now).await?;
        }
        // For spaces whose triggers were not read from Octopus, the watch list has those that are run here.
        let is_read = |trigger: &Trigger| names.natives.contains_key(&trigger.space);
        let is_rest = |one: &&Trigger| one.origin == TriggerOrigin::File || !is_read(one);
        let natives = names.natives.iter();
        let natives = natives.flat_map(|(space, own)| own.iter().map(move |one| (space, one)));
        let of_octopus = natives.map(|(space, native)| listing.native(space, native.clone()));
        let rest = list.triggers.iter().filter(is_rest);
        let rest = rest.map(|trigger| listing.ours(trigger, Runner::ThisProgram));
        let off = current.definitions.triggers.iter();
        let off = off.filter(|one| one.is_disabled).map(disabled);
        Ok(of_octopus.chain(rest).chain(off).collect())
    }
}

/// The stored state of the triggers.
struct Listing<'a> {
    native: NativeTriggers,
    current: &'a Current,
    names: ProjectNames,
    latest: Vec<Evaluation>,
    stalled: Vec<StalledTrigger>,
    releases: LastReleases,
    restraints: Restraints,
    now: Timestamp,
}

impl Listing<'_> {
    /// One of Octopus's own triggers.
    fn native(&self, space: &SpaceId, native: NativeTrigger) -> TriggerState {
        let runner = self.native.runner(native.is_disabled, &native.description);
        if let Some(trigger) = self.current.fresh.list.trigger(space, &native.id) {
            return self.ours(trigger, runner);
        }
        let unread = |reference: String| SourceState {
            name: reference,
            package: None,
            feed_name: None,
            problem: None,
            policy: VersionPolicy::default(),
        };
        let sources = native.sources.iter().map(ToString::to_string);
        self.with_last(TriggerState {
            project: self.names.project(space, &native.project),
            project_id: Some(native.project),
            channel: native
                .channel
                .as_ref()
                .map_or_else(String::new, |id| self.names.channel(space, id)),
            sources: sources.map(unread).collect(),
            ..bare(
                native.id,
                native.name,
                space.clone(),
                TriggerOrigin::Octopus,
                runner,
            )
        })
    }

    /// A trigger that is run here.
    fn ours(&self, trigger: &Trigger, runner: Runner) -> TriggerState {
        let mut stalled = self.stalled.iter();
        let (id, name) = (trigger.id.clone(), trigger.name.clone());
        self.with_last(TriggerState {
            project: trigger.project_name.clone(),
            project_id: Some(trigger.project.clone()),
            is_listed: true,
            channel: self.names.channel(&trigger.space, &trigger.channel),
            sources: trigger.sources.iter().map(|one| self.source(one)).collect(),
            options: trigger.options.clone(),
            problem: trigger.problem.clone(),
            stale: trigger.stale.clone(),
            failed_packages: FailedPackage::among(
                trigger.packages(),
                &self.current.fresh.list,
                &self.restraints,
            ),
            is_stalled: stalled.any(|one| (&one.space, &one.trigger) == trigger.key()),
            ..bare(id, name, trigger.space.clone(), trigger.origin, runner)
        })
    }

    fn source(&self, source: &Source) -> SourceState {
        let resolved = source.resolution.as_ref();
        let package = resolved.ok().map(|resolved| resolved.package.clone());
        let list = &self.current.fresh.list;
        let feed = package
            .as_ref()
            .and_then(|key| list.feed(&key.space, &key.feed));
        SourceState {
            name: source.reference.to_string(),
            feed_name: feed.map(|feed| feed.name.clone()),
            package,
            problem: resolved.err().cloned(),
            policy: source.policy.clone(),
        }
    }

    fn with_last(&self, state: TriggerState) -> TriggerState {
        let (space, id) = (&state.space, &state.id);
        let mut latest = self.latest.iter();
        let last = latest.find(|one| one.space == *space && one.trigger == *id);
        let key = (space.clone(), id.clone());
        let pause = PauseKey::Trigger(space.clone(), id.clone());
        let pause = self.restraints.pauses.get(&pause);
        TriggerState {
            space_name: self.current.space_name(space),
            pause: pause.filter(|pause| !pause.is_over(self.now)).cloned(),
            last: last.cloned(),
            last_release: self.releases.get(&key).cloned(),
            ..state
        }
    }
}

/// A trigger without stored state.
fn bare(
    id: TriggerId,
    name: String,
    space: SpaceId,
    origin: TriggerOrigin,
    runner: Runner,
) -> TriggerState {
    TriggerState {
        id,
        name,
        space_name: space.to_string(),
        space,
        project_id: None,
        project: String::new(),
        channel: String::new(),
        origin,
        runner,
        is_listed: false,
        sources: Vec::new(),
        options: Options::default(),
        problem: None,
        stale: None,
        failed_packages: Vec::new(),
        is_stalled: false,
        pause: None,
        last: None,
        last_release: None,
    }
}

/// A trigger that is disabled in the file.
fn disabled(definition: &Definition) -> TriggerState {
    let source = |source: &SourceDefinition| SourceState {
        name: source.to_string(),
        package: None,
        feed_name: None,
        problem: None,
        policy: source.policy.clone(),
    };
    let space = SpaceId::new(definition.space.as_deref().unwrap_or_default());
    let (id, name) = (definition.id(), definition.name.clone());
    TriggerState {
        project: definition.project.clone(),
        channel: definition.channel.clone().unwrap_or_default(),
        sources: definition.sources.iter().map(source).collect(),
        options: definition.options.clone(),
        ..bare(id, name, space, TriggerOrigin::File, Runner::Disabled)
    }
}
