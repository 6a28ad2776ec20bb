//! The plan of a release: its versions, number, notes and custom fields.

mod item;
mod notes;

use std::collections::BTreeMap;

use super::decision::Decision;
use super::lookup::MetadataLookup;
use super::reason::Reason;
use super::situation::Situation;
use super::source_options::{EligibleCandidate, SourceOptions};
use crate::mask::apply_mask;
use crate::options::{OptionError, ReleaseContext};
use crate::plan::{Plan, PlannedPackage};
use crate::process::{ReleaseTemplate, Versioning, same_name};
use crate::template::{Facts, Template};
use crate::version::{Version, VersionFormat};
use item::Item;

/// The longest release number that Octopus accepts, in bytes.
const MAX_NUMBER_BYTES: usize = 349;

/// Custom fields with these names contain the digests of the release, unless the trigger sets them.
const DIGEST_FIELDS: [&str; 4] = ["Digest", "Digests", "Image digest", "Image digests"];

/// The plan of a release with these versions. Waits for metadata that the templates look up, or that the notes contain.
pub(super) fn plan(
    situation: &Situation<'_>,
    sources: &[SourceOptions<'_>],
    candidates: &[EligibleCandidate],
    reason: &Reason,
    lookup: &MetadataLookup,
) -> Result<Plan, Decision> {
    let items = sources.iter().zip(candidates);
    let items = items.map(|(source, candidate)| Item::new(source, candidate, lookup));
    let mut items: Vec<_> = items.collect();
    items.sort_unstable_by(|one, other| one.planned.cmp(&other.planned));
    items.dedup_by(|one, other| one.planned == other.planned);
    let plan = rendered(situation, &items, reason);
    let options = &situation.trigger.options;
    let has_commits = options.release_notes.is_none()
        && options.release_context.contains(&ReleaseContext::Commits);
    let waits = items.iter().filter_map(|item| {
        let in_notes = has_commits && item.is_changed();
        item.unread(lookup, in_notes)
    });
    // All of them, so that one check reads everything that is needed.
    if let Some(wait) = waits.collect::<Vec<_>>().into_iter().next() {
        return Err(wait);
    }
    if let Some(wait) = items.iter().find_map(Item::unavailable) {
        return Err(wait);
    }
    plan.map_err(Decision::Refuse)
}

fn rendered(
    situation: &Situation<'_>,
    items: &[Item<'_>],
    reason: &Reason,
) -> Result<Plan, Reason> {
    let facts = facts(situation, items, reason);
    let options = &situation.trigger.options;
    let render = |option: &str, template: &Option<String>| {
        template
            .as_deref()
            .map(|text| render(option, text, &facts))
            .transpose()
    };
    let number = render("releaseVersion", &options.release_version)?;
    let notes = render("releaseNotes", &options.release_notes)?;
    let custom_fields = custom_fields(situation, items, &facts)?;
    let packages: Vec<_> = items.iter().map(|item| item.planned.clone()).collect();
    let release_version = match number {
        Some(number) => Some(checked(number.trim())?),
        None => own_number(situation.template, &packages)?,
    };
    let trigger = situation.trigger;
    Ok(Plan {
        space: trigger.space.clone(),
        project: trigger.project.clone(),
        channel: trigger.channel.clone(),
        repeats: None,
        packages,
        release_version,
        git_ref: situation.git_ref.map(str::to_owned),
        notes: notes.unwrap_or_else(|| notes::default_notes(situation, items)),
        custom_fields,
    })
}

fn facts(situation: &Situation<'_>, items: &[Item<'_>], reason: &Reason) -> Facts {
    let next = match &situation.template.versioning {
        Versioning::Template { next } => next.as_deref(),
        Versioning::Donor { .. } => None,
    };
    let changed = items.iter().filter(|item| item.is_changed());
    let mut facts = Facts::default();
    facts.list("packages", items.iter().map(Item::facts));
    facts.list("changed", changed.map(Item::facts));
    facts.text("reason", Some(&reason.to_string()));
    facts.text("trigger", Some(&situation.trigger.name));
    facts.text("project", Some(&situation.trigger.project_name));
    facts.text("channel", Some(situation.channel_name));
    facts.text(
        "previous",
        situation.previous.map(|one| one.version.as_str()),
    );
    facts.text("next", next);
    facts.text("gitRef", situation.git_ref);
    facts
}

fn render(option: &str, text: &str, facts: &Facts) -> Result<String, Reason> {
    let rendered = Template::parse(text).and_then(|template| template.render(facts));
    rendered.map_err(|error| invalid(option, error.to_string()))
}

fn invalid(option: &str, problem: String) -> Reason {
    let error = OptionError {
        option: option.to_owned(),
        problem,
    };
    let package = None;
    Reason::InvalidOption { package, error }
}

/// A release number or mask that Octopus accepts.
fn checked(number: &str) -> Result<String, Reason> {
    let invalid =
        |why: String| invalid("releaseVersion", format!("it results in `{number}`: {why}"));
    if number.len() > MAX_NUMBER_BYTES {
        return Err(invalid(format!("more than {MAX_NUMBER_BYTES} bytes")));
    }
    match apply_mask(number, None) {
        Ok(_) => Ok(number.to_owned()),
        Err(error) => Err(invalid(error.to_string())),
    }
}

/// The number by the project's own versioning. `None`: only the server knows it.
fn own_number(
    template: &ReleaseTemplate,
    planned: &[PlannedPackage],
) -> Result<Option<String>, Reason> {
    let no_number = |why: String| Reason::NoNumber { why };
    let (action, reference) = match &template.versioning {
        Versioning::Template { next } => return Ok(next.clone()),
        Versioning::Donor {
            action_name,
            package_reference,
        } => (action_name, package_reference),
    };
    let donor = template.packages.iter();
    let mut donor = donor.filter(|entry| entry.is(action, reference));
    let donor = donor.next().ok_or_else(|| {
        no_number(format!(
            "the project numbers releases by the package of `{action}`, which does not run in this channel; \
             run that step in every channel, or number releases by a template"
        ))
    })?;
    let ours = planned
        .iter()
        .find(|one| donor.is(&one.action_name, &one.package_reference));
    let Some(ours) = ours else { return Ok(None) };
    match Version::parse(VersionFormat::Octopus, &ours.version) {
        Ok(_) => Ok(Some(ours.version.clone())),
        Err(error) => Err(no_number(format!(
            "{} {}: {error}",
            ours.package, ours.version
        ))),
    }
}

/// The value of each custom field that the channel requires.
fn custom_fields(
    situation: &Situation<'_>,
    items: &[Item<'_>],
    facts: &Facts,
) -> Result<BTreeMap<String, String>, Reason> {
    let templates = &situation.trigger.options.custom_fields;
    let mut fields = BTreeMap::new();
    for field in situation.custom_fields {
        let template = templates.iter().find(|(name, _)| same_name(name, field));
        let value = match template {
            Some((name, text)) => render(&format!("customFields.{name}"), text, facts)?,
            None if DIGEST_FIELDS.iter().any(|name| same_name(name, field)) => digests(items),
            None => {
                let field = field.clone();
                return Err(Reason::MissingField { field });
            }
        };
        fields.insert(field.clone(), value);
    }
    Ok(fields)
}

fn digests(items: &[Item<'_>]) -> String {
    let digest = |item: &Item<'_>| {
        let PlannedPackage {
            package,
            version,
            digest,
            ..
        } = &item.planned;
        Some(format!("{package}:{version}@{}", digest.as_ref()?))
    };
    items
        .iter()
        .filter_map(digest)
        .collect::<Vec<_>>()
        .join(", ")
}
