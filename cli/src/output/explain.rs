//! What a trigger would do, and would have done.

use std::io;

use domain::decide::{Decision, ExplainedDecision, Finding};
use domain::plan::{Plan, PlanKey, PlannedPackage};
use domain::time::Timestamp;
use domain::trigger::Trigger;
use engine::ports::Release;
use operator::explain::Comparison;
use serde_json::{Value, json};

use super::history::finding_json;
use super::paint::Tone;
use super::{Output, say, show_time};
use crate::args::OutputFormat;

/// What snapshots cannot tell.
const UNKNOWN: &str =
    "versions that are gone, and earlier pushes of a tag that was pushed again, are not remembered";

impl Output {
    /// What a trigger would do now.
    pub fn decided(&self, trigger: &Trigger, decided: &ExplainedDecision) -> io::Result<()> {
        let (plan, until) = match &decided.decision {
            Decision::Create(plan, _) => (Some(plan), None),
            Decision::Wait(_, until) => (None, *until),
            Decision::Skip(_) | Decision::Refuse(_) => (None, None),
        };
        if self.format == OutputFormat::Json {
            let shown = json!({
                "TriggerId": trigger.id.as_str(),
                "TriggerName": trigger.name,
                "Decision": verb(&decided.decision),
                "Reason": decided.decision.reason().to_string(),
                "Until": until.map(show_time),
                "Release": plan.map(|plan| plan_json(plan)),
                "More": decided.more,
                "Sources": decided.findings.iter().map(finding_json).collect::<Vec<_>>(),
            });
            return say(format_args!("{shown:#}"));
        }
        let decision = decided.decision.to_string();
        let decision = self.paint.text(tone(&decided.decision), &decision);
        say(format_args!("{}: {decision}", trigger.name))?;
        if let Some(until) = until {
            say(format_args!("  until {}", show_time(until)))?;
        }
        if let Some(plan) = plan {
            show_plan(plan)?;
        }
        if decided.more {
            say("  and another release after it")?;
        }
        let mut findings = decided.findings.iter();
        findings.try_for_each(|finding| self.finding(finding))
    }

    /// What a trigger would have done since a time, beside what was done.
    pub fn simulation(&self, comparison: &Comparison, since: Timestamp) -> io::Result<()> {
        let simulation = &comparison.simulation;
        if self.format == OutputFormat::Json {
            return say(format_args!("{:#}", comparison_json(comparison, since)));
        }
        say(format_args!(
            "since {}, it would have made:",
            show_time(since)
        ))?;
        for one in &simulation.releases {
            let packages: Vec<_> = one.plan.packages.iter().map(package).collect();
            say(format_args!(
                "  {} {} ({})",
                show_time(one.at),
                packages.join(", "),
                one.reason
            ))?;
        }
        for one in &simulation.blocked {
            say(format_args!("  {} {}", show_time(one.at), one.decision))?;
        }
        if let Some(at) = simulation.cut_at {
            say(format_args!(
                "  ... and was not simulated from {} on",
                show_time(at)
            ))?;
        }
        say("in its channel there were made:")?;
        for release in &comparison.made {
            let by = if is_ours(release) {
                "by a feed trigger"
            } else {
                "by somebody else"
            };
            let at = release.assembled.map(show_time).unwrap_or_default();
            say(format_args!("  {at} {} {by}", release.version))?;
        }
        say(format_args!(
            "{UNKNOWN}; process and rules are the present ones"
        ))
    }

    /// What a source offers, with the verdict on each candidate.
    pub(super) fn finding(&self, finding: &Finding) -> io::Result<()> {
        let named =
            |version: &Option<String>| version.clone().unwrap_or_else(|| "nothing".to_owned());
        say(format_args!(
            "{} = {}: {} -> {}",
            finding.reference,
            finding.package.as_deref().unwrap_or("no package"),
            named(&finding.previous),
            named(&finding.latest)
        ))?;
        if let Some(blocker) = &finding.blocker {
            say(format_args!("  {blocker}"))?;
        }
        for candidate in &finding.candidates {
            let (tone, verdict) = match &candidate.refused {
                None => (Tone::Good, "permitted"),
                Some(why) => (Tone::Bad, why.as_str()),
            };
            let line = format!("{}: {verdict}", candidate.version);
            say(format_args!("  {}", self.paint.text(tone, &line)))?;
        }
        match finding.considered.saturating_sub(finding.candidates.len()) {
            0 => Ok(()),
            more => say(format_args!("  and {more} older ones")),
        }
    }
}

/// Whether one of our plans made it.
fn is_ours(release: &Release) -> bool {
    PlanKey::stamped_in(&release.notes).is_some()
}

fn verb(decision: &Decision) -> &'static str {
    match decision {
        Decision::Create(..) => "Create",
        Decision::Wait(..) => "Wait",
        Decision::Skip(_) => "Skip",
        Decision::Refuse(_) => "Refuse",
    }
}

fn tone(decision: &Decision) -> Tone {
    match decision {
        Decision::Create(..) => Tone::Good,
        Decision::Wait(..) => Tone::Warning,
        Decision::Skip(_) => Tone::Plain,
        Decision::Refuse(_) => Tone::Bad,
    }
}

fn package(one: &PlannedPackage) -> String {
    let digest = one.digest.as_ref().map(|digest| format!(" {digest}"));
    format!(
        "{} {}{}",
        one.package,
        one.version,
        digest.unwrap_or_default()
    )
}

fn show_plan(plan: &Plan) -> io::Result<()> {
    let number = plan.release_version.as_deref();
    say(format_args!(
        "  release {}",
        number.unwrap_or("with the number that Octopus gives it")
    ))?;
    for one in &plan.packages {
        say(format_args!("    {}", package(one)))?;
    }
    plan.notes
        .lines()
        .try_for_each(|line| say(format_args!("    | {line}")))
}

fn plan_json(plan: &Plan) -> Value {
    let packages = plan.packages.iter().map(|one| {
        json!({
            "ActionName": one.action_name,
            "PackageReference": one.package_reference,
            "PackageId": one.package,
            "Version": one.version,
            "Previous": one.previous,
            "Digest": one.digest,
        })
    });
    json!({
        "Version": plan.release_version,
        "GitRef": plan.git_ref,
        "Notes": plan.notes,
        "CustomFields": plan.custom_fields,
        "Packages": packages.collect::<Vec<_>>(),
    })
}

fn comparison_json(comparison: &Comparison, since: Timestamp) -> Value {
    let simulation = &comparison.simulation;
    let releases = simulation.releases.iter().map(|one| {
        json!({
            "At": show_time(one.at),
            "Reason": one.reason.to_string(),
            "Release": plan_json(&one.plan),
        })
    });
    let blocked = simulation.blocked.iter().map(|one| {
        let reason = one.decision.reason().to_string();
        json!({ "At": show_time(one.at), "Decision": verb(&one.decision), "Reason": reason })
    });
    let made = comparison.made.iter().map(|one| {
        json!({
            "At": one.assembled.map(show_time),
            "Version": one.version,
            "ByFeedTrigger": is_ours(one),
        })
    });
    json!({
        "Since": show_time(since),
        "Simulated": releases.collect::<Vec<_>>(),
        "HeldBack": blocked.collect::<Vec<_>>(),
        "CutAt": simulation.cut_at.map(show_time),
        "Made": made.collect::<Vec<_>>(),
        "Unknown": UNKNOWN,
    })
}
