//! Reads the documents of many triggers.

use std::collections::{BTreeMap, BTreeSet};

use domain::ids::{ChannelId, ProjectId, SpaceId};
use engine::ports::{Channel, NativeTrigger, OctopusError};
use futures_util::{StreamExt, stream};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::project_list::ProjectList;
use super::{BulkReader, FEW, ProjectDocument};
use crate::channels::ChannelResource;
use crate::keys::ApiKeys;
use crate::names::Named;
use crate::process::ProcessResource;
use crate::projects::{ProjectResource, project};

/// Documents requested per call; the ids of a hundred processes make a URL of 4 KB.
const PER_CALL: usize = 100;
/// Calls in parallel.
const PARALLEL: usize = 4;

/// A collection of a space, and the permission to view it.
type Collection = (&'static str, &'static str);

const PROJECTS: Collection = ("projects", "ProjectView");
const PROCESSES: Collection = ("deploymentprocesses", "ProcessView");
const CHANNELS: Collection = ("channels", "ProcessView");

impl<K: ApiKeys> BulkReader<'_, K> {
    /// Reads the documents of the triggers, and of the projects with these names.
    ///
    /// # Errors
    /// If the key is rejected or throttled. Other failures leave the documents to single calls.
    pub(super) async fn load(
        &self,
        space: &SpaceId,
        triggers: &[NativeTrigger],
        named: &BTreeSet<&str>,
    ) -> Result<(), OctopusError> {
        let list = self.project_list(space, named.len()).await?;
        let with_channels = projects_with_channels(triggers, named, list.as_ref());
        let ids: BTreeSet<_> = triggers.iter().map(|one| one.project.as_str()).collect();
        let resources = match &list {
            Some(list) => {
                let is_used = |one: &&ProjectResource| {
                    ids.contains(one.id()) || with_channels.contains(&ProjectId::new(one.id()))
                };
                list.resources().iter().filter(is_used).cloned().collect()
            }
            None => self.read_all(space, PROJECTS, &ids).await?,
        };
        let mut projects = self.with_processes(space, resources).await?;
        let mut channels_of = self.channel_lists(space, with_channels.len()).await?;
        let listed = channels_of.values().flatten().cloned();
        let mut channels: BTreeMap<_, _> = listed.map(by_id).collect();
        channels_of.retain(|project, _| with_channels.contains(project));
        let ids: BTreeSet<_> = triggers
            .iter()
            .filter_map(|one| one.channel.as_ref())
            .collect();
        let unread = ids.into_iter().filter(|id| !channels.contains_key(*id));
        let unread: BTreeSet<_> = unread.map(ChannelId::as_str).collect();
        let read: Vec<ChannelResource> = self.read_all(space, CHANNELS, &unread).await?;
        channels.extend(read.into_iter().map(by_id));
        let mut documents = self.lock();
        documents.projects.append(&mut projects);
        documents.channels.append(&mut channels);
        documents.channels_of.append(&mut channels_of);
        documents
            .lists
            .extend(list.map(|list| (space.clone(), list)));
        Ok(())
    }

    /// The projects of the space, if `named` triggers name theirs.
    async fn project_list(
        &self,
        space: &SpaceId,
        named: usize,
    ) -> Result<Option<ProjectList>, OctopusError> {
        let items = self.read_list(space, PROJECTS, named).await?;
        let parsed = items.map(|items| items.into_iter().map(serde_json::from_value).collect());
        let resources: Option<Vec<_>> = parsed.and_then(Result::ok);
        Ok(resources.map(|resources| ProjectList::new(space, resources)))
    }

    /// The channels of each project whose channels are all readable, if so many projects are used by name or by their
    /// default channels.
    async fn channel_lists(
        &self,
        space: &SpaceId,
        projects: usize,
    ) -> Result<BTreeMap<ProjectId, Vec<ChannelResource>>, OctopusError> {
        let items = self.read_list(space, CHANNELS, projects).await?;
        let mut channels: BTreeMap<ProjectId, Vec<ChannelResource>> = BTreeMap::new();
        let mut unreadable = BTreeSet::new();
        for item in items.into_iter().flatten() {
            let project = item.get("ProjectId").and_then(Value::as_str);
            let project = ProjectId::new(project.unwrap_or_default());
            match serde_json::from_value(item) {
                Ok(channel) => channels.entry(project).or_default().push(channel),
                Err(_) => {
                    unreadable.insert(project);
                }
            }
        }
        channels.retain(|project, _| !unreadable.contains(project));
        Ok(channels)
    }

    /// The projects with their processes, except for processes in Git.
    async fn with_processes(
        &self,
        space: &SpaceId,
        resources: Vec<ProjectResource>,
    ) -> Result<BTreeMap<ProjectId, ProjectDocument>, OctopusError> {
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
        let processes: Vec<ProcessResource> = self.read_all(space, PROCESSES, &ids).await?;
        let mut processes: BTreeMap<_, _> = processes
            .into_iter()
            .map(|process| (process.id.clone(), process))
            .collect();
        for document in projects.values_mut() {
            let id = document.project.process_id.as_ref();
            document.process = id.and_then(|id| processes.remove(id));
        }
        Ok(projects)
    }

    /// The whole collection, if that takes at most as many calls as reading `single` of its documents one by one.
    ///
    /// # Errors
    /// As [`Self::load`].
    async fn read_list(
        &self,
        space: &SpaceId,
        (collection, permission): Collection,
        single: usize,
    ) -> Result<Option<Vec<Value>>, OctopusError> {
        if single <= FEW {
            return Ok(None);
        }
        let what = format!("the {collection} of {space}");
        let call = self
            .client
            .reading(&[space.as_str(), collection], what, permission);
        let most = single.saturating_mul(PER_CALL);
        let items = usable(collection, self.client.list_most(&call, most).await)?;
        Ok(items.filter(|items: &Vec<Value>| items.len() < most))
    }

    /// The readable documents with these ids.
    ///
    /// # Errors
    /// As [`Self::load`].
    async fn read_all<T: DeserializeOwned>(
        &self,
        space: &SpaceId,
        (collection, permission): Collection,
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
            let items = usable(collection, page)?.unwrap_or_default();
            documents.extend(items.into_iter().flat_map(serde_json::from_value));
        }
        Ok(documents)
    }
}

/// The projects whose channels are all needed: those with one of these names, and those whose default channel a trigger
/// uses.
fn projects_with_channels(
    triggers: &[NativeTrigger],
    named: &BTreeSet<&str>,
    list: Option<&ProjectList>,
) -> BTreeSet<ProjectId> {
    let by_default = triggers.iter().filter(|one| one.channel.is_none());
    let mut projects: BTreeSet<_> = by_default.map(|one| one.project.clone()).collect();
    if let Some(list) = list {
        let found = named
            .iter()
            .filter_map(|name| list.pick(name).ok().flatten());
        projects.extend(found.map(|one| ProjectId::new(one.id())));
    }
    projects
}

fn by_id(channel: ChannelResource) -> (ChannelId, Channel) {
    let channel = Channel::from(channel);
    (channel.id.clone(), channel)
}

/// The result of a bulk read; `None` if its documents are left to single calls.
fn usable<T>(collection: &str, read: Result<T, OctopusError>) -> Result<Option<T>, OctopusError> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(error) if error.kind.concerns_key() => Err(error),
        Err(error) => {
            tracing::warn!(
                collection,
                error = error.message,
                "bulk read failed; reading one by one"
            );
            Ok(None)
        }
    }
}
