//! Reads the projects, channels and processes of many triggers in pages, for a refresh of the watch list.
//!
//! [`BulkReader::preload`] reads the documents by `?ids=`, a hundred at a time. The other calls are then answered
//! from these documents. Each falls back to a call of its own where they are not enough: projects in Git, process
//! templates, variables in package references, and documents that could not be read. Evaluations never use this
//! reader: they decide on fresh data.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, MutexGuard, PoisonError};

use domain::feed::Feed;
use domain::ids::{ChannelId, PackageKey, ProjectId, SpaceId, TriggerId};
use domain::process::PackageIdentity;
use domain::rule::VersionRule;
use engine::ports::{
    Channel, NativeTrigger, OctopusError, OctopusErrorKind, OctopusReader, Process, Project,
    Release, ReleasedProcess, Space,
};
use futures_util::{StreamExt, stream};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::channels::ChannelResource;
use crate::client::OctopusClient;
use crate::keys::ApiKeys;
use crate::process::ProcessResource;
use crate::projects::{ProjectResource, project};

/// Documents requested per call; the ids of a hundred processes make a URL of 4 KB.
const PER_CALL: usize = 100;
/// Calls in parallel.
const PARALLEL: usize = 4;
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

    async fn load(&self, space: &SpaceId, triggers: &[NativeTrigger]) -> Result<(), OctopusError> {
        let ids: BTreeSet<_> = triggers.iter().map(|one| one.project.as_str()).collect();
        let what = ("projects", "ProjectView");
        let resources: Vec<ProjectResource> = self.read_all(space, what, &ids).await?;
        let mut projects = BTreeMap::new();
        for resource in resources {
            if let Ok(project) = project(space, resource.clone()) {
                let document = ProjectDocument {
                    project,
                    resource,
                    process: None,
                };
                projects.insert(document.project.id.clone(), document);
            }
        }
        let process_id = |one: &ProjectDocument| one.project.process_id.clone();
        let ids: BTreeSet<_> = projects.values().filter_map(process_id).collect();
        let ids = ids.iter().map(String::as_str).collect();
        let what = ("deploymentprocesses", "ProcessView");
        let processes: Vec<ProcessResource> = self.read_all(space, what, &ids).await?;
        let mut processes: BTreeMap<_, _> = processes
            .into_iter()
            .map(|process| (process.id.clone(), process))
            .collect();
        for document in projects.values_mut() {
            let id = document.project.process_id.as_ref();
            document.process = id.and_then(|id| processes.remove(id));
        }
        let channel = |one: &'_ NativeTrigger| one.channel.clone();
        let ids: BTreeSet<_> = triggers.iter().filter_map(channel).collect();
        let ids = ids.iter().map(ChannelId::as_str).collect();
        let what = ("channels", "ProcessView");
        let channels: Vec<ChannelResource> = self.read_all(space, what, &ids).await?;
        let channels = channels.into_iter().map(Channel::from);
        let mut documents = self.lock();
        documents.projects.append(&mut projects);
        documents
            .channels
            .extend(channels.map(|one| (one.id.clone(), one)));
        Ok(())
    }

    /// The readable documents with these ids.
    ///
    /// # Errors
    /// If the key is rejected or throttled. Other failures leave the documents to single calls.
    async fn read_all<T: DeserializeOwned>(
        &self,
        space: &SpaceId,
        (collection, permission): (&'static str, &'static str),
        ids: &BTreeSet<&str>,
    ) -> Result<Vec<T>, OctopusError> {
        let ids: Vec<_> = ids.iter().copied().collect();
        let read = async |ids: &[&str]| {
            let what = format!("{} {collection} of {space}", ids.len());
            let path = [space.as_str(), collection];
            let call = self.client.reading(&path, what, permission);
            self.client
                .list::<Value>(&call.with("ids", &ids.join(",")))
                .await
        };
        let pages: Vec<_> = stream::iter(ids.chunks(PER_CALL))
            .map(read)
            .buffered(PARALLEL)
            .collect()
            .await;
        let mut documents = Vec::new();
        for page in pages {
            match page {
                Ok(items) => documents.extend(items.into_iter().flat_map(serde_json::from_value)),
                Err(error) if concerns_the_key(error.kind) => return Err(error),
                Err(error) => tracing::warn!(
                    collection,
                    error = error.message,
                    "bulk read failed; reading one by one"
                ),
            }
        }
        Ok(documents)
    }

    fn lock(&self) -> MutexGuard<'_, Documents> {
        self.documents
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn concerns_the_key(kind: OctopusErrorKind) -> bool {
    matches!(
        kind,
        OctopusErrorKind::Unauthorized | OctopusErrorKind::Throttled(_)
    )
}

impl<K: ApiKeys> OctopusReader for BulkReader<'_, K> {
    async fn preload(
        &self,
        space: &SpaceId,
        triggers: &[NativeTrigger],
        named: usize,
    ) -> Result<(), OctopusError> {
        let _ = named;
        if triggers.len() <= FEW {
            return Ok(());
        }
        self.load(space, triggers).await
    }

    async fn spaces(&self, requested: &[String]) -> Result<Vec<Space>, OctopusError> {
        self.client.spaces(requested).await
    }

    async fn feed_triggers(&self, space: &SpaceId) -> Result<Vec<NativeTrigger>, OctopusError> {
        self.client.feed_triggers(space).await
    }

    async fn feed_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<Option<NativeTrigger>, OctopusError> {
        self.client.feed_trigger(space, trigger).await
    }

    async fn feeds(&self, space: &SpaceId) -> Result<Vec<Feed>, OctopusError> {
        self.client.feeds(space).await
    }

    async fn project(&self, space: &SpaceId, id: &ProjectId) -> Result<Project, OctopusError> {
        let known = self.lock().projects.get(id).map(|one| one.project.clone());
        match known {
            Some(project) => Ok(project),
            None => self.client.project(space, id).await,
        }
    }

    async fn find_project(&self, space: &SpaceId, name: &str) -> Result<Project, OctopusError> {
        self.client.find_project(space, name).await
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
            None => self.client.process(project, channel).await,
        }
    }

    async fn channel(
        &self,
        project: &Project,
        channel: Option<&ChannelId>,
    ) -> Result<Channel, OctopusError> {
        let known = channel.and_then(|id| self.lock().channels.get(id).cloned());
        match known {
            Some(channel) => Ok(channel),
            None => self.client.channel(project, channel).await,
        }
    }

    async fn find_channel(&self, project: &Project, name: &str) -> Result<Channel, OctopusError> {
        self.client.find_channel(project, name).await
    }

    async fn releases(
        &self,
        project: &Project,
        channel: &ChannelId,
        most: usize,
    ) -> Result<Vec<Release>, OctopusError> {
        self.client.releases(project, channel, most).await
    }

    async fn released_packages(
        &self,
        project: &Project,
        process: &ReleasedProcess,
    ) -> Result<Option<Vec<PackageIdentity>>, OctopusError> {
        self.client.released_packages(project, process).await
    }

    async fn permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<Vec<String>, OctopusError> {
        self.client.permitted(package, rule).await
    }

    async fn has_permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<bool, OctopusError> {
        self.client.has_permitted(package, rule).await
    }
}
