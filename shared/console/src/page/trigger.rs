//! A trigger: what it would do now and why, the verdict on each candidate, what it did, how long that took.

use std::collections::BTreeMap;

use domain::decide::{Decision, Finding, Judgement};
use domain::history::{Evaluation, Outcome};
use domain::ids::{PackageKey, SpaceId, TriggerId};
use domain::options::in_short;
use domain::plan::Plan;
use domain::snapshot::Snapshot;
use domain::trigger::{Origin, Trigger};
use engine::explain::Explain;
use engine::ports::{Clock, StoreError};
use engine::with_causes;
use maud::{Markup, html};

use crate::answer::Visit;
use crate::chart::{Point, durations};
use crate::fault::Fault;
use crate::layout::{Page, Section};
use crate::parts::{
    Tone, badge, button, link, nothing, notice, outcome_badge, outcome_words, outside, time, tone,
};
use crate::{Console, Hand, Memory, Octopus, path, timing};

/// So many evaluations are looked at: a day of them comes to some thirty.
const MOST_EVALUATIONS: usize = 500;

/// So many of them are listed.
const LISTED: usize = 25;

impl<S: Memory, O: Octopus, C: Clock, H: Hand> Console<S, O, C, H> {
    pub(crate) async fn trigger(
        &self,
        space: &SpaceId,
        id: &TriggerId,
        visit: &Visit<'_>,
    ) -> Result<Page, Fault> {
        let trigger = self.watched(space, id).await?;
        let history = self.store.recent(space, id, MOST_EVALUATIONS).await?;
        let (now, channel) = self.decision(&trigger).await;
        let snapshots = self.snapshots(&trigger).await?;
        let place = path::trigger(space, id);
        let body = html! {
            (done(&visit.query.one("done"), history.first()))
            (facts(self, &trigger, channel.as_deref()))
            (now)
            (times(&history, &trigger, &snapshots, visit))
            (releases(self, &history, visit))
            (past(&history, visit))
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

    /// What would be decided now, with the channel's name. That Octopus does not answer is told in its place.
    async fn decision(&self, trigger: &Trigger) -> (Markup, Option<String>) {
        if let Some(problem) = &trigger.problem {
            let text = html! { strong { "It cannot be evaluated now" } p { (problem) } };
            return (notice(Tone::Bad, &text), None);
        }
        let engine = Explain {
            store: &self.store,
            octopus: &self.octopus,
            clock: &self.clock,
        };
        match engine.now(trigger).await {
            Ok(explanation) => {
                let channel = explanation.situation(trigger).channel_name.to_owned();
                (judged(&explanation.judgement), Some(channel))
            }
            Err(error) => {
                let why = with_causes(&error);
                let text = html! { strong { "What it would do now cannot be told" } p { (why) } };
                (notice(Tone::Bad, &text), None)
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
fn done(done: &Option<String>, newest: Option<&Evaluation>) -> Markup {
    match (done.as_deref(), newest) {
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

fn facts<S, O, C, H>(
    console: &Console<S, O, C, H>,
    trigger: &Trigger,
    channel: Option<&str>,
) -> Markup {
    let project = console
        .settings
        .links
        .project(&trigger.space, &trigger.project);
    let selections = trigger.sources.iter().map(|source| &source.selection);
    let chosen = in_short(&trigger.options, selections);
    html! {
        dl.facts {
            div { dt { "Project" } dd { (outside(project.as_deref(), &trigger.project_name)) } }
            div { dt { "Channel" } dd { (channel.unwrap_or(trigger.channel.as_str())) } }
            div { dt { "Space" } dd { (trigger.space) } }
            div { dt { "Defined in" } dd {
                @match trigger.origin { Origin::Octopus => "Octopus", Origin::File => "triggers.yaml" }
            } }
            div { dt { "Options" } dd {
                @if chosen.is_empty() { "as Octopus's own triggers" } @else { (chosen) }
            } }
        }
    }
}

/// The decision, its release, and each source with its candidates.
fn judged(judgement: &Judgement) -> Markup {
    let (verb, tone) = match &judgement.decision {
        Decision::Create(..) => ("A release would be created", Tone::Good),
        Decision::Wait(..) => ("It waits", Tone::Wait),
        Decision::Skip(_) => ("There is nothing to do", Tone::Quiet),
        Decision::Refuse(_) => ("A release is refused", Tone::Bad),
    };
    html! {
        section aria-labelledby="now" {
            h2 #now { "Now" }
            div.decision.(tone.class()) {
                p { (badge(tone, verb)) }
                p.reason { (judgement.decision.reason()) }
                @if let Decision::Wait(_, Some(until)) = &judgement.decision {
                    p { "Until " (crate::parts::clock(*until)) }
                }
                @if let Decision::Create(plan, _) = &judgement.decision { (planned(plan)) }
                @if judgement.more { p { "Another release would follow it." } }
            }
            h3 { "Sources" }
            div.sources {
                @for finding in &judgement.findings { (source(finding)) }
            }
        }
    }
}

fn planned(plan: &Plan) -> Markup {
    html! {
        p {
            "Release "
            @match &plan.release_version {
                Some(version) => strong { (version) },
                None => "with the number that Octopus gives it",
            }
            ":"
        }
        ul.plain {
            @for package in &plan.packages {
                li {
                    code { (package.package) } " " strong { (package.version) }
                    @if let Some(previous) = &package.previous {
                        @if *previous != package.version { span.muted { " was " (previous) } }
                    }
                }
            }
        }
    }
}

/// A source as the rule designer shows it: candidates in green and red, newest first, each with its reason.
pub(super) fn source(finding: &Finding) -> Markup {
    let more = finding.considered.saturating_sub(finding.candidates.len());
    html! {
        article.card {
            header {
                h4 { (finding.package.as_deref().unwrap_or("No package")) }
                p.muted { "Step " code { (finding.reference) } }
            }
            @if let Some(obstacle) = &finding.obstacle {
                p.obstacle { (badge(Tone::Wait, obstacle)) }
            }
            p {
                span.muted { "In the previous release " }
                @match &finding.previous { Some(version) => code { (version) }, None => "none" }
                span.muted { " · latest permitted " }
                @match &finding.latest { Some(version) => code { (version) }, None => "none" }
            }
            @if !finding.candidates.is_empty() {
                ul.candidates aria-label={ "Versions of " (finding.package.as_deref().unwrap_or("nothing")) } {
                    @for one in &finding.candidates {
                        @let is_latest = finding.latest.as_ref() == Some(&one.version);
                        @match &one.refused {
                            None => li.good {
                                span.sign aria-hidden="true" { "✓" } code { (one.version) }
                                span.why { @if is_latest { "permitted, the latest" } @else { "permitted" } }
                            },
                            Some(why) => li.bad {
                                span.sign aria-hidden="true" { "✕" } code { (one.version) }
                                span.why { (why) }
                            },
                        }
                    }
                }
            }
            @if more > 0 { p.muted { "and " (more) " older ones" } }
        }
    }
}

fn times(
    history: &[Evaluation],
    trigger: &Trigger,
    snapshots: &BTreeMap<PackageKey, Snapshot>,
    visit: &Visit<'_>,
) -> Markup {
    let releases = timing::releases(history, trigger, snapshots);
    let half = timing::half(&releases);
    let points: Vec<_> = releases.iter().map(point).collect();
    html! {
        section aria-labelledby="times" {
            h2 #times { "From push to release" }
            @match half {
                None => (nothing("No release whose push is still remembered.")),
                Some(half) => {
                    (durations(&points, half.as_millis(), &format!(
                        "Half of the last {} releases were there within {half} of the push",
                        releases.len()), visit.now))
                    p.muted {
                        "Counted from the date that the feed gives the last new version, or else from when it "
                        "was first seen here."
                    }
                }
            }
        }
    }
}

fn point(release: &timing::Release) -> Point {
    Point {
        at: release.at,
        value: release.took.as_millis(),
        shown: release.took.to_string(),
        what: release.version.clone(),
    }
}

fn releases<S, O, C, H>(
    console: &Console<S, O, C, H>,
    history: &[Evaluation],
    visit: &Visit<'_>,
) -> Markup {
    let made = history
        .iter()
        .filter(|one| one.outcome == Outcome::Created)
        .filter_map(|one| Some((one, one.release.as_ref()?)));
    let made: Vec<_> = made.take(LISTED).collect();
    html! {
        section aria-labelledby="releases" {
            h2 #releases { "Releases made" }
            @if made.is_empty() { (nothing("None yet.")) } @else {
                div.scroll role="group" aria-labelledby="releases" tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { "Release" } th scope="col" { "When" } th scope="col" { "Why" }
                        } }
                        tbody {
                            @for (one, release) in made {
                                @let place = console.settings.links.release(&one.space, &release.id);
                                tr {
                                    th scope="row" { (outside(place.as_deref(), &release.version)) }
                                    td { (time(one.at, visit.now)) }
                                    td { (one.reason) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn past(history: &[Evaluation], visit: &Visit<'_>) -> Markup {
    html! {
        section aria-labelledby="history" {
            h2 #history { "History" }
            @if history.is_empty() { (nothing("It was never evaluated here.")) } @else {
                div.scroll role="group" aria-labelledby="history" tabindex="0" {
                    table {
                        thead { tr {
                            th scope="col" { "When" } th scope="col" { "Outcome" }
                            th scope="col" { "Why" } th scope="col" { "Cause" }
                        } }
                        tbody {
                            @for one in history.iter().take(LISTED) {
                                tr {
                                    td { (time(one.at, visit.now)) }
                                    td { (outcome_badge(one.outcome)) }
                                    td { (one.reason) }
                                    td.muted { (one.cause) }
                                }
                            }
                        }
                    }
                }
                @if history.len() > LISTED {
                    p.muted { "The newest " (LISTED) "; `feedctl history` shows more." }
                }
            }
        }
    }
}

/// A link to a trigger's page.
pub(super) fn to_trigger(space: &SpaceId, id: &TriggerId, name: &str) -> Markup {
    link(Some(&path::trigger(space, id)), &html! { (name) })
}
