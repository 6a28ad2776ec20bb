//! Parses Octopus's answers without a connection, with the functions that reads use. For fuzzing
//! (`tests/fuzz`).

use domain::feed::Feed;
use domain::ids::SpaceId;
use domain::process::{Action, TemplatePackage};
use domain::snapshot::Listed;
use engine::ports::{Channel, NativeTrigger, Project, Release};
use http_client::from_json;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::channels::ChannelResource;
use crate::paging::Page;
use crate::process::ProcessResource;
use crate::projects::ProjectResource;
use crate::releases::ReleaseResource;
use crate::template::TemplateResource;
use crate::{feeds, projects, triggers, versions};

fn page<T: DeserializeOwned>(body: &[u8]) -> Option<Vec<T>> {
    let page: Page<T> = from_json(body).ok()?;
    page.next_skip(0); // Exercises the parsing of links.
    Some(page.items)
}

/// The external feed triggers of a page of triggers; `None` if the body is not such a page.
pub fn feed_triggers(body: &[u8]) -> Option<Vec<NativeTrigger>> {
    triggers::natives(&page::<Value>(body)?).ok()
}

/// The feeds of a page; `None` if the body is not such a page.
pub fn feeds(space: &SpaceId, body: &[u8]) -> Option<Vec<Feed>> {
    feeds::all_known(space, &page::<Value>(body)?).ok()
}

/// A project; `None` if the body is not a usable project.
pub fn project(space: &SpaceId, body: &[u8]) -> Option<Project> {
    let resource: ProjectResource = from_json(body).ok()?;
    projects::project(space, resource).ok()
}

/// A channel with its rules; `None` if the body is not a channel.
pub fn channel(body: &[u8]) -> Option<Channel> {
    let resource: ChannelResource = from_json(body).ok()?;
    Some(resource.into())
}

/// The actions of a deployment process; `None` if the body is not a process.
pub fn actions(body: &[u8]) -> Option<Vec<Action>> {
    let resource: ProcessResource = from_json(body).ok()?;
    let actions = resource.into_actions().into_iter();
    Some(actions.map(Action::from).collect())
}

/// The packages of a release template; `None` if the body is not a template.
pub fn template(body: &[u8]) -> Option<Vec<TemplatePackage>> {
    let mut resource: TemplateResource = from_json(body).ok()?;
    Some(resource.take_packages())
}

/// The releases of a page; `None` if the body is not such a page.
pub fn releases(body: &[u8]) -> Option<Vec<Release>> {
    let page = page::<ReleaseResource>(body)?;
    Some(page.into_iter().map(Release::from).collect())
}

/// The versions of a page that is a complete listing; `None` otherwise.
pub fn versions(body: &[u8]) -> Option<Vec<Listed>> {
    versions::whole_listing(from_json(body).ok()?)
}
