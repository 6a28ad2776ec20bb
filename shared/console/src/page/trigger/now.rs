//! The current decision of a trigger: the planned release, and each source with its candidates.

use domain::decide::{Decision, ExplainedDecision, Finding};
use domain::plan::Plan;
use domain::trigger::Trigger;
use engine::ports::Clock;
use engine::with_causes;
use maud::{Markup, html};
use operator::explain::Explain;

use crate::parts::{Tone, badge, clock, notice};
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore};

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    /// The decision, or the error if it cannot be made.
    pub(super) async fn decision(&self, trigger: &Trigger) -> Markup {
        if let Some(problem) = &trigger.problem {
            let text = html! { strong { "The trigger cannot be evaluated" } p { (problem) } };
            return notice(Tone::Bad, &text);
        }
        match self.explain().now(trigger).await {
            Ok(explanation) => decision_card(&explanation.decided),
            Err(error) => {
                let why = with_causes(&error);
                let text = html! { strong { "Could not evaluate the trigger" } p { (why) } };
                notice(Tone::Bad, &text)
            }
        }
    }

    pub(in crate::page) fn explain(&self) -> Explain<'_, S, O, C> {
        Explain {
            store: &self.store,
            octopus: &self.octopus,
            clock: &self.clock,
        }
    }
}

fn decision_card(decided: &ExplainedDecision) -> Markup {
    let (verb, tone) = match &decided.decision {
        Decision::Create(..) => ("Would create a release", Tone::Good),
        Decision::Wait(..) => ("Waiting", Tone::Wait),
        Decision::Skip(_) => ("Nothing to do", Tone::Quiet),
        Decision::Refuse(_) => ("Refused", Tone::Bad),
    };
    html! {
        section aria-labelledby="now" {
            h2 #now { "Now" }
            div.decision.(tone.class()) {
                p { (badge(tone, verb)) }
                p.reason { (decided.decision.reason()) }
                @if let Decision::Wait(_, Some(until)) = &decided.decision {
                    p { "Until " (clock(*until)) }
                }
                @if let Decision::Create(plan, _) = &decided.decision { (plan_summary(plan)) }
                @for (name, value) in &decided.condition {
                    p.muted { "Condition: " code { (name) } " is " (value) }
                }
                @if decided.more { p { "Another release would follow it." } }
            }
            h3 { "Sources" }
            div.sources {
                @for finding in &decided.findings { (source(finding)) }
            }
        }
    }
}

fn plan_summary(plan: &Plan) -> Markup {
    html! {
        p {
            "Release "
            @match &plan.release_version {
                Some(version) => strong { (version) },
                None => "with a number assigned by Octopus",
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

/// A source like in Octopus's rule designer: permitted and refused candidates, newest first, with reasons.
fn source(finding: &Finding) -> Markup {
    let more = finding.considered.saturating_sub(finding.candidates.len());
    html! {
        article.card {
            header {
                h4 { (finding.package.as_deref().unwrap_or("No package")) }
                p.muted { "Step " code { (finding.reference) } }
            }
            @if let Some(blocker) = &finding.blocker {
                p.blocker { (badge(Tone::Wait, blocker)) }
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
