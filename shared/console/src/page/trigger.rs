//! A trigger: what it would do now and why, the verdict on each candidate, what it did, how long that took.

mod now;
mod past;

use std::collections::BTreeMap;

use domain::history::Evaluation;
use domain::ids::{PackageKey, SpaceId, TriggerId};
use domain::options::summary;
use domain::snapshot::Snapshot;
use domain::trigger::{Trigger, TriggerOrigin};
use engine::ports::{Clock, StoreError};
use maud::{Markup, html};
use operator::overview::{Current, Names};

use crate::answer::Visit;
use crate::fault::Fault;
use crate::layout::{Page, Section};
use crate::parts::{Tone, button, link, notice, outcome_words, outside, tone};
use crate::{Actions, Console, Memory, Octopus, path};

/// So many evaluations are looked at: a day of them comes to some thirty.
const MOST_EVALUATIONS: usize = 500;

impl<S: Memory, O: Octopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn trigger(
        &self,
        space: &SpaceId,
        id: &TriggerId,
        visit: &Visit<'_>,
    ) -> Result<Page, Fault> {
        let current = self.look().remembered().await?;
        let trigger = current.fresh.list.trigger(space, id);
        let trigger = trigger.ok_or(Fault::NoSuchTrigger)?;
        let history = self.store.recent(space, id, MOST_EVALUATIONS).await?;
        let snapshots = self.snapshots(trigger).await?;
        let place = path::trigger(space, id);
        let body = html! {
            (done(visit.query.one("done").as_deref(), history.first()))
            (self.facts(trigger, &current).await)
            (self.decision(trigger).await)
            (past::times(&history, trigger, &snapshots, visit.now))
            (past::releases(&history, &self.settings.links, visit.now))
            (past::past(&history, visit.now))
        };
        Ok(Page {
            title: trigger.name.clone(),
            section: Section::Triggers,
            above: html! {
                div.actions {
                    a.button href={ (place) "/simulation" } { "Try other options" }
                    (button(&format!("{place}/evaluate"), "Evaluate now", "Evaluating…", "primary", visit))
                }
            },
            body,
        })
    }

    async fn facts(&self, trigger: &Trigger, current: &Current) -> Markup {
        let mut names = Names::default();
        if current.silence.is_none() {
            // What it would do now, below, says so if Octopus falls silent; then ids stand for names.
            drop(names.read(&self.octopus, &trigger.space).await);
        }
        let links = &self.settings.links;
        let project = links.project(&trigger.space, &trigger.project);
        let selections = trigger.sources.iter().map(|source| &source.selection);
        let chosen = summary(&trigger.options, selections);
        html! {
            dl.facts {
                div { dt { "Project" } dd { (outside(project.as_deref(), &trigger.project_name)) } }
                div { dt { "Channel" } dd { (names.channel(&trigger.space, &trigger.channel)) } }
                div { dt { "Space" } dd { (current.space_name(&trigger.space)) } }
                div { dt { "Defined in" } dd {
                    @match trigger.origin { TriggerOrigin::Octopus => "Octopus", TriggerOrigin::File => "triggers.yaml" }
                } }
                div { dt { "Options" } dd {
                    @if chosen.is_empty() { "as Octopus's own triggers" } @else { (chosen) }
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

/// What became of the form that led here.
fn done(done: Option<&str>, newest: Option<&Evaluation>) -> Markup {
    match (done, newest) {
        (Some("evaluated"), Some(newest)) => notice(
            tone(newest.outcome),
            &html! {
                strong { "Evaluated: " (outcome_words(newest.outcome)) }
                p { (newest.reason) }
            },
        ),
        (Some("asked"), _) => notice(
            Tone::Info,
            &html! { "The evaluation was asked for. It stands in the history in a moment; load the page anew." },
        ),
        _ => html! {},
    }
}

/// A link to a trigger's page.
pub(super) fn to_trigger(space: &SpaceId, id: &TriggerId, name: &str) -> Markup {
    link(Some(&path::trigger(space, id)), &html! { (name) })
}
