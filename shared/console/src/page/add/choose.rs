//! The first steps: type, name and description, project.

use domain::ids::SpaceId;
use engine::ports::{Clock, Project};
use maud::{Markup, html};

use super::draft::{Draft, Step, project_field};
use super::step_form::form;
use crate::page_error::PageError;
use crate::parts::empty_note;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore};

/// Octopus's dialogue begins with the type. This console has one.
pub(super) fn kind(draft: &Draft) -> Markup {
    form(
        Step::Kind,
        draft,
        &html! {
            fieldset.list {
                legend { "Type of trigger" }
                div.choice {
                    input #external-feed type="radio" name="type" value="externalFeed" checked;
                    label for="external-feed" {
                        strong { "External feed" }
                        span.hint { "Creates a release when an image, a chart or a package has a newer version." }
                    }
                }
            }
            p.muted { "Add scheduled and deployment target triggers in Octopus." }
        },
    )
}

pub(super) fn name(draft: &Draft) -> Markup {
    form(
        Step::Name,
        draft,
        &html! {
            fieldset.list {
                legend { "Name and description" }
                div.field {
                    label for="name" { "Name" }
                    input #name name="name" value=(draft.name) required autocomplete="off"
                        aria-describedby="name-hint";
                    p.hint #name-hint { "Unique within the project." }
                }
                div.field {
                    label for="description" { "Description" }
                    textarea #description name="description" rows="3" { (draft.description) }
                }
            }
        },
    )
}

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(super) async fn choose_project(&self, draft: &Draft) -> Result<Markup, PageError> {
        let mut groups = Vec::new();
        for space in self.spaces().await? {
            let mut projects = self.octopus.projects(&space.id).await?;
            projects.retain(|project| !project.is_disabled);
            if !projects.is_empty() {
                groups.push((space, projects));
            }
        }
        if groups.is_empty() {
            return Ok(empty_note(
                "The API key's user sees no enabled project. Add the user to a team that may view projects.",
            ));
        }
        let options = |space: &SpaceId, projects: &[Project]| {
            html! {
                @for project in projects {
                    @let is_chosen = draft.project.as_ref()
                        .is_some_and(|(own, id)| own == space && *id == project.id);
                    option value=(project_field(space, &project.id)) selected[is_chosen] { (project.name) }
                }
            }
        };
        Ok(form(
            Step::Project,
            draft,
            &html! {
                fieldset.list {
                    legend { "Project" }
                    div.field {
                        label for="project" { "Project in which releases are created" }
                        select #project name="project" required {
                            option value="" { "Choose a project" }
                            @for (space, projects) in &groups {
                                optgroup label=(space.name) { (options(&space.id, projects)) }
                            }
                        }
                    }
                }
            },
        ))
    }
}
