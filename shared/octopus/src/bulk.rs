//! Reads the projects, channels and processes of many triggers in pages, for a refresh of the watch list.
//!
//! [`BulkReader::preload`] reads the documents by `?ids=`, a hundred at a time, and whole lists if triggers name their
//! projects and channels. The other calls are then answered from these documents. Each falls back to a call of its own
//! where they are not enough: projects in Git, process templates, variables in package references, and documents that could
//! not be read. Evaluations never use this reader: they decide on fresh data.

mod load;
mod project_list;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::budget::Precedence;
use domain::feed::Feed;
use domain::ids::{ChannelId, PackageKey, ProjectId, SpaceId, TriggerId};
use domain::process::PackageIdentity;
use domain::rule::VersionRule;
use engine::ports::{
    Channel, NativeTrigger, OctopusError, OctopusReader, Process, Project, Release,
    ReleasedProcess, Space,
};

use crate::channels::{ChannelResource, default_channel, named_channel};
use crate::client::OctopusClient;
use crate::keys::ApiKeys;
use crate::precedence;
use crate::process::ProcessResource;
use crate::projects::ProjectResource;
use project_list::ProjectList;

/// With fewer triggers, single calls are as cheap.
const FEW: usize = 3;

pub(crate) struct BulkReader<'a, K> {
    client: &'a OctopusClient<K>,
    documents: Mutex<Documents>,
}

#[derive(Default)]
struct Documents {
    projects: BTreeMap<ProjectId, ProjectDocument>,
    channels: BTreeMap<ChannelId, Channel>,
    /// The visible projects of each space whose triggers name theirs.
    lists: BTreeMap<SpaceId, ProjectList>,
    /// All channels of each project that a trigger names, or whose default channel a trigger uses.
    channels_of: BTreeMap<ProjectId, Vec<ChannelResource>>,
}

struct ProjectDocument {
    project: Project,
    resource: ProjectResource,
    process: Option<ProcessResource>,
}

impl<'a, K: ApiKeys> BulkReader<'a, K> {
    pub(crate) fn new(client: &'a OctopusClient<K>) -> Self {
        Self {
            client,
            documents: Mutex::default(),
        }
    }

    /// All channels of the project, if they were read.
    fn channels_of(&self, project: &Project) -> Option<Vec<ChannelResource>> {
        self.lock().channels_of.get(&project.id).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Documents> {
        self.documents
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

async fn refreshing<F: Future>(requests: F) -> F::Output {
    precedence::with(Precedence::Refresh, requests).await
}

impl<K: ApiKeys> OctopusReader for BulkReader<'_, K> {
    async fn preload(
        &self,
        space: &SpaceId,
        triggers: &[NativeTrigger],
        named: &BTreeSet<&str>,
    ) -> Result<(), OctopusError> {
        if triggers.len() <= FEW && named.len() <= FEW {
            return Ok(());
        }
        refreshing(self.load(space, triggers, named)).await
    }

    async fn spaces(&self, requested: &[String]) -> Result<Vec<Space>, OctopusError> {
        refreshing(self.client.spaces(requested)).await
    }

    async fn feed_triggers(&self, space: &SpaceId) -> Result<Vec<NativeTrigger>, OctopusError> {
        refreshing(self.client.feed_triggers(space)).await
    }

    async fn feed_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<Option<NativeTrigger>, OctopusError> {
        refreshing(self.client.feed_trigger(space, trigger)).await
    }

    async fn feeds(&self, space: &SpaceId) -> Result<Vec<Feed>, OctopusError> {
        refreshing(self.client.feeds(space)).await
    }

    async fn project(&self, space: &SpaceId, id: &ProjectId) -> Result<Project, OctopusError> {
        let known = self.lock().projects.get(id).map(|one| one.project.clone());
        match known {
            Some(project) => Ok(project),
            None => refreshing(self.client.project(space, id)).await,
        }
    }

    async fn find_project(&self, space: &SpaceId, name: &str) -> Result<Project, OctopusError> {
        let listed = self
            .lock()
            .lists
            .get(space)
            .and_then(|list| list.find(name));
        match listed {
            Some(found) => found,
            None => refreshing(self.client.find_project(space, name)).await,
        }
    }

    async fn process(
        &self,
        project: &Project,
        channel: &ChannelId,
    ) -> Result<Process, OctopusError> {
        let known = {
            let documents = self.lock();
            let document = documents.projects.get(&project.id);
            let document = document.filter(|_| project.git_ref.is_none());
            document.and_then(|one| {
                let versioning = one.resource.versioning_strategy.clone().unwrap_or_default();
                one.process.as_ref()?.literal(channel, versioning)
            })
        };
        match known {
            Some(process) => Ok(process),
            None => refreshing(self.client.process(project, channel)).await,
        }
    }

    async fn channel(
        &self,
        project: &Project,
        channel: Option<&ChannelId>,
    ) -> Result<Channel, OctopusError> {
        let known = match channel {
            Some(id) => self.lock().channels.get(id).cloned().map(Ok),
            None => {
                let channels = self.channels_of(project);
                channels.map(|channels| default_channel(project, channels))
            }
        };
        match known {
            Some(found) => found,
            None => refreshing(self.client.channel(project, channel)).await,
        }
    }

    async fn find_channel(&self, project: &Project, name: &str) -> Result<Channel, OctopusError> {
        match self.channels_of(project) {
            Some(channels) => named_channel(project, channels, name),
            None => refreshing(self.client.find_channel(project, name)).await,
        }
    }

    async fn releases(
        &self,
        project: &Project,
        channel: &ChannelId,
        most: usize,
    ) -> Result<Vec<Release>, OctopusError> {
        refreshing(self.client.releases(project, channel, most)).await
    }

    async fn released_packages(
        &self,
        project: &Project,
        process: &ReleasedProcess,
    ) -> Result<Option<Vec<PackageIdentity>>, OctopusError> {
        refreshing(self.client.released_packages(project, process)).await
    }

    async fn permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<Vec<String>, OctopusError> {
        refreshing(self.client.permitted(package, rule)).await
    }

    async fn has_permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<bool, OctopusError> {
        refreshing(self.client.has_permitted(package, rule)).await
    }
}
