//! Octopus's answers to reads.

use domain::feed::Feed;
use domain::ids::{ChannelId, ProjectId, SpaceId, TriggerId};
use domain::process::{
    Action, ChannelRule, PackageIdentity, ReleaseTemplate, TemplatePackage, Versioning,
};
use domain::rule::VersionRule;
use domain::time::Span;
use engine::ports::{
    Channel, NativeTrigger, OctopusError, OctopusErrorKind, OctopusReader, Process, Project,
    Release, ReleasedProcess, Space,
};

use crate::effects::Call;
use crate::fault_injection::{Disturbance, Service, millis};
use crate::faults::Fault;
use crate::function::Function;
use crate::invocation::Invocation;
use crate::octopus::{ActionState, ProjectState, ReleaseState, failed, next_number};
use crate::registry::{Permits, SPACE};

impl Invocation {
    /// Waits for Octopus's answer to a read, or for its failure.
    async fn octopus_answers(&self) -> Result<(), OctopusError> {
        self.asks(Call::AskOctopus);
        self.wait_for_answer(10, 250).await;
        let world = &self.world;
        let now = world.time.now();
        let occurs = |trouble| world.fault_injection.occurs(trouble, now);
        let (kind, what) = if world.fault_injection.is_down(Service::Octopus, now)
            || world.fails_octopus_once(self.state.function)
        {
            (OctopusErrorKind::Unavailable, "is down")
        } else if occurs(Disturbance::OctopusFails) {
            (OctopusErrorKind::Unavailable, "answers 500")
        } else if occurs(Disturbance::OctopusThrottles) {
            (OctopusErrorKind::Throttled(self.pause()), "answers 429")
        } else if occurs(Disturbance::ResetBefore) {
            (OctopusErrorKind::Unavailable, "broke the connection")
        } else {
            return Ok(());
        };
        world.log(|| format!("{}: Octopus {what}", self.name()));
        Err(failed(kind, what))
    }

    pub(super) fn pause(&self) -> Option<Span> {
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

impl OctopusReader for Invocation {
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
            self.state.function == Function::Creator && self.has(Fault::TriggersFromCache);
        let now = world.octopus.triggers.borrow();
        let triggers = if is_cached {
            &world.triggers_at_first
        } else {
            &*now
        };
        Ok(triggers.iter().map(|one| one.native(&projects)).collect())
    }

    async fn feed_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<Option<NativeTrigger>, OctopusError> {
        let triggers = self.feed_triggers(space).await?;
        Ok(triggers.into_iter().find(|one| one.id == *trigger))
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
                .map(|action| Action {
                    slug: Some(action.slug.clone()),
                    name: action.name.clone(),
                    is_disabled: false,
                    package_references: vec![String::new()],
                })
                .collect(),
            rule_names: Default::default(),
            identities: state.actions.iter().map(ActionState::identity).collect(),
            template: ReleaseTemplate {
                packages: state
                    .actions
                    .iter()
                    .map(|action| {
                        let key = registry.key(action.package);
                        TemplatePackage {
                            action_name: action.name.clone(),
                            package_reference: String::new(),
                            feed: key.feed,
                            package: key.package,
                            is_resolvable: true,
                            fixed_version: None,
                        }
                    })
                    .collect(),
                versioning: Versioning::Template {
                    next: state.has_next_number.then(|| next_number(state)),
                },
            },
        })
    }

    async fn renumbered(
        &self,
        project: &Project,
        channel: &ChannelId,
        known: &Process,
    ) -> Result<Option<Process>, OctopusError> {
        let template = self.process(project, channel).await?.template;
        let is_same = template.packages == known.template.packages;
        let has_number = !matches!(template.versioning, Versioning::Template { next: None });
        Ok((is_same && has_number).then(|| Process {
            template,
            ..known.clone()
        }))
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
                    .map(|action| (action.name.clone(), String::new()))
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
            let lag = if self.has(Fault::StalePrevious) {
                Span::from_minutes(1)
            } else {
                self.world.releases_lag.get()
            };
            let cached = self.world.time.now() - lag;
            let is_known = |one: &&ReleaseState| one.made_at <= cached;
            let releases = releases.into_iter().filter(is_known).take(most);
            releases.map(|one| one.release.clone()).collect()
        })
    }

    async fn released_packages(
        &self,
        project: &Project,
        process: &ReleasedProcess,
    ) -> Result<Option<Vec<PackageIdentity>>, OctopusError> {
        if self.world.has_renames.get() {
            self.octopus_answers().await?;
        }
        let has_other_ids = self.has(Fault::ReleasesWithoutIdentity);
        let identity = |action: &ActionState| match has_other_ids {
            true => PackageIdentity {
                action_id: "another id".to_owned(),
                action_slug: String::new(),
                package: "another package".to_owned(),
                ..action.identity()
            },
            false => action.identity(),
        };
        self.project_state(&project.id, |state| {
            let mut releases = state.channels.iter().flat_map(|one| &one.releases);
            let release = releases.find(|one| one.release.process == *process)?;
            Some(release.actions.iter().map(identity).collect())
        })
    }
}
