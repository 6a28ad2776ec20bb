//! Adding a trigger, in the steps of Octopus's own dialogue: type, name, project, channel with its lifecycle,
//! sources, summary. What was chosen stands in the address of each step; the last one has it done.

mod channel;
mod choose;
mod draft;
mod sources;
mod summary;

use domain::ids::{ProjectId, SpaceId};
use engine::ports::{Clock, Project, Space};
use engine::watchlist::ProjectName;
use maud::{Markup, html};
use operator::add::Adding;

use crate::answer::Visit;
use crate::fault::Fault;
use crate::layout::{Page, Section};
use crate::parts::{Tone, notice};
use crate::{Actions, Console, Memory, Octopus, path};
pub(crate) use draft::Step;
use draft::{ALL, Draft};

/// What the engine's flow is made of here.
type Flow<'a, S, O, C, H> = Adding<'a, S, O, <H as Actions>::Reader, C>;

impl<S: Memory, O: Octopus, C: Clock, H: Actions> Console<S, O, C, H> {
    /// A step of the dialogue. One that comes before what it needs is answered with the step that asks for
    /// that, and says so.
    pub(crate) async fn add(&self, wanted: Step, visit: &Visit<'_>) -> Result<Page, Fault> {
        let draft = Draft::of(&visit.query);
        let (step, missing) = match draft.unfinished() {
            Some((first, what)) if first < wanted => (first, Some(what)),
            _ => (wanted, None),
        };
        let body = match step {
            Step::Kind => choose::kind(&draft),
            Step::Name => choose::name(&draft),
            Step::Project => self.choose_project(&draft).await?,
            Step::Channel => self.choose_channel(&draft).await?,
            Step::Sources => self.choose_sources(&draft).await?,
            Step::Summary => self.summary(&draft, visit).await?,
        };
        Ok(Page {
            title: "Add trigger".to_owned(),
            section: Section::Triggers,
            above: html! { a.button href=(path::TRIGGERS) { "Cancel" } },
            body: html! {
                (steps(step, &draft))
                @if let Some(what) = missing { (notice(Tone::Bad, &html! { (what) })) }
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

    /// The spaces that are looked at. No address leads into another one.
    async fn spaces(&self) -> Result<Vec<Space>, Fault> {
        Ok(self.octopus.spaces(&self.settings.look.spaces).await?)
    }

    async fn chosen_project(&self, draft: &Draft) -> Result<(Space, Project), Fault> {
        let (space, project): &(SpaceId, ProjectId) =
            draft.project.as_ref().ok_or(Fault::NoSuchProject)?;
        let name = ProjectName::Id(project.clone());
        let spaces = self.spaces().await?;
        Ok(self.adding().place(&spaces, space.as_str(), &name).await?)
    }
}

/// Where one is; what is behind can be gone back to with all that was chosen.
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

/// The form of a step: it leads to the next one, and takes along what was chosen before.
fn form(step: Step, draft: &Draft, fields: &Markup) -> Markup {
    html! {
        form.options method="get" action=(step.next().path()) {
            @for (name, value) in draft.kept_by(step) {
                input type="hidden" name=(name) value=(value);
            }
            (fields)
            button.primary type="submit" { "Next" }
        }
    }
}
