//! Implements the engine's ports. Each call is in the file of its subject.

use domain::budget::Precedence;
use domain::build_information::BuildInformation;
use domain::feed::Feed;
use domain::ids::{ChannelId, PackageKey, ProjectId, SpaceId, TriggerId};
use domain::lifecycle::Lifecycle;
use domain::plan::Plan;
use domain::process::PackageIdentity;
use domain::rule::VersionRule;
use engine::ports::{
    Caller, Catalogue, Channel, FeedAnswer, FeedReader, ListedChannel, NativeDraft, NativeTrigger,
    OctopusError, OctopusReader, Permissions, Process, Project, ReadRequest, Release,
    ReleaseCreator, ReleasedProcess, ServerFacts, Space, TriggerCreator, UserFacts,
};

use crate::bulk::BulkReader;
use crate::client::OctopusClient;
use crate::keys::ApiKeys;
use crate::precedence;

impl<K: ApiKeys> OctopusReader for OctopusClient<K> {
    fn for_refresh(&self) -> impl OctopusReader {
        BulkReader::new(self)
    }

    async fn spaces(&self, requested: &[String]) -> Result<Vec<Space>, OctopusError> {
        self.list_spaces(requested).await
    }

    async fn feed_triggers(&self, space: &SpaceId) -> Result<Vec<NativeTrigger>, OctopusError> {
        self.list_feed_triggers(space).await
    }

    async fn feed_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<Option<NativeTrigger>, OctopusError> {
        self.read_feed_trigger(space, trigger).await
    }

    async fn feeds(&self, space: &SpaceId) -> Result<Vec<Feed>, OctopusError> {
        self.list_feeds(space).await
    }

    async fn project(&self, space: &SpaceId, project: &ProjectId) -> Result<Project, OctopusError> {
        self.read_project(space, project).await
    }

    async fn find_project(&self, space: &SpaceId, name: &str) -> Result<Project, OctopusError> {
        self.find_project_by(space, name).await
    }

    async fn find_channel(&self, project: &Project, name: &str) -> Result<Channel, OctopusError> {
        self.find_channel_by(project, name).await
    }

    async fn process(
        &self,
        project: &Project,
        channel: &ChannelId,
    ) -> Result<Process, OctopusError> {
        self.read_process(project, channel).await
    }

    async fn renumbered(
        &self,
        project: &Project,
        channel: &ChannelId,
        known: &Process,
    ) -> Result<Option<Process>, OctopusError> {
        self.renumber(project, channel, known).await
    }

    async fn channel(
        &self,
        project: &Project,
        channel: Option<&ChannelId>,
    ) -> Result<Channel, OctopusError> {
        match channel {
            Some(channel) => self.read_channel(project, channel).await,
            None => self.read_default_channel(project).await,
        }
    }

    async fn releases(
        &self,
        project: &Project,
        channel: &ChannelId,
        most: usize,
    ) -> Result<Vec<Release>, OctopusError> {
        self.list_releases(project, channel, most).await
    }

    async fn released_packages(
        &self,
        project: &Project,
        process: &ReleasedProcess,
    ) -> Result<Option<Vec<PackageIdentity>>, OctopusError> {
        self.read_released_packages(project, process).await
    }

    async fn permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<Vec<String>, OctopusError> {
        self.list_permitted(package, rule).await
    }

    async fn has_permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<bool, OctopusError> {
        let latest = self.latest_permitted(package, rule).await?;
        Ok(latest.is_some())
    }

    async fn build_information(
        &self,
        space: &SpaceId,
        package: &str,
        version: &str,
    ) -> Result<Option<BuildInformation>, OctopusError> {
        self.read_build_information(space, package, version).await
    }
}

impl<K: ApiKeys> Catalogue for OctopusClient<K> {
    async fn projects(&self, space: &SpaceId) -> Result<Vec<Project>, OctopusError> {
        self.list_projects(space).await
    }

    async fn channels(&self, project: &Project) -> Result<Vec<ListedChannel>, OctopusError> {
        self.channel_choices(project).await
    }

    async fn channel_names(
        &self,
        space: &SpaceId,
    ) -> Result<Vec<(ChannelId, String)>, OctopusError> {
        self.list_channel_names(space).await
    }

    async fn lifecycle(&self, space: &SpaceId, id: &str) -> Result<Lifecycle, OctopusError> {
        self.read_lifecycle(space, id).await
    }

    async fn has_feed_triggers(&self) -> Result<bool, OctopusError> {
        self.knows_feed_triggers().await
    }
}

impl<K: ApiKeys> Caller for OctopusClient<K> {
    async fn server(&self) -> Result<ServerFacts, OctopusError> {
        self.read_server().await
    }

    async fn user(&self) -> Result<UserFacts, OctopusError> {
        self.read_user().await
    }

    async fn permissions(
        &self,
        user: &UserFacts,
        space: &SpaceId,
    ) -> Result<Permissions, OctopusError> {
        self.read_permissions(user, space).await
    }
}

impl<K: ApiKeys> TriggerCreator for OctopusClient<K> {
    async fn create_trigger(&self, trigger: &NativeDraft) -> Result<TriggerId, OctopusError> {
        self.create_feed_trigger(trigger).await
    }
}

impl<K: ApiKeys> ReleaseCreator for OctopusClient<K> {
    async fn create(
        &self,
        project: &Project,
        process: &Process,
        channel: &Channel,
        plan: &Plan,
    ) -> Result<Release, OctopusError> {
        self.create_release(project, process, channel, plan).await
    }
}

impl<K: ApiKeys> FeedReader for OctopusClient<K> {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let read = self.read_packages(feed, requests);
        precedence::with(Precedence::Versions, read).await
    }
}
