//! The table and Octopus of the steps. Each write and each creation passes the fuse.

use std::rc::Rc;

use domain::build_information::BuildInformation;
use domain::feed::Feed;
use domain::ids::{ChannelId, PackageKey, ProjectId, SpaceId, TriggerId};
use domain::plan::Plan;
use domain::process::PackageIdentity;
use domain::rule::VersionRule;
use engine::ports::{
    Channel, NativeTrigger, OctopusError, OctopusReader, Process, Project, Release, ReleaseCreator,
    ReleasedProcess, Space,
};
use octopus::{FixedKey, OctopusClient};
use store::memory::MemoryTable;
use store::{Condition, Key, PutError, QueryOrder, Row, Table, TableError};

use crate::fuse::Fuse;

#[derive(Clone)]
pub struct FusedTable {
    pub(crate) table: MemoryTable,
    pub(crate) fuse: Fuse,
}

impl Table for FusedTable {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError> {
        self.table.get_many(keys).await
    }

    async fn query(
        &self,
        partition: &str,
        sort_prefix: &str,
        order: QueryOrder,
        most: usize,
    ) -> Result<Vec<Row>, TableError> {
        self.table.query(partition, sort_prefix, order, most).await
    }

    async fn put(&self, row: Row, condition: Condition) -> Result<(), PutError> {
        let name = format!("put {}", row.key);
        if self.fuse.refuses(&name) {
            return Err(PutError::Table(TableError {
                operation: "write to",
                table: "memory".to_owned(),
                source: "it is too busy".into(),
            }));
        }
        self.fuse.pass(name, self.table.put(row, condition)).await
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PutError> {
        let name = format!("delete {key}");
        self.fuse
            .pass(name, self.table.delete(key, condition))
            .await
    }
}

#[derive(Clone)]
pub(crate) struct FusedOctopus {
    pub(crate) client: Rc<OctopusClient<FixedKey>>,
    pub(crate) fuse: Fuse,
}

impl ReleaseCreator for FusedOctopus {
    async fn create(
        &self,
        project: &Project,
        process: &Process,
        channel: &Channel,
        plan: &Plan,
    ) -> Result<Release, OctopusError> {
        let create = self.client.create(project, process, channel, plan);
        self.fuse
            .pass("create the release".to_owned(), create)
            .await
    }
}

impl OctopusReader for FusedOctopus {
    fn for_refresh(&self) -> impl OctopusReader {
        self.client.for_refresh()
    }

    async fn spaces(&self, expected: &[String]) -> Result<Vec<Space>, OctopusError> {
        self.client.spaces(expected).await
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

    async fn project(&self, space: &SpaceId, project: &ProjectId) -> Result<Project, OctopusError> {
        self.client.project(space, project).await
    }

    async fn renumbered(
        &self,
        project: &Project,
        channel: &ChannelId,
        known: &Process,
    ) -> Result<Option<Process>, OctopusError> {
        self.client.renumbered(project, channel, known).await
    }

    async fn find_project(&self, space: &SpaceId, name: &str) -> Result<Project, OctopusError> {
        self.client.find_project(space, name).await
    }

    async fn find_channel(&self, project: &Project, name: &str) -> Result<Channel, OctopusError> {
        self.client.find_channel(project, name).await
    }

    async fn process(
        &self,
        project: &Project,
        channel: &ChannelId,
    ) -> Result<Process, OctopusError> {
        self.client.process(project, channel).await
    }

    async fn channel(
        &self,
        project: &Project,
        channel: Option<&ChannelId>,
    ) -> Result<Channel, OctopusError> {
        self.client.channel(project, channel).await
    }

    async fn releases(
        &self,
        project: &Project,
        channel: &ChannelId,
        most: usize,
    ) -> Result<Vec<Release>, OctopusError> {
        let releases = self.client.releases(project, channel, most).await;
        self.fuse.reach("read the releases");
        releases
    }

    async fn released_packages(
        &self,
        project: &Project,
        process: &ReleasedProcess,
    ) -> Result<Option<Vec<PackageIdentity>>, OctopusError> {
        self.client.released_packages(project, process).await
    }

    async fn has_permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<bool, OctopusError> {
        self.client.has_permitted(package, rule).await
    }

    async fn build_information(
        &self,
        space: &SpaceId,
        package: &str,
        version: &str,
    ) -> Result<Option<BuildInformation>, OctopusError> {
        self.client.build_information(space, package, version).await
    }

    async fn permitted(
        &self,
        package: &PackageKey,
        rule: &VersionRule,
    ) -> Result<Vec<String>, OctopusError> {
        self.client.permitted(package, rule).await
    }
}
