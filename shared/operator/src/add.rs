//! Adding a trigger, in the steps of Octopus's own dialogue: project, channel with its lifecycle, sources.
//!
//! Each step gives the choices as values. What was chosen becomes a [`NewTrigger`], which says in plain
//! words what it will do, and then one of two things: a trigger of Octopus's ([`NativeDraft`](engine::ports::NativeDraft)) or one of the
//! file
//! ([`Definition`](domain::definition::Definition)). Nothing is created here, and nothing that is read is kept.

mod plan;
mod sources;

pub use plan::{Home, NewTrigger};
pub use sources::SourceChoice;

use domain::lifecycle::Lifecycle;
use domain::process::same_name;

use engine::StepError;
use engine::ports::{
    Budgets, Catalogue, Clock, FeedReader, ListedChannel, OctopusError, OctopusErrorKind,
    OctopusReader, Project, Routes, Snapshots, Space,
};
use engine::watchlist::{LookupError, ProjectName, Resolver, find_space};

/// Gives the choices.
pub struct Adding<'a, S, O, R, C> {
    /// What is remembered of throttled feeds; absent where there is no state yet.
    pub store: Option<&'a S>,
    /// Octopus.
    pub octopus: &'a O,
    /// Reads feeds.
    pub reader: &'a R,
    /// The clock.
    pub clock: &'a C,
}

/// A channel to choose, with where its releases go.
#[derive(Clone, Debug)]
pub struct ChannelChoice {
    /// The channel.
    pub listed: ListedChannel,
    /// Its lifecycle; absent for channels of ephemeral environments.
    pub lifecycle: Option<Lifecycle>,
    /// Why the lifecycle cannot be shown, if Octopus does not let it be seen.
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
            Err(LookupError::Octopus(error)) => Err(error),
        }
    }

    /// The channels of a project with their lifecycles, the default one first. A lifecycle that the API
    /// key's user may not see is absent: it is only a preview.
    ///
    /// # Errors
    /// When Octopus cannot be asked.
    pub async fn channels(&self, project: &Project) -> Result<Vec<ChannelChoice>, OctopusError> {
        let mut known: Vec<(String, Result<Lifecycle, String>)> = Vec::new();
        let mut choices = Vec::new();
        for listed in self.octopus.channels(project).await? {
            let Some(id) = listed.lifecycle.clone() else {
                choices.push(ChannelChoice::without(listed));
                continue;
            };
            if !known.iter().any(|(own, _)| *own == id) {
                let read = self.octopus.lifecycle(&project.space, &id).await;
                known.push((id.clone(), seen(read)?));
            }
            let read = known.iter().find(|(own, _)| *own == id);
            let read = read.map(|(_, read)| read.clone());
            choices.push(ChannelChoice {
                listed,
                lifecycle: read.clone().and_then(Result::ok),
                unseen: read.and_then(Result::err),
            });
        }
        Ok(choices)
    }

    /// The channel of this name, slug or id; the default one, if none is named.
    ///
    /// # Errors
    /// [`OctopusErrorKind::NotFound`] naming those that there are.
    pub async fn channel(
        &self,
        project: &Project,
        wanted: Option<&str>,
    ) -> Result<ChannelChoice, StepError> {
        let found = match wanted {
            Some(name) => self.octopus.find_channel(project, name).await?,
            None => self.octopus.channel(project, None).await?,
        };
        let mut choices = self.channels(project).await?.into_iter();
        let choice = choices.find(|choice| choice.listed.channel.id == found.id);
        Ok(choice.unwrap_or_else(|| {
            ChannelChoice::without(ListedChannel {
                channel: found,
                is_default: wanted.is_none(),
                lifecycle: None,
            })
        }))
    }

    /// Whether the project has an external feed trigger of this name already.
    ///
    /// # Errors
    /// When Octopus cannot be asked.
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

    /// Where a new release in the channel is deployed by itself, in words.
    pub fn at_once(&self) -> String {
        match (&self.lifecycle, &self.unseen) {
            (Some(lifecycle), _) => match lifecycle.automatic_environments() {
                [] => "a new release is deployed nowhere by itself".to_owned(),
                environments => format!(
                    "a new release is deployed to {} at once",
                    environments.join(", ")
                ),
            },
            (None, Some(why)) => format!("where releases are deployed cannot be seen: {why}"),
            (None, None) => "the channel has no lifecycle".to_owned(),
        }
    }
}

fn not_found(problem: String) -> OctopusError {
    OctopusError {
        kind: OctopusErrorKind::NotFound,
        message: problem,
        source: None,
    }
}

/// A lifecycle, or why it cannot be seen.
fn seen(read: Result<Lifecycle, OctopusError>) -> Result<Result<Lifecycle, String>, OctopusError> {
    match read {
        Ok(lifecycle) => Ok(Ok(lifecycle)),
        Err(error) => match error.kind {
            OctopusErrorKind::Forbidden | OctopusErrorKind::NotFound => Ok(Err(error.message)),
            _ => Err(error),
        },
    }
}
