//! Octopus Server: projects, channels with rules, releases, triggers; and the ways in which it fails.
//!
//! A creation is one effect. Its answer may be lost, before or after the effect, and the effect may come a
//! while after the connection broke, but never later than [`LATEST`].

use std::cell::RefCell;
use std::rc::Rc;

use domain::feed::Feed;
use domain::ids::{ChannelId, ProjectId, ReleaseId, SpaceId, TriggerId};
use domain::plan::{Plan, PlanKey};
use domain::process::{Action, ChannelRule, ReleaseTemplate, TemplatePackage, Versioning};
use domain::rule::VersionRule;
use domain::time::{Span, Timestamp};
use domain::trigger::{MARK, NativeTriggers, SourceRef};
use engine::ports::{
    Channel, NativeTrigger, OctopusError, OctopusErrorKind, OctopusReader, Process, Project,
    Release, ReleaseCreator, Space,
};

use crate::chance::Chance;
use crate::effects::Call;
use crate::faults::Fault;
use crate::hands::Hands;
use crate::lambda::Function;
use crate::registry::{Permits, SPACE, text};
use crate::weather::{Place, Trouble, millis};
use crate::world::World;

/// The longest, in milliseconds, that Octopus works on a request whose connection broke. What is promised
/// rests on this being less than a claim outlives an invocation.
const LATEST: u64 = 20_000;

pub(crate) struct Octopus {
    pub(crate) projects: RefCell<Vec<ProjectState>>,
    pub(crate) triggers: RefCell<Vec<TriggerState>>,
}

pub(crate) struct ProjectState {
    pub(crate) id: ProjectId,
    pub(crate) name: String,
    /// Each by its name, with its package.
    pub(crate) actions: Vec<(String, usize)>,
    pub(crate) channels: Vec<ChannelState>,
    /// Whether the template tells the next number.
    tells_next: bool,
    made: usize,
}

pub(crate) struct ChannelState {
    pub(crate) id: ChannelId,
    pub(crate) permits: Permits,
    /// What it permitted before.
    pub(crate) permitted: Vec<Permits>,
    pub(crate) releases: Vec<ReleaseState>,
}

#[derive(Clone)]
pub(crate) struct ReleaseState {
    pub(crate) release: Release,
    pub(crate) made_at: Timestamp,
    /// Made by this program, and not by somebody.
    pub(crate) key: Option<PlanKey>,
}

#[derive(Clone)]
pub(crate) struct TriggerState {
    pub(crate) id: TriggerId,
    pub(crate) name: String,
    pub(crate) project: usize,
    pub(crate) channel: usize,
    /// Actions of the project.
    pub(crate) sources: Vec<usize>,
    pub(crate) is_disabled: bool,
    pub(crate) description: String,
    /// Since when it is as it is.
    pub(crate) since: Timestamp,
}

impl TriggerState {
    pub(crate) fn is_ours(&self) -> bool {
        NativeTriggers::Marked.selects(self.is_disabled, &self.description)
    }

    fn native(&self, projects: &[ProjectState]) -> NativeTrigger {
        let project = &projects[self.project];
        NativeTrigger {
            id: self.id.clone(),
            name: self.name.clone(),
            description: self.description.clone(),
            is_disabled: self.is_disabled,
            project: project.id.clone(),
            channel: Some(project.channels[self.channel].id.clone()),
            sources: self
                .sources
                .iter()
                .map(|action| SourceRef {
                    action_slug: project.actions[*action].0.clone(),
                    package_reference: String::new(),
                })
                .collect(),
        }
    }
}

impl Octopus {
    pub(crate) fn new(chance: &Chance, packages: usize, now: Timestamp) -> Self {
        let count = usize::try_from(chance.between(1, 3)).unwrap_or(1);
        let projects: Vec<_> = (0..count)
            .map(|index| project(chance, index, packages, now))
            .collect();
        let mut triggers = Vec::new();
        for (index, project) in projects.iter().enumerate() {
            for channel in 0..project.channels.len() {
                for _ in 0..chance.between(1, 2) {
                    let mut sources: Vec<_> = (0..project.actions.len())
                        .filter(|_| chance.per_mille(700))
                        .collect();
                    if sources.is_empty() {
                        sources.push(0);
                    }
                    let is_ours = triggers.is_empty() || chance.per_mille(850);
                    let number = triggers.len() + 1;
                    triggers.push(TriggerState {
                        id: TriggerId::new(format!("ProjectTriggers-{number}")),
                        name: format!("Trigger {number}"),
                        project: index,
                        channel,
                        sources,
                        is_disabled: is_ours,
                        description: if is_ours { MARK } else { "" }.to_owned(),
                        since: now,
                    });
                }
            }
        }
        Self {
            projects: RefCell::new(projects),
            triggers: RefCell::new(triggers),
        }
    }

    /// One project with two packages, one channel and one trigger.
    pub(crate) fn small(now: Timestamp) -> Self {
        let mut project = ProjectState {
            id: ProjectId::new("Projects-1"),
            name: "Project 1".to_owned(),
            actions: vec![("deploy-0".to_owned(), 0), ("deploy-1".to_owned(), 1)],
            channels: vec![ChannelState {
                id: ChannelId::new("Channels-1"),
                permits: Permits::BelowTwo,
                permitted: Vec::new(),
                releases: Vec::new(),
            }],
            tells_next: false,
            made: 0,
        };
        add_first_release(&mut project, 0, now);
        let trigger = TriggerState {
            id: TriggerId::new("ProjectTriggers-1"),
            name: "Trigger 1".to_owned(),
            project: 0,
            channel: 0,
            sources: vec![0, 1],
            is_disabled: true,
            description: MARK.to_owned(),
            since: now,
        };
        Self {
            projects: RefCell::new(vec![project]),
            triggers: RefCell::new(vec![trigger]),
        }
    }

    fn place(&self, project: &ProjectId, channel: &ChannelId) -> Option<(usize, usize)> {
        let projects = self.projects.borrow();
        let at = projects.iter().position(|one| one.id == *project)?;
        let mut channels = projects[at].channels.iter();
        Some((at, channels.position(|one| one.id == *channel)?))
    }
}

fn project(chance: &Chance, index: usize, packages: usize, now: Timestamp) -> ProjectState {
    let actions = usize::try_from(chance.between(1, 3)).unwrap_or(1);
    let first = usize::try_from(chance.below(packages as u64)).unwrap_or_default();
    let actions = (0..actions.min(packages))
        .map(|action| (format!("deploy-{action}"), (first + action) % packages))
        .collect();
    let channels = usize::try_from(chance.between(1, 2)).unwrap_or(1);
    let mut project = ProjectState {
        id: ProjectId::new(format!("Projects-{}", index + 1)),
        name: format!("Project {}", index + 1),
        actions,
        channels: (0..channels).map(|at| channel(chance, index, at)).collect(),
        tells_next: chance.per_mille(500),
        made: 0,
    };
    for channel in 0..channels {
        if chance.per_mille(800) {
            add_first_release(&mut project, channel, now);
        }
    }
    project
}

/// Somebody released the first version of everything.
fn add_first_release(project: &mut ProjectState, channel: usize, now: Timestamp) {
    let first = |(name, _): &(String, usize)| (name.clone(), String::new(), "1.0.0".to_owned());
    let selected = project.actions.iter().map(first).collect();
    add_release(project, channel, selected, None, String::new(), None, now);
}

fn channel(chance: &Chance, project: usize, index: usize) -> ChannelState {
    ChannelState {
        id: ChannelId::new(format!("Channels-{}{}", project + 1, index + 1)),
        permits: *chance.pick(&[Permits::Everything, Permits::BelowTwo]),
        permitted: Vec::new(),
        releases: Vec::new(),
    }
}

type Selected = Vec<(String, String, String)>;

fn add_release(
    project: &mut ProjectState,
    channel: usize,
    selected: Selected,
    version: Option<String>,
    notes: String,
    key: Option<PlanKey>,
    now: Timestamp,
) -> Release {
    project.made += 1;
    let release = Release {
        id: ReleaseId::new(format!("Releases-{}-{}", project.name, project.made)),
        version: version.unwrap_or_else(|| next_number(project)),
        assembled: Some(now),
        notes,
        selected,
    };
    project.channels[channel].releases.push(ReleaseState {
        release: release.clone(),
        made_at: now,
        key,
    });
    release
}

fn next_number(project: &ProjectState) -> String {
    let releases = project.channels.iter().flat_map(|one| &one.releases);
    let numbers = releases.filter_map(|one| one.release.version.rsplit('.').next()?.parse().ok());
    format!("0.0.{}", numbers.max().unwrap_or(0_u64) + 1)
}

fn failed(kind: OctopusErrorKind, what: &str) -> OctopusError {
    OctopusError {
        message: format!("Octopus {what}"),
        kind,
        source: None,
    }
}

impl Hands {
    /// Waits for Octopus's answer to a read, or for its failure.
    async fn octopus_answers(&self) -> Result<(), OctopusError> {
        self.asks(Call::AskOctopus);
        self.wait_for_answer(10, 250).await;
        let world = &self.world;
        let now = world.time.now();
        let strikes = |trouble| world.weather.strikes(trouble, now);
        let (kind, what) = if world.weather.is_down(Place::Octopus, now)
            || world.takes_hiccup_of_octopus(self.life.function)
        {
            (OctopusErrorKind::Unavailable, "is down")
        } else if strikes(Trouble::OctopusFails) {
            (OctopusErrorKind::Unavailable, "answers 500")
        } else if strikes(Trouble::OctopusThrottles) {
            (OctopusErrorKind::Throttled(self.pause()), "answers 429")
        } else if strikes(Trouble::ResetBefore) {
            (OctopusErrorKind::Unavailable, "broke the connection")
        } else {
            return Ok(());
        };
        world.tell(|| format!("{}: Octopus {what}", self.name()));
        Err(failed(kind, what))
    }

    fn pause(&self) -> Option<Span> {
        let seconds = self.world.chance.below(900);
        (seconds > 300).then(|| millis(seconds * 1_000))
    }

    fn project_state<T>(
        &self,
        project: &ProjectId,
        see: impl FnOnce(&ProjectState) -> T,
    ) -> Result<T, OctopusError> {
        let projects = self.world.octopus.projects.borrow();
        let found = projects.iter().find(|one| one.id == *project);
        found
            .map(see)
            .ok_or_else(|| failed(OctopusErrorKind::NotFound, "has no such project"))
    }
}

impl OctopusReader for Hands {
    async fn spaces(&self, _: &[String]) -> Result<Vec<Space>, OctopusError> {
        self.octopus_answers().await?;
        Ok(vec![Space {
            id: SpaceId::new(SPACE),
            name: "Default".to_owned(),
            slug: "default".to_owned(),
        }])
    }

    async fn feed_triggers(&self, _: &SpaceId) -> Result<Vec<NativeTrigger>, OctopusError> {
        let world = &self.world;
        if let Err(error) = self.octopus_answers().await {
            if self.has(Fault::UnreadTriggersTakenForNone) {
                return Ok(Vec::new());
            }
            return Err(error);
        }
        let projects = world.octopus.projects.borrow();
        let is_cached =
            self.life.function == Function::Creator && self.has(Fault::TriggersFromCache);
        let now = world.octopus.triggers.borrow();
        let triggers = if is_cached {
            &world.triggers_at_first
        } else {
            &*now
        };
        Ok(triggers.iter().map(|one| one.native(&projects)).collect())
    }

    async fn feeds(&self, _: &SpaceId) -> Result<Vec<Feed>, OctopusError> {
        self.octopus_answers().await?;
        Ok(self.world.registry.feeds.clone())
    }

    async fn project(&self, space: &SpaceId, project: &ProjectId) -> Result<Project, OctopusError> {
        self.octopus_answers().await?;
        self.project_state(project, |state| Project {
            id: state.id.clone(),
            space: space.clone(),
            name: state.name.clone(),
            is_disabled: false,
            process_id: Some(format!("deploymentprocess-{}", state.id)),
            git_ref: None,
        })
    }

    async fn find_project(&self, space: &SpaceId, name: &str) -> Result<Project, OctopusError> {
        self.project(space, &ProjectId::new(name)).await
    }

    async fn find_channel(&self, project: &Project, name: &str) -> Result<Channel, OctopusError> {
        self.channel(project, Some(&ChannelId::new(name))).await
    }

    async fn process(&self, project: &Project, _: &ChannelId) -> Result<Process, OctopusError> {
        self.octopus_answers().await?;
        let registry = &self.world.registry;
        self.project_state(&project.id, |state| Process {
            actions: state
                .actions
                .iter()
                .map(|(name, _)| Action {
                    slug: Some(name.clone()),
                    name: name.clone(),
                    is_disabled: false,
                    package_references: vec![String::new()],
                })
                .collect(),
            action_names: Vec::new(),
            template: ReleaseTemplate {
                packages: state
                    .actions
                    .iter()
                    .map(|(name, package)| {
                        let key = registry.key(*package);
                        TemplatePackage {
                            action_name: name.clone(),
                            package_reference: String::new(),
                            feed: key.feed,
                            package: key.package,
                            is_resolvable: true,
                            fixed_version: None,
                        }
                    })
                    .collect(),
                versioning: Versioning::Template {
                    next: state.tells_next.then(|| next_number(state)),
                },
            },
        })
    }

    async fn channel(
        &self,
        project: &Project,
        channel: Option<&ChannelId>,
    ) -> Result<Channel, OctopusError> {
        self.octopus_answers().await?;
        self.project_state(&project.id, |state| {
            let found = state.channels.iter().find(|one| Some(&one.id) == channel);
            let found = found.unwrap_or(&state.channels[0]);
            let below_two = ChannelRule {
                packages: state
                    .actions
                    .iter()
                    .map(|(name, _)| (name.clone(), String::new()))
                    .collect(),
                rule: VersionRule {
                    range: Some("[1.0,2.0)".to_owned()),
                    ..VersionRule::default()
                },
            };
            let has_rule = found.permits == Permits::BelowTwo && !self.has(Fault::RulesIgnored);
            Channel {
                id: found.id.clone(),
                name: found.id.to_string(),
                rules: has_rule.then_some(below_two).into_iter().collect(),
                custom_fields: Vec::new(),
            }
        })
    }

    async fn releases(
        &self,
        project: &Project,
        channel: &ChannelId,
        most: usize,
    ) -> Result<Vec<Release>, OctopusError> {
        if let Err(error) = self.octopus_answers().await {
            if self.has(Fault::UnreadReleasesTakenForNone) {
                return Ok(Vec::new());
            }
            return Err(error);
        }
        let is_any = self.has(Fault::PreviousOfAnyChannel);
        self.project_state(&project.id, |state| {
            let channels = state.channels.iter();
            let meant = channels.filter(|one| is_any || one.id == *channel);
            let mut releases: Vec<_> = meant.flat_map(|one| &one.releases).collect();
            releases.sort_by_key(|one| std::cmp::Reverse(one.made_at));
            if !is_any {
                releases = Vec::new();
                let channels = state.channels.iter().filter(|one| one.id == *channel);
                releases.extend(channels.flat_map(|one| one.releases.iter().rev()));
            }
            let cached = self.world.time.now() - Span::from_minutes(1);
            let is_known =
                |one: &&ReleaseState| !self.has(Fault::StalePrevious) || one.made_at <= cached;
            let releases = releases.into_iter().filter(is_known).take(most);
            releases.map(|one| one.release.clone()).collect()
        })
    }
}

impl ReleaseCreator for Hands {
    async fn create(
        &self,
        _: &Project,
        _: &Process,
        _: &Channel,
        plan: &Plan,
    ) -> Result<Release, OctopusError> {
        self.wait_for_answer(50, 900).await;
        self.remember_aliases(plan);
        let created = self.try_create(plan).await;
        let is_unknown = |created: &Result<_, OctopusError>| matches!(created, Err(error) if error.kind == OctopusErrorKind::Unknown);
        if is_unknown(&created) {
            self.world
                .tell(|| format!("{}: no answer comes from Octopus", self.name()));
            if self.has(Fault::RetryWithoutLooking) {
                return self.carry_out(plan);
            }
            if self.has(Fault::LostAnswerTakenForRefusal) {
                return Err(failed(OctopusErrorKind::Unavailable, "is down"));
            }
            if self.has(Fault::ClaimGivenUpInDoubt) {
                self.give_up_claims(plan);
            }
        }
        self.wait_for_answer(20, 200).await;
        created
    }
}

impl Hands {
    async fn try_create(&self, plan: &Plan) -> Result<Release, OctopusError> {
        let world = &self.world;
        let now = world.time.now();
        let strikes = |trouble| world.weather.strikes(trouble, now);
        let is_down = world.weather.is_down(Place::Octopus, now);
        if is_down || world.weather.is_down(Place::OctopusInMaintenance, now) {
            return Err(failed(OctopusErrorKind::Unavailable, "is in maintenance"));
        }
        if strikes(Trouble::OctopusThrottles) {
            return Err(failed(
                OctopusErrorKind::Throttled(self.pause()),
                "answers 429",
            ));
        }
        let unknown = || failed(OctopusErrorKind::Unknown, "did not answer");
        if strikes(Trouble::ResetBefore) || strikes(Trouble::OctopusFails) {
            return Err(unknown());
        }
        if strikes(Trouble::ResetAndLate) {
            let (hands, plan) = (self.clone(), plan.clone());
            let late = millis(world.chance.between(500, LATEST));
            world.time.spawn(async move {
                hands.world.time.sleep(late).await;
                let _late = hands.carry_out(&plan);
            });
            return Err(unknown());
        }
        let name = || format!("create a release in {}", plan.channel);
        let created = self.act(name, || self.carry_out(plan)).await;
        if strikes(Trouble::ResetAfter) {
            return Err(unknown());
        }
        created
    }

    /// Octopus does what it was asked for.
    fn carry_out(&self, plan: &Plan) -> Result<Release, OctopusError> {
        let world = &self.world;
        let Some((at, channel)) = world.octopus.place(&plan.project, &plan.channel) else {
            return Err(failed(OctopusErrorKind::NotFound, "has no such channel"));
        };
        let selected = world.selection(at, channel, plan);
        {
            let projects = world.octopus.projects.borrow();
            let all = projects[at].channels.iter().flat_map(|one| &one.releases);
            if let Some(version) = &plan.release_version
                && all.into_iter().any(|one| one.release.version == *version)
            {
                return Err(failed(OctopusErrorKind::AlreadyExists, "has that release"));
            }
            let permits = projects[at].channels[channel].permits;
            let is_permitted = |version: &str| {
                crate::registry::number(version).is_some_and(|number| permits.permits(number))
            };
            let is_refused = plan.packages.iter().any(|one| !is_permitted(&one.version));
            if is_refused && !self.has(Fault::RulesIgnored) {
                return Err(failed(OctopusErrorKind::Invalid, "refuses a version"));
            }
        }
        world.judge_release(self, at, channel, plan, &selected);
        let notes = if self.has(Fault::KeyNotStamped) {
            String::new()
        } else {
            plan.stamped_notes()
        };
        let version = plan.release_version.clone();
        let mut projects = world.octopus.projects.borrow_mut();
        let (key, now) = (Some(plan.key()), world.time.now());
        let project = &mut projects[at];
        let release = add_release(project, channel, selected, version, notes, key, now);
        world.tell(|| {
            let selected: Vec<_> = release.selected.iter().map(|one| one.2.as_str()).collect();
            format!(
                "{}: Octopus makes release {} of {} in {} with {}",
                self.name(),
                release.version,
                project.name,
                plan.channel,
                selected.join(", ")
            )
        });
        Ok(release)
    }

    /// The mistake of a key without its channel: the keys of the same plan in other channels are one.
    fn remember_aliases(&self, plan: &Plan) {
        if !self.has(Fault::KeyWithoutChannel) {
            return;
        }
        let projects = self.world.octopus.projects.borrow();
        let Some(project) = projects.iter().find(|one| one.id == plan.project) else {
            return;
        };
        let mut aliases = self.world.aliases.borrow_mut();
        let partition = |plan: &Plan| format!("plan#{}", plan.key());
        for channel in &project.channels {
            let elsewhere = Plan {
                channel: channel.id.clone(),
                ..plan.clone()
            };
            if channel.id != plan.channel {
                aliases
                    .entry(partition(&elsewhere))
                    .or_insert(partition(plan));
            }
        }
    }

    fn give_up_claims(&self, plan: &Plan) {
        let lane = format!("lane#{}#{}#{}", plan.space, plan.project, plan.channel);
        for partition in [lane, format!("plan#{}", plan.key())] {
            let key = store::Key {
                partition,
                sort: "entry".to_owned(),
            };
            self.world.rows.write(&key, None, self.world.time.now());
        }
    }
}

impl World {
    /// What a release selects: what the plan names, and the latest permitted of everything else.
    fn selection(&self, project: usize, channel: usize, plan: &Plan) -> Selected {
        let projects = self.octopus.projects.borrow();
        let project = &projects[project];
        let permits = project.channels[channel].permits;
        let packages = self.registry.packages.borrow();
        let select = |(name, package): &(String, usize)| {
            let planned = plan.packages.iter().find(|one| one.action_name == *name);
            let version = match planned {
                Some(planned) => planned.version.clone(),
                None => packages[*package].latest(permits).map(text)?,
            };
            Some((name.clone(), String::new(), version))
        };
        project.actions.iter().filter_map(select).collect()
    }

    /// Somebody makes a release of the latest there is.
    pub(crate) fn release_by_somebody(self: &Rc<Self>, project: usize, channel: usize) {
        let mut projects = self.octopus.projects.borrow_mut();
        let state = &mut projects[project];
        let permits = state.channels[channel].permits;
        let packages = self.registry.packages.borrow();
        let latest = |(name, package): &(String, usize)| {
            let version = packages[*package].latest(permits).map(text)?;
            Some((name.clone(), String::new(), version))
        };
        let selected: Option<Selected> = state.actions.iter().map(latest).collect();
        let Some(selected) = selected else { return };
        let now = self.time.now();
        let release = add_release(state, channel, selected, None, String::new(), None, now);
        self.tell(|| {
            format!(
                "somebody makes release {} of {}",
                release.version, state.name
            )
        });
    }
}
