//! Adds a trigger, in the steps of Octopus's own dialogue: type, name, project, channel with its lifecycle,
//! sources, summary. The address of each step contains the choices; the last step creates the trigger.

mod channel;
mod choose;
mod draft;
mod sources;
mod step_form;
mod summary;

use domain::ids::{ProjectId, SpaceId};
use engine::ports::{Clock, Project, Space};
use engine::watchlist::ProjectName;
use maud::{Markup, html};
use operator::add::Adding;

use crate::content::{Page, Section};
use crate::page_error::PageError;
use crate::parts::{Tone, notice};
use crate::request::PageRequest;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, path};
pub(crate) use draft::Step;
use draft::{ALL, Draft};

type Flow<'a, S, O, C, H> = Adding<'a, S, O, <H as Actions>::Reader, C>;

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    /// A step of the dialogue. If an earlier choice is missing, its step is shown with a notice instead.
    pub(crate) async fn add(
        &self,
        requested: Step,
        request: &PageRequest<'_>,
    ) -> Result<Page, PageError> {
        let draft = Draft::of(&request.query);
        let (step, missing) = match draft.unfinished() {
            Some((first, problem)) if first < requested => (first, Some(problem)),
            _ => (requested, None),
        };
        let body = match step {
            Step::Kind => choose::kind(&draft),
            Step::Name => choose::name(&draft),
            Step::Project => self.choose_project(&draft).await?,
            Step::Channel => self.choose_channel(&draft).await?,
            Step::Sources => self.choose_sources(&draft).await?,
            Step::Summary => self.summary(&draft, request).await?,
        };
        Ok(Page {
            title: "Add trigger".to_owned(),
            section: Section::Triggers,
            above: html! { a.button href=(path::TRIGGERS) { "Cancel" } },
            body: html! {
                (steps(step, &draft))
                @if let Some(problem) = missing { (notice(Tone::Bad, &html! { (problem) })) }
                (body)
            },
        })
    }

    fn adding(&self) -> Flow<'_, S, O, C, H> {
        Adding {
            store: Some(&self.store),
            octopus: &self.octopus,
            reader: self.actions.reader(),
            clock: &self.clock,
        }
    }

    /// The console's spaces. Addresses in other spaces are refused.
    async fn spaces(&self) -> Result<Vec<Space>, PageError> {
        Ok(self.octopus.spaces(&self.settings.look.spaces).await?)
    }

    async fn chosen_project(&self, draft: &Draft) -> Result<(Space, Project), PageError> {
        let (space, project): &(SpaceId, ProjectId) =
            draft.project.as_ref().ok_or(PageError::NoSuchProject)?;
        let name = ProjectName::Id(project.clone());
        let spaces = self.spaces().await?;
        Ok(self.adding().place(&spaces, space.as_str(), &name).await?)
    }
}

/// The list of steps with the current one marked. Earlier steps are links that keep all choices.
fn steps(current: Step, draft: &Draft) -> Markup {
    html! {
        nav aria-label="Steps" {
            ol.steps {
                @for (step, _, label) in ALL {
                    li aria-current=[(step == current).then_some("step")] {
                        @if step < current { a href=(draft.address(step)) { (label) } } @else { (label) }
                    }
                }
            }
        }
    }
}
