//! Results of `explain` and `simulate`.

use std::io;

use domain::decide::{Decision, ExplainedDecision, Finding, Reason};
use domain::plan::{Plan, PlanKey, PlannedPackage};
use domain::trigger::Trigger;
use engine::ports::Release;
use operator::explain::{Comparison, Unknown};
use serde_json::{Value, json};

use super::evaluation::finding_json;
use super::paint::Tone;
use super::reason::reason_json;
use super::{Output, ReadFailure, print, show_time};
use crate::args::OutputFormat;

/// The limits of a simulation from snapshots.
const LIMITS: &str =
    "snapshots contain neither deleted versions nor earlier pushes of a tag that was pushed again";

impl Output {
    /// The decision that a trigger would make now.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn decided(
        &self,
        trigger: &Trigger,
        decided: &ExplainedDecision,
        failures: &[ReadFailure],
    ) -> io::Result<()> {
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
                "Reason": decision_reason(decided.decision.reason()),
                "Until": until.map(show_time),
                "Release": plan.map(|plan| plan_json(plan)),
                "More": decided.more,
                "If": condition_json(&decided.condition),
                "ReadFailures": failures,
                "Sources": decided.findings.iter().map(finding_json).collect::<Vec<_>>(),
            });
            return print(format_args!("{shown:#}"));
        }
        let decision = decided.decision.to_string();
        let decision = self.paint.text(tone(&decided.decision), &decision);
        print(format_args!("{}: {decision}", trigger.name))?;
        for failure in failures {
            let failure = format!("  {failure}");
            print(self.paint.text(Tone::Bad, &failure))?;
        }
        if let Some(until) = until {
            print(format_args!("  until {}", show_time(until)))?;
        }
        for (name, value) in &decided.condition {
            print(format_args!("  if: {name} is {value}"))?;
        }
        if let Some(plan) = plan {
            show_plan(plan)?;
        }
        if decided.more {
            print("  followed by another release")?;
        }
        let mut findings = decided.findings.iter();
        findings.try_for_each(|finding| self.finding(finding))
    }

    /// The releases that a trigger would have created since a time, and those of its channel.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn simulation(&self, comparison: &Comparison) -> io::Result<()> {
        let simulation = &comparison.simulation;
        if self.format == OutputFormat::Json {
            return print(format_args!("{:#}", comparison_json(comparison)));
        }
        print(format_args!(
            "Since {}, the trigger would have created:",
            show_time(comparison.since)
        ))?;
        for one in &simulation.releases {
            let packages: Vec<_> = one.plan.packages.iter().map(package).collect();
            print(format_args!(
                "  {} {} ({})",
                show_time(one.at),
                packages.join(", "),
                one.reason
            ))?;
        }
        for one in &simulation.blocked {
            print(format_args!("  {} {}", show_time(one.at), one.decision))?;
        }
        if let Some(at) = simulation.cut_at {
            print(format_args!("  (simulation stopped at {})", show_time(at)))?;
        }
        print("Releases of the channel in this time:")?;
        for release in &comparison.made {
            let by = if is_ours(release) {
                "by a feed trigger"
            } else {
                "by another user or program"
            };
            let at = release.assembled.map(show_time).unwrap_or_default();
            print(format_args!("  {at} {} {by}", release.version))?;
        }
        for unknown in &comparison.unknown {
            print(format_args!("Unknown: {unknown}"))?;
        }
        print(format_args!(
            "Limits: {LIMITS}; the current process and rules apply."
        ))
    }

    /// A source with the verdict on each candidate.
    pub(super) fn finding(&self, finding: &Finding) -> io::Result<()> {
        let named = |version: &Option<String>| version.clone().unwrap_or_else(|| "none".to_owned());
        print(format_args!(
            "{} = {}: {} -> {}",
            finding.reference,
            finding.package.as_deref().unwrap_or("no package"),
            named(&finding.previous),
            named(&finding.latest)
        ))?;
        if let Some(blocker) = &finding.blocker {
            print(format_args!("  {blocker}"))?;
        }
        for candidate in &finding.candidates {
            let (tone, verdict) = match &candidate.refused {
                None => (Tone::Good, "permitted"),
                Some(why) => (Tone::Bad, why.message.as_str()),
            };
            let line = format!("{}: {verdict}", candidate.version);
            print(format_args!("  {}", self.paint.text(tone, &line)))?;
        }
        match finding.considered.saturating_sub(finding.candidates.len()) {
            0 => Ok(()),
            more => print(format_args!("  and {more} older")),
        }
    }
}

/// Whether a feed trigger created the release.
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
    print(format_args!(
        "  release {}",
        number.unwrap_or("with the next number of Octopus")
    ))?;
    for one in &plan.packages {
        print(format_args!("    {}", package(one)))?;
    }
    plan.notes
        .lines()
        .try_for_each(|line| print(format_args!("    | {line}")))
}

/// The names in the condition with their values.
fn condition_json(values: &[(String, String)]) -> Value {
    let values = values.iter();
    values
        .map(|(name, value)| (name.clone(), Value::from(value.as_str())))
        .collect()
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

fn decision_reason(reason: &Reason) -> Value {
    reason_json(&reason.to_string(), &reason.details())
}

fn unknown_json(unknown: &Unknown) -> Value {
    let (kind, package, at) = match unknown {
        Unknown::Releases { before } => ("Releases", None, before),
        Unknown::Versions { package, first } => ("Versions", Some(package), first),
        Unknown::Image { package, at, .. } => ("Image", Some(package), at),
    };
    json!({
        "Kind": kind,
        "PackageId": package,
        "Before": show_time(*at),
        "Message": unknown.to_string(),
    })
}

fn comparison_json(comparison: &Comparison) -> Value {
    let simulation = &comparison.simulation;
    let releases = simulation.releases.iter().map(|one| {
        json!({
            "At": show_time(one.at),
            "Reason": decision_reason(&one.reason),
            "Release": plan_json(&one.plan),
        })
    });
    let blocked = simulation.blocked.iter().map(|one| {
        let reason = decision_reason(one.decision.reason());
        json!({ "At": show_time(one.at), "Decision": verb(&one.decision), "Reason": reason })
    });
    let made = comparison.made.iter().map(|one| {
        json!({
            "At": one.assembled.map(show_time),
            "ReleaseId": one.id.as_str(),
            "Version": one.version,
            "ByFeedTrigger": is_ours(one),
        })
    });
    json!({
        "Since": show_time(comparison.since),
        "Simulated": releases.collect::<Vec<_>>(),
        "Delayed": blocked.collect::<Vec<_>>(),
        "CutAt": simulation.cut_at.map(show_time),
        "Made": made.collect::<Vec<_>>(),
        "Unknown": comparison.unknown.iter().map(unknown_json).collect::<Vec<_>>(),
        "Limits": LIMITS,
    })
}
