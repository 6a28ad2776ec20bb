//! Inspection and changes of the world by a test while the server runs.

mod process;

use std::collections::BTreeMap;

use anyhow::{Context, bail};
use jiff::Timestamp;
use secrecy::SecretString;

use crate::app::{App, Request};
use crate::features::ServerVersion;
use crate::seed;
use crate::strict::StrictModes;
use crate::world::{
    self, Channel, Feed, Project, Release, StoredPackage, StoredVersion, Trigger, World, same,
};

/// The world of a running server. Resources are found by id, slug or name; the first match is used,
/// in any space. Clones share the world.
#[derive(Clone, Debug)]
pub struct StateHandle(pub(crate) App);

impl StateHandle {
    /// A project's releases, newest first.
    ///
    /// # Errors
    /// There is no such project.
    pub fn releases(&self, project: &str) -> anyhow::Result<Vec<Release>> {
        let mut world = self.0.world();
        Ok(find_project(&mut world, project)?
            .newest_first()
            .cloned()
            .collect())
    }

    /// Adds a release to a project, as if a user had created it now. Channel rules are not checked.
    ///
    /// # Errors
    /// There is no such project, or the release refers to an unknown resource.
    pub fn add_release(&self, project: &str, release: seed::Release) -> anyhow::Result<Release> {
        let mut world = self.0.world();
        let mut ids = world.ids.clone();
        let now = world.now();
        let project = find_project(&mut world, project)?;
        let release = world::build_release(release, project, &mut ids, now)?;
        project.releases.push(release.clone());
        world.ids = ids;
        Ok(release)
    }

    /// Disables or enables a trigger.
    ///
    /// # Errors
    /// There is no such trigger.
    pub fn set_trigger_disabled(&self, trigger: &str, disabled: bool) -> anyhow::Result<()> {
        find_trigger(&mut self.0.world(), trigger)?.is_disabled = disabled;
        Ok(())
    }

    /// A trigger's description and whether it is disabled.
    ///
    /// # Errors
    /// There is no such trigger.
    pub fn trigger(&self, trigger: &str) -> anyhow::Result<(String, bool)> {
        let mut world = self.0.world();
        let trigger = find_trigger(&mut world, trigger)?;
        Ok((trigger.description.clone(), trigger.is_disabled))
    }

    /// Disables or enables a project.
    ///
    /// # Errors
    /// There is no such project.
    pub fn set_project_disabled(&self, project: &str, disabled: bool) -> anyhow::Result<()> {
        find_project(&mut self.0.world(), project)?.is_disabled = disabled;
        Ok(())
    }

    /// Replaces a channel's version rules.
    ///
    /// # Errors
    /// There is no such project or channel.
    pub fn set_rules(
        &self,
        project: &str,
        channel: &str,
        rules: Vec<seed::Rule>,
    ) -> anyhow::Result<()> {
        let mut world = self.0.world();
        let channel = find_channel(find_project(&mut world, project)?, channel)?;
        channel.rules = world::build_rules(rules, &channel.id);
        Ok(())
    }

    /// Renames a project, channel, trigger or feed. Its id and slug are kept.
    ///
    /// # Errors
    /// There is nothing of that name.
    pub fn rename(&self, thing: &str, name: &str) -> anyhow::Result<()> {
        let mut world = self.0.world();
        if let Ok(project) = find_project(&mut world, thing) {
            name.clone_into(&mut project.name);
        } else if let Ok(trigger) = find_trigger(&mut world, thing) {
            name.clone_into(&mut trigger.name);
        } else if let Ok(feed) = find_feed(&mut world, thing) {
            name.clone_into(&mut feed.name);
        } else if let Some(channel) = world
            .projects_mut()
            .find_map(|project| find_channel(project, thing).ok())
        {
            name.clone_into(&mut channel.name);
        } else {
            bail!("there is no project, trigger, feed or channel '{thing}'");
        }
        Ok(())
    }

    /// Sets the value of a project variable.
    ///
    /// # Errors
    /// There is no such project or variable.
    pub fn set_variable(&self, project: &str, variable: &str, value: &str) -> anyhow::Result<()> {
        let mut world = self.0.world();
        let mut variables = find_project(&mut world, project)?.variables.iter_mut();
        let found = variables.find(|known| same(&known.name, variable));
        value.clone_into(
            &mut found
                .with_context(|| format!("there is no variable '{variable}'"))?
                .value,
        );
        Ok(())
    }

    /// Adds a version to a package of a feed that the server stores.
    ///
    /// # Errors
    /// There is no such feed.
    pub fn publish(
        &self,
        feed: &str,
        package: &str,
        version: &str,
        published: Option<Timestamp>,
    ) -> anyhow::Result<()> {
        let mut world = self.0.world();
        let feed = find_feed(&mut world, feed)?;
        let stored = StoredVersion {
            version: version.to_owned(),
            published,
        };
        match feed.stock.iter_mut().find(|stock| same(&stock.id, package)) {
            Some(stock) => stock.versions.push(stored),
            None => feed.stock.push(StoredPackage {
                id: package.to_owned(),
                versions: vec![stored],
            }),
        }
        Ok(())
    }

    /// Moves a feed to another address.
    ///
    /// # Errors
    /// There is no such feed.
    pub fn set_feed_uri(&self, feed: &str, uri: &str) -> anyhow::Result<()> {
        find_feed(&mut self.0.world(), feed)?.uri = Some(uri.to_owned());
        Ok(())
    }

    /// Deletes a feed. Processes that use it keep its id.
    ///
    /// # Errors
    /// There is no such feed.
    pub fn delete_feed(&self, feed: &str) -> anyhow::Result<()> {
        let mut world = self.0.world();
        let id = find_feed(&mut world, feed)?.id.clone();
        for space in &mut world.spaces {
            space.feeds.retain(|feed| feed.id != id);
        }
        Ok(())
    }

    /// Replaces all keys of the first user with this one.
    pub fn rotate_api_key(&self, key: &str) {
        self.0.world().users[0].api_keys = vec![SecretString::from(key)];
    }

    /// Removes a permission, such as `TriggerEdit`, from the first user.
    pub fn remove_permission(&self, permission: &str) {
        self.0.world().users[0].lacks.push(permission.to_owned());
    }

    /// Sets the server's version.
    pub fn set_version(&self, version: &str) {
        self.0.world().version = ServerVersion::new(version);
    }

    /// Sets maintenance mode: reads are answered, writes refused.
    pub fn set_maintenance(&self, on: bool) {
        self.0.world().in_maintenance = on;
    }

    /// Stops the server's clock at this time, or starts it again.
    pub fn set_clock(&self, time: Option<Timestamp>) {
        self.0.world().clock = time;
    }

    /// Every request so far, oldest first.
    pub fn requests(&self) -> Vec<Request> {
        self.0.requests().clone()
    }

    /// Number of requests so far with this method and this text in the path or query.
    pub fn count(&self, method: &str, path: &str) -> usize {
        let path = path.to_lowercase();
        let fits = |request: &&Request| {
            request.method.eq_ignore_ascii_case(method)
                && request.path.to_lowercase().contains(&path)
        };
        self.0.requests().iter().filter(fits).count()
    }

    /// Number of requests so far by route (see [`Request::route`]) and caller.
    pub fn counts(&self) -> BTreeMap<(String, String), usize> {
        let mut counts = BTreeMap::new();
        for request in self.0.requests().iter() {
            *counts
                .entry((request.route(), request.caller.clone()))
                .or_default() += 1;
        }
        counts
    }

    /// Switches strict modes; buckets of the rate limit are full again.
    pub fn set_strict(&self, modes: StrictModes) {
        self.0.strict.set(modes);
    }

    /// Removes the recorded requests.
    pub fn clear_requests(&self) {
        self.0.requests().clear();
    }
}

fn find_project<'a>(world: &'a mut World, name: &str) -> anyhow::Result<&'a mut Project> {
    let goes_by =
        |p: &&mut Project| same(&p.id, name) || same(&p.slug, name) || same(&p.name, name);
    let found = world.projects_mut().find(goes_by);
    found.with_context(|| format!("there is no project '{name}'"))
}

fn find_trigger<'a>(world: &'a mut World, name: &str) -> anyhow::Result<&'a mut Trigger> {
    let triggers = world
        .projects_mut()
        .flat_map(|project| &mut project.triggers);
    let found = triggers
        .into_iter()
        .find(|trigger| same(&trigger.id, name) || same(&trigger.name, name));
    found.with_context(|| format!("there is no trigger '{name}'"))
}

fn find_feed<'a>(world: &'a mut World, name: &str) -> anyhow::Result<&'a mut Feed> {
    let mut feeds = world.spaces.iter_mut().flat_map(|space| &mut space.feeds);
    feeds
        .find(|feed| feed.goes_by(name))
        .with_context(|| format!("there is no feed '{name}'"))
}

fn find_channel<'a>(project: &'a mut Project, name: &str) -> anyhow::Result<&'a mut Channel> {
    let mut channels = project.channels.iter_mut();
    let found = channels.find(|channel| same(&channel.id, name) || same(&channel.name, name));
    found.with_context(|| format!("there is no channel '{name}'"))
}
