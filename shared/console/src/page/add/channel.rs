//! The channel step, with the phases of each lifecycle and their automatic deployments.

use domain::lifecycle::{Lifecycle, Phase};
use engine::ports::Clock;
use maud::{Markup, html};
use operator::add::ChannelChoice;

use super::draft::{Draft, Step};
use super::step_form::form;
use crate::page_error::PageError;
use crate::parts::{Tone, badge, empty_note, sentence};
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore};

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(super) async fn choose_channel(&self, draft: &Draft) -> Result<Markup, PageError> {
        let (_, project) = self.chosen_project(draft).await?;
        let choices = self.adding().channels(&project).await?;
        if choices.is_empty() {
            return Ok(empty_note(
                "The project has no channel that the API key's user may see.",
            ));
        }
        let is_chosen = |choice: &ChannelChoice| match &draft.channel {
            Some(id) => choice.listed.channel.id == *id,
            None => choice.listed.is_default,
        };
        Ok(form(
            Step::Channel,
            draft,
            &html! {
                fieldset.list {
                    legend { "Channel of " (project.name) }
                    @for (index, choice) in choices.iter().enumerate() {
                        (offered(index, choice, is_chosen(choice)))
                    }
                }
            },
        ))
    }
}

fn offered(index: usize, choice: &ChannelChoice, is_chosen: bool) -> Markup {
    let id = format!("channel-{index}");
    let channel = &choice.listed.channel;
    html! {
        div.choice {
            input id=(id) type="radio" name="channel" value=(channel.id) required checked[is_chosen]
                aria-describedby={ (id) "-deployment" };
            div {
                label for=(id) {
                    strong { (channel.name) }
                    @if choice.listed.is_default { span.muted { " (default)" } }
                }
                p.small id={ (id) "-deployment" } { (sentence(&choice.at_once())) }
                @if let Some(lifecycle) = &choice.lifecycle { (phases(lifecycle)) }
            }
        }
    }
}

fn phases(lifecycle: &Lifecycle) -> Markup {
    html! {
        ol.phases aria-label={ "Lifecycle " (lifecycle.name) } {
            @for phase in &lifecycle.phases { li { (deploys(phase)) } }
        }
    }
}

/// The automatic and manual deployments of a phase.
fn deploys(phase: &Phase) -> Markup {
    html! {
        strong { (phase.name) }
        @if phase.is_optional { span.muted { " (optional)" } }
        @if phase.automatic.is_empty() && phase.manual.is_empty() {
            " " (badge(Tone::Quiet, "any environment, manual"))
        }
        @for environment in &phase.automatic {
            " " (badge(Tone::Good, &format!("{environment}, automatic")))
        }
        @for environment in &phase.manual {
            " " (badge(Tone::Quiet, &format!("{environment}, manual")))
        }
    }
}
