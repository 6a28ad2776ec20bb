//! The page of a trigger: the current decision with its reasons, the verdict on each candidate, the history, the
//! time from push to release.

mod now;
mod past;
mod unwatched;

use std::collections::BTreeMap;

use domain::history::Evaluation;
use domain::ids::{PackageKey, SpaceId, TriggerId};
use domain::snapshot::Snapshot;
use domain::trigger::{Trigger, TriggerOrigin};
use engine::ports::{Clock, StoreError};
use maud::{Markup, html};
use operator::overview::{Current, FailedPackage, ProjectNames};

use crate::action::TriggerAction;
use crate::content::{Page, Section};
use crate::page_error::PageError;
use crate::parts::{
    Tone, button, failed_package, link, notice, octopus_error, outcome_words, outside, tone,
};
use crate::request::PageRequest;
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore, path};

/// The most evaluations that are read. A trigger has some thirty a day.
const MAX_EVALUATIONS: usize = 500;

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn trigger(
        &self,
        space: &SpaceId,
        id: &TriggerId,
        request: &PageRequest<'_>,
    ) -> Result<Page, PageError> {
        let current = self.look().remembered().await?;
        let Some(trigger) = current.fresh.list.trigger(space, id) else {
            return self.unwatched(space, id, request).await;
        };
        let history = self.store.recent(space, id, MAX_EVALUATIONS).await?;
        let snapshots = self.snapshots(trigger).await?;
        let place = path::trigger(space, id);
        let restraints = self.store.restraints().await?;
        let failed = FailedPackage::among(trigger.packages(), &current.fresh.list, &restraints);
        let body = html! {
            (done(request.query.one("done").as_deref(), history.first()))
            (self.facts(trigger, &current).await)
            @for failed in &failed { (failed_package(failed, request.now)) }
            @match &current.octopus_error {
                None => (self.decision(trigger).await),
                Some(reason) => (octopus_error(Some(reason))),
            }
            (past::pipeline(&history, trigger, &snapshots, &self.settings.links))
            (past::times(&history, trigger, &snapshots, request.now))
            (past::releases(&history, &self.settings.links, request.now))
            (past::past(&history, request.now))
        };
        Ok(Page {
            title: trigger.name.clone(),
            section: Section::Triggers,
            above: html! {
                div.actions {
                    a.button href={ (place) "/simulation" } {
                        "Simulate or edit options"
                    }
                    @match trigger.origin {
                        TriggerOrigin::Octopus => (action(TriggerAction::Return, space, id, request)),
                        TriggerOrigin::File => {
                            (action(TriggerAction::Disable, space, id, request))
                            (removal(space, id, request))
                        }
                    }
                    (action(TriggerAction::Evaluate, space, id, request))
                }
            },
            body,
        })
    }

    async fn facts(&self, trigger: &Trigger, current: &Current) -> Markup {
        let mut names = ProjectNames::default();
        if current.octopus_error.is_none() {
            // On an error ids are shown; the decision below reports the error.
            drop(names.read(&self.octopus, &trigger.space).await);
        }
        let links = &self.settings.links;
        let project = links.project(&trigger.space, &trigger.project);
        let policies = trigger.sources.iter().map(|source| &source.policy);
        let chosen = trigger.options.summary(policies);
        html! {
            dl.facts {
                div { dt { "Project" } dd { (outside(project.as_deref(), &trigger.project_name)) } }
                div { dt { "Channel" } dd { (names.channel(&trigger.space, &trigger.channel)) } }
                div { dt { "Space" } dd { (current.space_name(&trigger.space)) } }
                div { dt { "Defined in" } dd {
                    @match trigger.origin { TriggerOrigin::Octopus => "Octopus", TriggerOrigin::File => "triggers.yaml" }
                } }
                div { dt { "Options" } dd {
                    @if chosen.is_empty() { "defaults" } @else { (chosen) }
                } }
            }
        }
    }

    async fn snapshots(
        &self,
        trigger: &Trigger,
    ) -> Result<BTreeMap<PackageKey, Snapshot>, StoreError> {
        let mut snapshots = BTreeMap::new();
        for package in trigger.packages() {
            if let Some(snapshot) = self.store.snapshot(package).await? {
                snapshots.insert(package.clone(), snapshot);
            }
        }
        Ok(snapshots)
    }
}

/// The address of an action on a trigger.
pub(super) fn action_path(action: TriggerAction, space: &SpaceId, id: &TriggerId) -> String {
    format!("{}/{}", path::trigger(space, id), action.segment())
}

/// The button of an action on a trigger.
fn action(
    action: TriggerAction,
    space: &SpaceId,
    id: &TriggerId,
    request: &PageRequest<'_>,
) -> Markup {
    let (text, doing, class) = match action {
        TriggerAction::Evaluate => ("Evaluate now", "Evaluating…", "primary"),
        TriggerAction::Adopt => ("Adopt", "Adopting…", "primary"),
        TriggerAction::AdoptDisabled => ("Adopt disabled trigger", "Adopting…", "primary"),
        TriggerAction::Return => ("Return to Octopus", "Returning…", ""),
        TriggerAction::Enable => ("Enable", "Enabling…", "primary"),
        TriggerAction::Disable => ("Disable", "Disabling…", ""),
        TriggerAction::Remove => ("Remove trigger", "Removing…", ""),
        TriggerAction::SetOptions => ("Save these options", "Saving…", ""),
    };
    button(&action_path(action, space, id), text, doing, class, request)
}

/// Removing a trigger of the trigger file, with a confirmation.
fn removal(space: &SpaceId, id: &TriggerId, request: &PageRequest<'_>) -> Markup {
    html! {
        details.confirm {
            summary.button { "Remove…" }
            p { "Removes the trigger from the applied trigger file." }
            (action(TriggerAction::Remove, space, id, request))
        }
    }
}

/// The result of the action that redirected to this page.
fn done(done: Option<&str>, newest: Option<&Evaluation>) -> Markup {
    match (done, newest) {
        (Some("evaluated"), Some(newest)) => notice(
            tone(newest.outcome),
            &html! {
                strong { "Evaluated: " (outcome_words(newest.outcome)) }
                p { (newest.reason) }
            },
        ),
        (Some("requested"), _) => notice(
            Tone::Info,
            &html! { "The evaluation was requested. Reload the page to see it in the history." },
        ),
        (Some(done), _) => {
            let text = match done {
                "adopted" => {
                    "This program runs the trigger after the next refresh of the watch list."
                }
                "returned" => "Octopus runs the trigger again.",
                "enabled" => {
                    "The trigger is enabled. It is watched after the next refresh of the watch list."
                }
                "disabled" => "The trigger is disabled. No release is created for it.",
                "saved" => {
                    "The options are saved. They apply after the next refresh of the watch list."
                }
                _ => return html! {},
            };
            notice(Tone::Good, &html! { (text) })
        }
        (None, _) => html! {},
    }
}

/// A link to a trigger's page.
pub(super) fn to_trigger(space: &SpaceId, id: &TriggerId, name: &str) -> Markup {
    link(Some(&path::trigger(space, id)), &html! { (name) })
}
