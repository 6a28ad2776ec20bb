//! The triggers: what Octopus and the file have, who runs each, and how it went last.

use domain::definition::{Definition, SourceDefinition};
use domain::due::BackOff;
use domain::history::{Evaluation, LastRelease};
use domain::ids::{PackageKey, ProjectId, SpaceId, TriggerId};
use domain::options::{Options, VersionPolicy};
use domain::time::Timestamp;
use domain::trigger::{NativeTriggers, Runner, Source, Trigger, TriggerOrigin};

use super::names::{Names, OctopusNames};
use super::{Current, Look, Memory};
use engine::StepError;
use engine::messages::StalledTrigger;
use engine::ports::{
    Catalogue, Clock, LastReleases, NativeTrigger, OctopusReader, PauseKey, Restraints,
};
use engine::schedule::stalled;

/// One trigger, and how it stands.
#[derive(Clone, Debug)]
pub struct TriggerState {
    /// Its id.
    pub id: TriggerId,
    /// Its name.
    pub name: String,
    /// Its space's id; as the file calls it, where it is switched off there.
    pub space: SpaceId,
    /// Its space's name.
    pub space_name: String,
    /// Its project's id; absent where it was not looked up.
    pub project_id: Option<ProjectId>,
    /// Its project's name; the id where it was not read.
    pub project: String,
    /// Its channel's name; the id where it was not read, empty for the default one.
    pub channel: String,
    /// Where it is defined.
    pub origin: TriggerOrigin,
    /// Who runs it.
    pub runner: Runner,
    /// It stands in the list that is gone by here.
    pub is_listed: bool,
    /// What it watches.
    pub sources: Vec<SourceState>,
    /// Its options.
    pub options: Options,
    /// What stands in its way.
    pub problem: Option<String>,
    /// It was not evaluated with success for too long.
    pub is_stalled: bool,
    /// It is left alone for now, because its evaluation failed.
    pub pause: Option<BackOff>,
    /// The last evaluation.
    pub last: Option<Evaluation>,
    /// The last release that it made, or found made.
    pub last_release: Option<LastRelease>,
}

/// One source of a trigger.
#[derive(Clone, Debug)]
pub struct SourceState {
    /// The package reference, as the trigger calls it.
    pub name: String,
    /// The package, if it is known.
    pub package: Option<PackageKey>,
    /// What people call the package's feed; nothing where that is not known.
    pub feed_name: Option<String>,
    /// Why it stands for none.
    pub problem: Option<String>,
    /// Which of its versions count.
    pub selection: VersionPolicy,
}

impl<S: Memory, O: OctopusReader + Catalogue, C: Clock> Look<'_, S, O, C> {
    /// All triggers: Octopus's, then the file's, those that are switched off last.
    ///
    /// # Errors
    /// When the store or Octopus fails.
    pub async fn triggers(&self, current: &Current) -> Result<Vec<TriggerState>, StepError> {
        let names = self.names(current).await?;
        self.states(current, names).await
    }

    /// All triggers, by what Octopus told of its own.
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
            listing.stalled = stalled(store, list, now).await?;
            listing.releases = store.last_releases().await?;
            listing.restraints = store.restraints().await?;
        }
        // Where Octopus did not tell of its own triggers, the list does of those that are run here.
        let told_of = match names.natives {
            Some(_) => current.fresh.spaces.as_slice(),
            None => &[],
        };
        let is_told = |trigger: &Trigger| told_of.iter().any(|space| space.id == trigger.space);
        let is_rest = |one: &&Trigger| one.origin == TriggerOrigin::File || !is_told(one);
        let natives = names.natives.into_iter().flatten();
        let of_octopus = natives.map(|(space, native)| listing.native(&space, native));
        let rest = list.triggers.iter().filter(is_rest);
        let rest = rest.map(|trigger| listing.ours(trigger, Runner::ThisProgram));
        let off = current.definitions.triggers.iter();
        let off = off.filter(|one| one.is_disabled).map(switched_off);
        Ok(of_octopus.chain(rest).chain(off).collect())
    }
}

/// What is known besides the triggers themselves.
struct Listing<'a> {
    native: NativeTriggers,
    current: &'a Current,
    names: Names,
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
            selection: VersionPolicy::default(),
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
            selection: source.selection.clone(),
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

/// A trigger of which nothing is known but what it is.
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
        is_stalled: false,
        pause: None,
        last: None,
        last_release: None,
    }
}

/// A trigger of the file that is switched off there.
fn switched_off(definition: &Definition) -> TriggerState {
    let source = |said: &SourceDefinition| SourceState {
        name: said.to_string(),
        package: None,
        feed_name: None,
        problem: None,
        selection: said.selection.clone(),
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
