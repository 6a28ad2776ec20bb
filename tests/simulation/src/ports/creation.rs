//! Creating a release: one effect, whose answer may be lost, and which may happen after the connection broke, but never
//! later than [`LATEST`].

use std::rc::Rc;

use domain::ids::TriggerId;
use domain::plan::{Plan, Repeat};
use engine::ports::{
    Channel, OctopusError, OctopusErrorKind, Process, Project, Release, ReleaseCreator,
};

use crate::fault_injection::{Disturbance, Service, millis};
use crate::faults::Fault;
use crate::invocation::Invocation;
use crate::octopus::{ActionState, Selected, add_release, failed};
use crate::registry::{Permits, text};
use crate::world::World;

/// The longest, in milliseconds, that Octopus works on a request whose connection broke. The guarantees assume that this is
/// shorter than the time by which a lease outlasts an invocation.
const LATEST: u64 = 20_000;

impl ReleaseCreator for Invocation {
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
                .log(|| format!("{}: no answer from Octopus", self.name()));
            if self.has(Fault::RetryWithoutLooking) {
                return self.carry_out(plan);
            }
            if self.has(Fault::RetryWithAnotherNumber) {
                let release_version = None;
                return self.carry_out(&Plan {
                    release_version,
                    ..plan.clone()
                });
            }
            if self.has(Fault::LostAnswerTakenForRefusal) {
                return Err(failed(OctopusErrorKind::Unavailable, "is down"));
            }
            if self.has(Fault::ClaimReleasedWithoutAnswer) {
                self.give_up_claims(plan);
            }
        }
        self.wait_for_answer(20, 200).await;
        created
    }
}

impl Invocation {
    async fn try_create(&self, plan: &Plan) -> Result<Release, OctopusError> {
        let world = &self.world;
        let now = world.time.now();
        let occurs = |trouble| world.fault_injection.occurs(trouble, now);
        let is_down = world.fault_injection.is_down(Service::Octopus, now);
        if is_down
            || world
                .fault_injection
                .is_down(Service::OctopusInMaintenance, now)
        {
            return Err(failed(OctopusErrorKind::Unavailable, "is in maintenance"));
        }
        if occurs(Disturbance::OctopusThrottles) {
            return Err(failed(
                OctopusErrorKind::Throttled(self.pause()),
                "answers 429",
            ));
        }
        let unknown = || failed(OctopusErrorKind::Unknown, "did not answer");
        if occurs(Disturbance::ResetBefore) || occurs(Disturbance::OctopusFails) {
            return Err(unknown());
        }
        if occurs(Disturbance::ResetAndLate) {
            let (invocation, plan) = (self.clone(), plan.clone());
            let late = millis(world.chance.between(500, LATEST));
            world.time.spawn(async move {
                invocation.world.time.sleep(late).await;
                let _late = invocation.carry_out(&plan);
            });
            return Err(unknown());
        }
        let name = || format!("create a release in {}", plan.channel);
        let created = self.act(name, || self.carry_out(plan)).await;
        if occurs(Disturbance::ResetAfter) {
            return Err(unknown());
        }
        created
    }

    /// Octopus performs the request.
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
                let number = crate::registry::number(version);
                number.map_or(permits == Permits::Everything, |number| {
                    permits.permits(number)
                })
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
        self.forget_what_plans_repeat(plan, &release);
        world.log(|| {
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

    /// The planted fault of a key without its channel: the same plan in other channels has the same key.
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

    /// The planted fault of a key without the repeated release: the plan that would repeat this release has the
    /// key of this plan.
    fn forget_what_plans_repeat(&self, plan: &Plan, release: &Release) {
        if !self.has(Fault::KeyWithoutRepeat) {
            return;
        }
        let again = Plan {
            repeats: Some(Repeat {
                release: release.id.clone(),
                trigger: TriggerId::new("any"),
            }),
            ..plan.clone()
        };
        let mut aliases = self.world.aliases.borrow_mut();
        let partition = |plan: &Plan| format!("plan#{}", plan.key());
        let first = aliases.get(&partition(plan)).cloned();
        let first = first.unwrap_or_else(|| partition(plan));
        aliases.insert(partition(&again), first);
    }

    fn give_up_claims(&self, plan: &Plan) {
        let channel_lock = format!("lock#{}#{}#{}", plan.space, plan.project, plan.channel);
        for partition in [channel_lock, format!("plan#{}", plan.key())] {
            let key = store::Key {
                partition,
                sort: "entry".to_owned(),
            };
            self.world.rows.write(&key, None, self.world.time.now());
        }
    }
}

impl World {
    /// The versions of a release: those of the plan, and the latest permitted of every other package.
    fn selection(&self, project: usize, channel: usize, plan: &Plan) -> Selected {
        let projects = self.octopus.projects.borrow();
        let project = &projects[project];
        let permits = project.channels[channel].permits;
        let packages = self.registry.packages.borrow();
        let select = |action: &ActionState| {
            let name = &action.name;
            let planned = plan.packages.iter().find(|one| one.action_name == *name);
            let version = match planned {
                Some(planned) => planned.version.clone(),
                None => packages[action.package].latest(permits).map(text)?,
            };
            Some((name.clone(), String::new(), version))
        };
        project.actions.iter().filter_map(select).collect()
    }

    /// A user makes a release of the latest versions.
    pub(crate) fn release_by_user(self: &Rc<Self>, project: usize, channel: usize) {
        let mut projects = self.octopus.projects.borrow_mut();
        let state = &mut projects[project];
        let permits = state.channels[channel].permits;
        let packages = self.registry.packages.borrow();
        let latest = |action: &ActionState| {
            let version = packages[action.package].latest(permits).map(text)?;
            Some((action.name.clone(), String::new(), version))
        };
        let selected: Option<Selected> = state.actions.iter().map(latest).collect();
        let Some(selected) = selected else { return };
        let now = self.time.now();
        let release = add_release(state, channel, selected, None, String::new(), None, now);
        self.log(|| format!("a user makes release {} of {}", release.version, state.name));
    }
}
