//! The page of a trigger that this program does not watch: one that Octopus runs, or that is disabled.

use domain::ids::{SpaceId, TriggerId};
use domain::trigger::{Runner, TriggerOrigin};
use engine::ports::Clock;
use maud::{Markup, html};
use operator::overview::TriggerState;

use super::{action, done, removal};
use crate::action::TriggerAction;
use crate::content::{Page, Section};
use crate::page_error::PageError;
use crate::parts::{Tone, badge, octopus_error, outside, section};
use crate::path::NO_SPACE;
use crate::request::PageRequest;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore};

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(super) async fn unwatched(
        &self,
        space: &SpaceId,
        id: &TriggerId,
        request: &PageRequest<'_>,
    ) -> Result<Page, PageError> {
        let overview = self.look().glance().await?;
        let is_this = |one: &&TriggerState| {
            let is_space = one.space == *space
                || (one.space.as_str().is_empty() && space.as_str() == NO_SPACE);
            is_space && one.id == *id
        };
        let state = match (
            overview.triggers.iter().find(is_this),
            &overview.octopus_error,
        ) {
            (Some(state), _) => state,
            (None, None) => return Err(PageError::NoSuchTrigger),
            (None, Some(reason)) => return Err(PageError::UnknownTrigger(reason.clone())),
        };
        Ok(Page {
            title: state.name.clone(),
            section: Section::Triggers,
            above: html! { div.actions { (actions(state, request)) } },
            body: html! {
                (octopus_error(overview.octopus_error.as_deref()))
                (done(request.query.one("done").as_deref(), None))
                (self.unwatched_facts(state))
                (sources(state))
            },
        })
    }

    fn unwatched_facts(&self, state: &TriggerState) -> Markup {
        let links = &self.settings.links;
        let project = state.project_id.as_ref();
        let project = project.and_then(|project| links.project(&state.space, project));
        let (runner, tone) = match state.runner {
            Runner::Octopus => ("Octopus", Tone::Info),
            Runner::Disabled => ("disabled", Tone::Quiet),
            Runner::ThisProgram | Runner::Both => {
                ("this program, after the next refresh", Tone::Wait)
            }
        };
        let channel = match state.channel.as_str() {
            "" => "default",
            channel => channel,
        };
        html! {
            dl.facts {
                div { dt { "Run by" } dd { (badge(tone, runner)) } }
                div { dt { "Project" } dd { (outside(project.as_deref(), &state.project)) } }
                div { dt { "Channel" } dd { (channel) } }
                div { dt { "Space" } dd { (state.space_name) } }
                div { dt { "Defined in" } dd {
                    @match state.origin {
                        TriggerOrigin::Octopus => "Octopus",
                        TriggerOrigin::File => "triggers.yaml",
                    }
                } }
            }
        }
    }
}

fn actions(state: &TriggerState, request: &PageRequest<'_>) -> Markup {
    let (space, id) = (&state.space, &state.id);
    html! {
        @match (state.origin, state.runner) {
            (TriggerOrigin::Octopus, Runner::Octopus) => (action(TriggerAction::Adopt, space, id, request)),
            (TriggerOrigin::Octopus, Runner::Disabled) => {
                (action(TriggerAction::AdoptDisabled, space, id, request))
            },
            (TriggerOrigin::Octopus, _) => (action(TriggerAction::Return, space, id, request)),
            (TriggerOrigin::File, _) => {
                (removal(space, id, request))
                (action(TriggerAction::Enable, space, id, request))
            },
        }
    }
}

fn sources(state: &TriggerState) -> Markup {
    section(
        "sources",
        "Sources",
        &html! {
            ul.tags aria-labelledby="sources" {
                @for source in &state.sources { li { code { (source.name) } } }
            }
            @if state.runner == Runner::Octopus {
                p.muted {
                    "Octopus evaluates this trigger. Adopt it to see decisions, candidates and the history here."
                }
            }
        },
    )
}
