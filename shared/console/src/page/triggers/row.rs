//! The row of a trigger in the list.

use domain::history::Evaluation;
use domain::time::Timestamp;
use domain::trigger::{Runner, TriggerOrigin};
use maud::{Markup, html};
use operator::overview::{SourceState, TriggerState};

use crate::OctopusLinks;
use crate::chart::days;
use crate::page::trigger::to_trigger;
use crate::parts::{Tone, badge, failed_package, outcome_badge, outside, time};

/// A trigger with its recent evaluations.
pub(super) struct Row<'a> {
    pub(super) state: &'a TriggerState,
    pub(super) recent: Vec<Evaluation>,
    pub(super) links: &'a OctopusLinks,
    pub(super) now: Timestamp,
}

impl Row<'_> {
    pub(super) fn shown(&self) -> Markup {
        html! {
            div.row {
                (self.label())
                (self.status())
                div.release {
                    p.small.muted { "Last release" }
                    p { (self.last_release()) }
                }
                div.line { (days(&self.recent, self.now)) }
            }
        }
    }

    /// Name, project, channel and sources.
    fn label(&self) -> Markup {
        let TriggerState {
            id, name, space, ..
        } = self.state;
        let project = self.state.project_id.as_ref();
        let project = project.and_then(|project| self.links.project(space, project));
        html! {
            div.what {
                h2 { (to_trigger(space, id, name)) }
                p.muted { (self.state.space_name) " · " (outside(project.as_deref(), &self.state.project)) }
                p.small {
                    "Channel "
                    @if self.state.channel.is_empty() { "default" } @else { (self.state.channel) }
                    @if self.state.origin == TriggerOrigin::File { " · triggers.yaml" }
                }
                ul.tags aria-label="Sources" {
                    @for source in &self.state.sources { li { (watched(source)) } }
                }
            }
        }
    }

    fn status(&self) -> Markup {
        let paused = self.state.pause.as_ref();
        html! {
            div.state {
                p { (self.badge()) }
                @match (&self.state.problem, &self.state.last) {
                    (Some(problem), _) => p.small { (problem) },
                    (None, Some(last)) => {
                        p.small { (last.reason) }
                        p.small.muted { "Evaluated " (time(last.at, self.now)) }
                    },
                    (None, None) if self.state.is_listed => p.small.muted { "Not evaluated yet" },
                    (None, None) => {},
                }
                @for failed in &self.state.failed_packages { (failed_package(failed, self.now)) }
                @if let Some(reason) = &self.state.stale {
                    p.small { "Not read by the last refresh: " (reason) }
                }
                @if let Some(pause) = paused { p.small.muted { "Next attempt " (time(pause.until, self.now)) } }
            }
        }
    }

    fn badge(&self) -> Markup {
        let TriggerState {
            runner,
            is_listed,
            is_stalled,
            ..
        } = *self.state;
        match (runner, &self.state.last) {
            _ if self.state.problem.is_some() => badge(Tone::Bad, "Cannot be evaluated"),
            _ if is_stalled => badge(Tone::Bad, "Stalled"),
            (Runner::Octopus, _) => badge(Tone::Quiet, "Run by Octopus"),
            (Runner::Disabled, _) => badge(Tone::Quiet, "Disabled"),
            (Runner::ThisProgram | Runner::Both, _) if self.state.error().is_some() => {
                badge(Tone::Bad, "Needs attention")
            }
            (Runner::ThisProgram | Runner::Both, Some(last)) => outcome_badge(last.outcome),
            (Runner::ThisProgram | Runner::Both, None) if is_listed => badge(Tone::Quiet, "New"),
            (Runner::ThisProgram | Runner::Both, None) => {
                badge(Tone::Quiet, "Watched after the next refresh")
            }
        }
    }

    fn last_release(&self) -> Markup {
        html! {
            @match &self.state.last_release {
                None => span.muted { "none" },
                Some(last) => {
                    @let place = self.links.release(&self.state.space, &last.release.id);
                    (outside(place.as_deref(), &last.release.version)) " "
                    span.small.muted { (time(last.at, self.now)) }
                }
            }
        }
    }
}

fn watched(source: &SourceState) -> Markup {
    html! {
        @match (&source.package, &source.problem) {
            (Some(package), _) => code { (package.package) },
            (None, Some(why)) => code.bad title=(why) { (source.name) },
            (None, None) => code { (source.name) },
        }
    }
}
