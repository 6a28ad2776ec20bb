//! What a trigger would do now and why: the decision, its release, and each source with its candidates.

use domain::decide::{Decision, ExplainedDecision, Finding};
use domain::plan::Plan;
use domain::trigger::Trigger;
use engine::ports::Clock;
use engine::with_causes;
use maud::{Markup, html};
use operator::explain::Explain;

use crate::parts::{Tone, badge, clock, notice};
use crate::{Actions, Console, Memory, Octopus};

impl<S: Memory, O: Octopus, C: Clock, H: Actions> Console<S, O, C, H> {
    /// The decision. That Octopus does not answer is told in its place.
    pub(super) async fn decision(&self, trigger: &Trigger) -> Markup {
        if let Some(problem) = &trigger.problem {
            let text = html! { strong { "It cannot be evaluated now" } p { (problem) } };
            return notice(Tone::Bad, &text);
        }
        match self.explain().now(trigger).await {
            Ok(explanation) => judged(&explanation.decided),
            Err(error) => {
                let why = with_causes(&error);
                let text = html! { strong { "What it would do now cannot be told" } p { (why) } };
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

fn judged(decided: &ExplainedDecision) -> Markup {
    let (verb, tone) = match &decided.decision {
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
                p.reason { (decided.decision.reason()) }
                @if let Decision::Wait(_, Some(until)) = &decided.decision {
                    p { "Until " (clock(*until)) }
                }
                @if let Decision::Create(plan, _) = &decided.decision { (planned(plan)) }
                @if decided.more { p { "Another release would follow it." } }
            }
            h3 { "Sources" }
            div.sources {
                @for finding in &decided.findings { (source(finding)) }
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
