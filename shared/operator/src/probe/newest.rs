//! Applies a trigger's rules to packages that were just read, as for a release without a previous one.

use std::collections::BTreeMap;

use domain::decide::{Finding, PackageSnapshot, Situation};
use domain::ids::PackageKey;
use domain::process::{ReleaseTemplate, rule_for, with_names};
use domain::snapshot::{Listed, Snapshot, advance};
use domain::time::Timestamp;
use domain::trigger::{Source, Trigger};

use engine::evaluate::judge;
use engine::ports::{OctopusError, OctopusReader};

/// A source of a trigger with the newest version that its rule permits.
#[derive(Clone, Debug)]
pub struct Newest {
    /// The package.
    pub package: PackageKey,
    /// The rule of the trigger's channel, as text; empty if it permits everything.
    pub rule: String,
    /// The newest permitted version, or its blocker.
    pub finding: Finding,
}

/// Packages that were just read, as snapshots.
pub type Read = BTreeMap<PackageKey, PackageSnapshot>;

/// The snapshot of a first read. Versions without a date are first seen now.
pub fn snapshot(listing: Vec<Listed>, now: Timestamp) -> Snapshot {
    advance(None, listing, now).0
}

/// Applies the rules of the trigger's channel to the packages that were read.
///
/// # Errors
/// When Octopus cannot be asked for the rules.
pub async fn newest<O: OctopusReader>(
    octopus: &O,
    trigger: &Trigger,
    read: &Read,
    now: Timestamp,
) -> Result<Vec<Newest>, OctopusError> {
    let project = octopus.project(&trigger.space, &trigger.project).await?;
    let project = project.at(trigger.options.git_ref.as_deref())?;
    let channel = octopus.channel(&project, Some(&trigger.channel)).await?;
    let process = octopus.process(&project, &trigger.channel).await?;
    let rules = with_names(channel.rules.clone(), &process.rule_names);
    let was_read = |source: &&Source| package(source).is_some_and(|key| read.contains_key(key));
    let trigger = Trigger {
        sources: trigger.sources.iter().filter(was_read).cloned().collect(),
        ..trigger.clone()
    };
    let situation = Situation {
        trigger: &trigger,
        template: &process.template,
        rules: &rules,
        unmatched_rule: None,
        previous: None,
        packages: read,
        read_failures: &BTreeMap::new(),
        git_ref: project.git_ref.as_deref(),
        channel_name: &channel.name,
        custom_fields: &channel.custom_fields,
        ours: &[],
        made: &[],
        now,
    };
    let findings = judge(octopus, &situation).await?.findings;
    let found = trigger.sources.iter().zip(findings);
    Ok(found
        .filter_map(|(source, finding)| {
            Some(Newest {
                package: package(source)?.clone(),
                rule: rule(&process.template, &rules, source).unwrap_or_default(),
                finding,
            })
        })
        .collect())
}

fn package(source: &Source) -> Option<&PackageKey> {
    let resolved = source.resolution.as_ref().ok()?;
    Some(&resolved.package)
}

fn rule(
    template: &ReleaseTemplate,
    rules: &[domain::process::ChannelRule],
    source: &Source,
) -> Option<String> {
    let action = &source.resolution.as_ref().ok()?.action_name;
    let entry = template
        .packages
        .iter()
        .find(|entry| entry.is(action, &source.reference.package_reference))?;
    Some(rule_for(rules, entry).to_string())
}
