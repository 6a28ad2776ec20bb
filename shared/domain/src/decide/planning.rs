//! The plan of a release: its versions, number, notes and custom fields.

use std::collections::BTreeMap;

use super::reason::Reason;
use super::situation::Situation;
use super::source_options::{EligibleCandidate, SourceOptions};
use crate::link;
use crate::mask::apply_mask;
use crate::options::OptionError;
use crate::plan::{Plan, PlannedPackage};
use crate::process::{ReleaseTemplate, Versioning, same_name};
use crate::template::{Facts, Template};
use crate::version::{Version, VersionFormat};

/// The longest release number that Octopus accepts, in bytes.
const MAX_NUMBER_BYTES: usize = 349;

/// Custom fields with these names contain the digests of the release, unless the trigger sets them.
const DIGEST_FIELDS: [&str; 4] = ["Digest", "Digests", "Image digest", "Image digests"];

/// A package of the plan with the values that templates use.
struct Item {
    planned: PlannedPackage,
    previous_digest: Option<String>,
    link: Option<String>,
}

/// The plan of a release with these versions.
pub(super) fn plan(
    situation: &Situation<'_>,
    sources: &[SourceOptions<'_>],
    candidates: &[EligibleCandidate],
    reason: &Reason,
) -> Result<Plan, Reason> {
    let mut items: Vec<_> = sources.iter().zip(candidates).map(item).collect();
    items.sort_unstable_by(|one, other| one.planned.cmp(&other.planned));
    items.dedup_by(|one, other| one.planned == other.planned);
    let facts = facts(situation, &items, reason);
    let options = &situation.trigger.options;
    let render = |option: &str, template: &Option<String>| {
        template
            .as_deref()
            .map(|text| render(option, text, &facts))
            .transpose()
    };
    let number = render("releaseVersion", &options.release_version)?;
    let notes = render("releaseNotes", &options.release_notes)?;
    let custom_fields = custom_fields(situation, &items, &facts)?;
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
        notes: notes.unwrap_or_else(|| own_notes(situation, &items)),
        custom_fields,
    })
}

fn item((source, candidate): (&SourceOptions<'_>, &EligibleCandidate)) -> Item {
    let package = source.entry.package.to_string();
    Item {
        link: link::page(&source.package.feed, &package, &candidate.version),
        previous_digest: source.previous_digest.map(str::to_owned),
        planned: PlannedPackage {
            action_name: source.entry.action_name.clone(),
            package_reference: source.entry.package_reference.clone(),
            package,
            version: candidate.version.clone(),
            tag: source.package.feed.kind.chart_tag(&candidate.version),
            previous: source.previous.as_deref().map(str::to_owned),
            digest: candidate.digest.clone(),
        },
    }
}

impl Item {
    fn is_changed(&self) -> bool {
        let PlannedPackage {
            previous,
            version,
            digest,
            ..
        } = &self.planned;
        previous.as_ref() != Some(version)
            || (self.previous_digest.is_some() && self.previous_digest != *digest)
    }

    fn facts(&self) -> Facts {
        let planned = &self.planned;
        let mut facts = Facts::default();
        facts.text("package", Some(&planned.package));
        facts.text("version", Some(&planned.version));
        facts.text("previous", planned.previous.as_deref());
        facts.text("digest", planned.digest.as_deref());
        facts.text("previousDigest", self.previous_digest.as_deref());
        facts.text("action", Some(&planned.action_name));
        facts.text("reference", Some(&planned.package_reference));
        facts.text("link", self.link.as_deref());
        facts.truth("changed", self.is_changed());
        facts
    }

    fn line(&self) -> String {
        let planned = &self.planned;
        let with_digest = |version: &str, digest: Option<&str>| match digest {
            Some(digest) => format!("{version}@{digest}"),
            None => version.to_owned(),
        };
        let now = with_digest(&planned.version, planned.digest.as_deref());
        let now = format!("{} {now}", planned.package);
        let now = match &self.link {
            Some(link) => format!("[{now}]({link})"),
            None => now,
        };
        let change = match &planned.previous {
            Some(_) if !self.is_changed() => "unchanged".to_owned(),
            Some(previous) => {
                let previous = with_digest(previous, self.previous_digest.as_deref());
                format!("was {previous}")
            }
            None => "new".to_owned(),
        };
        format!("- {now} ({change})")
    }
}

fn facts(situation: &Situation<'_>, items: &[Item], reason: &Reason) -> Facts {
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

/// The default notes: a line per package with its previous version.
fn own_notes(situation: &Situation<'_>, items: &[Item]) -> String {
    let by = format!(
        "Created by the feed trigger \"{}\".",
        situation.trigger.name
    );
    let mut lines = vec![by, String::new()];
    lines.extend(items.iter().map(Item::line));
    lines.join("\n")
}

/// The value of each custom field that the channel requires.
fn custom_fields(
    situation: &Situation<'_>,
    items: &[Item],
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

fn digests(items: &[Item]) -> String {
    let digest = |item: &Item| {
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
