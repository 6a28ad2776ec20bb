//! Adding a trigger, in the steps of Octopus's own dialogue: project, channel with its lifecycle, sources.
//!
//! Each step returns its choices as values. The selected values become a [`NewTrigger`], which describes its effect
//! and is converted to a trigger of Octopus ([`NativeDraft`](engine::ports::NativeDraft)) or of a file
//! ([`Definition`](domain::definition::Definition)). This module creates and stores nothing.

mod plan;
mod sources;

pub use plan::{Home, NewTrigger};
pub use sources::SourceChoice;

use domain::lifecycle::Lifecycle;
use domain::problem::Problem;
use domain::process::same_name;

use engine::StepError;
use engine::ports::{
    Budgets, Catalogue, Clock, FeedReader, ListedChannel, OctopusError, OctopusErrorKind,
    OctopusReader, Project, Routes, Snapshots, Space,
};
use engine::watchlist::{LookupError, ProjectName, Resolver, find_space};

use crate::names::unavailable;

/// Reads the choices of each step.
pub struct Adding<'a, S, O, R, C> {
    /// The store with throttled feeds; `None` if there is no state yet.
    pub store: Option<&'a S>,
    /// Octopus.
    pub octopus: &'a O,
    /// Reads feeds.
    pub reader: &'a R,
    /// The clock.
    pub clock: &'a C,
}

/// A channel with the lifecycle of its releases.
#[derive(Clone, Debug)]
pub struct ChannelChoice {
    /// The channel.
    pub listed: ListedChannel,
    /// Its lifecycle; `None` for channels of ephemeral environments.
    pub lifecycle: Option<Lifecycle>,
    /// Why the lifecycle cannot be read, if Octopus refuses it.
    pub unseen: Option<String>,
}

impl<S, O, R, C> Adding<'_, S, O, R, C>
where
    S: Snapshots + Budgets,
    O: OctopusReader + Catalogue,
    R: FeedReader + Routes,
    C: Clock,
{
    /// Finds a project in a watched space. A space or project that does not exist is an error of the kind
    /// [`OctopusErrorKind::NotFound`] with the message of the watch list.
    ///
    /// # Errors
    /// Also when Octopus cannot be read.
    pub async fn place(
        &self,
        watched: &[Space],
        space: &str,
        project: &ProjectName,
    ) -> Result<(Space, Project), OctopusError> {
        let space = find_space(Some(space), watched);
        let space = space.map_err(not_found)?;
        let found = Resolver::new(self.octopus, &space.id)
            .project(project)
            .await;
        match found {
            Ok(project) => Ok((space.clone(), project)),
            Err(LookupError::Unusable(problem)) => Err(not_found(problem)),
            Err(LookupError::Unreadable(problem)) => Err(unavailable(problem.message)),
            Err(LookupError::Octopus(error)) => Err(error),
        }
    }

    /// The channels of a project with their lifecycles, the default one first. A lifecycle that the API
    /// key's user may not read is `None`: it is only a preview.
    ///
    /// # Errors
    /// When Octopus cannot be read.
    pub async fn channels(&self, project: &Project) -> Result<Vec<ChannelChoice>, OctopusError> {
        let mut known: Vec<(String, LifecycleView)> = Vec::new();
        let mut choices = Vec::new();
        for listed in self.octopus.channels(project).await? {
            let Some(id) = listed.lifecycle.clone() else {
                choices.push(ChannelChoice::without(listed));
                continue;
            };
            if !known.iter().any(|(own, _)| *own == id) {
                let read = self.octopus.lifecycle(&project.space, &id).await;
                known.push((id.clone(), visible(read)?));
            }
            let read = known.iter().find(|(own, _)| *own == id);
            let (lifecycle, unseen) = match read.map(|(_, view)| view.clone()) {
                Some(LifecycleView::Visible(lifecycle)) => (Some(lifecycle), None),
                Some(LifecycleView::Hidden(why)) => (None, Some(why)),
                None => (None, None),
            };
            choices.push(ChannelChoice {
                listed,
                lifecycle,
                unseen,
            });
        }
        Ok(choices)
    }

    /// The channel with this name, slug or id; the default channel for `None`.
    ///
    /// # Errors
    /// [`OctopusErrorKind::NotFound`], which lists the existing channels.
    pub async fn channel(
        &self,
        project: &Project,
        name: Option<&str>,
    ) -> Result<ChannelChoice, StepError> {
        let found = match name {
            Some(name) => self.octopus.find_channel(project, name).await?,
            None => self.octopus.channel(project, None).await?,
        };
        let mut choices = self.channels(project).await?.into_iter();
        let choice = choices.find(|choice| choice.listed.channel.id == found.id);
        Ok(choice.unwrap_or_else(|| {
            ChannelChoice::without(ListedChannel {
                channel: found,
                is_default: name.is_none(),
                lifecycle: None,
            })
        }))
    }

    /// Whether the project already has an external feed trigger of this name.
    ///
    /// # Errors
    /// When Octopus cannot be read.
    pub async fn is_taken(&self, project: &Project, name: &str) -> Result<bool, OctopusError> {
        let triggers = self.octopus.feed_triggers(&project.space).await?;
        let mut of_project = triggers.iter().filter(|one| one.project == project.id);
        Ok(of_project.any(|one| same_name(&one.name, name)))
    }
}

impl ChannelChoice {
    fn without(listed: ListedChannel) -> Self {
        Self {
            listed,
            lifecycle: None,
            unseen: None,
        }
    }

    /// A description of the automatic deployments of a new release in the channel.
    pub fn at_once(&self) -> String {
        match (&self.lifecycle, &self.unseen) {
            (Some(lifecycle), _) => match lifecycle.automatic_environments() {
                [] => "a new release is not deployed automatically".to_owned(),
                environments => format!(
                    "a new release is deployed to {} automatically",
                    environments.join(", ")
                ),
            },
            (None, Some(why)) => format!("the lifecycle of the channel cannot be read: {why}"),
            (None, None) => "the channel has no lifecycle".to_owned(),
        }
    }
}

fn not_found(problem: Problem) -> OctopusError {
    OctopusError {
        kind: OctopusErrorKind::NotFound,
        message: problem.message,
        source: None,
    }
}

/// A lifecycle, or why it cannot be read.
#[derive(Clone)]
enum LifecycleView {
    Visible(Lifecycle),
    Hidden(String),
}

/// A refusal hides the lifecycle; other failures are errors.
fn visible(read: Result<Lifecycle, OctopusError>) -> Result<LifecycleView, OctopusError> {
    match read {
        Ok(lifecycle) => Ok(LifecycleView::Visible(lifecycle)),
        Err(error) => match error.kind {
            OctopusErrorKind::Forbidden | OctopusErrorKind::NotFound => {
                Ok(LifecycleView::Hidden(error.message))
            }
            _ => Err(error),
        },
    }
}
