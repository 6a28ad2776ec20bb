//! The simulation page: the releases that a trigger would have created with other options, beside its actual
//! releases.

mod options;
mod timeline;

pub(crate) use options::set_options;

use domain::ids::{SpaceId, TriggerId};
use domain::time::Span;
use domain::trigger::Trigger;
use engine::ports::Clock;
use maud::{Markup, html};

use crate::action::TriggerAction;
use crate::content::{Page, Section};
use crate::form::Form;
use crate::guard::TOKEN;
use crate::page::trigger::action_path;
use crate::page_error::PageError;
use crate::parts::{Tone, clock, counted, notice};
use crate::request::PageRequest;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, path};

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn simulation(
        &self,
        space: &SpaceId,
        id: &TriggerId,
        request: &PageRequest<'_>,
    ) -> Result<Page, PageError> {
        let (mut trigger, list) = self.watched_in_list(space, id).await?;
        let form = &request.query;
        let shown = options::values(&trigger, form);
        let chosen = options::since(form)
            .and_then(|since| set_options(&mut trigger, &list, form).map(|_| since));
        let warnings = options::warnings(&trigger);
        let can_save = form.has("options");
        let body = html! {
            p { a href=(path::trigger(space, id)) { "Back to " (trigger.name) } }
            (options::form(&shown))
            @match chosen {
                Err(problems) => (notice(Tone::Bad, &html! {
                    strong { "These options cannot be used" }
                    ul.plain { @for problem in &problems { li { (problem) } } }
                })),
                Ok(since) => {
                    @for warning in &warnings { (notice(Tone::Wait, &html! { (warning) })) }
                    @if can_save { (save(space, id, form, request)) }
                    (self.simulated(trigger, since, request).await?)
                }
            }
        };
        Ok(Page {
            title: "Simulate options".to_owned(),
            section: Section::Triggers,
            above: html! {},
            body,
        })
    }

    async fn simulated(
        &self,
        mut trigger: Trigger,
        back: Span,
        request: &PageRequest<'_>,
    ) -> Result<Markup, PageError> {
        if let Some(problem) = &trigger.problem {
            return Ok(notice(Tone::Bad, &html! { (problem) }));
        }
        let since = request.now - back;
        // Simulates as if the trigger had been watched from the start.
        trigger.since = trigger.since.min(since);
        let comparison = self.explain().since(&trigger, since).await?;
        Ok(html! {
            p.lead {
                "Since " (clock(comparison.since)) " the trigger would have created "
                strong { (counted(comparison.simulation.releases.len(), "release")) }
                "; its channel got " strong { (counted(comparison.made.len(), "release")) } "."
            }
            (timeline::timeline(&self.settings.links, &trigger, &comparison))
            @if !comparison.unknown.is_empty() {
                ul.plain.muted { @for unknown in &comparison.unknown { li { (unknown) } } }
            }
            p.muted {
                "The simulation uses the current process and rules. Removed versions and earlier pushes of a tag "
                "are unknown."
            }
        })
    }
}

/// Saves the simulated options in the trigger file: those of its own trigger, or an entry for Octopus's trigger.
fn save(space: &SpaceId, id: &TriggerId, form: &Form, request: &PageRequest<'_>) -> Markup {
    let place = action_path(TriggerAction::SetOptions, space, id);
    html! {
        form.save method="post" action=(place) {
            input type="hidden" name=(TOKEN) value=(request.token);
            @for (name, value) in form.pairs() { input type="hidden" name=(name) value=(value); }
            button type="submit" data-doing="Saving…" { "Save these options" }
            p.muted { "Saves them in the applied trigger file. Download it with `feedctl export` to keep your copy current." }
        }
    }
}
