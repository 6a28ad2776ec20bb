//! Release numbers: from a package (the donor), from a template with variables, or as given; the last two
//! may be masks, which continue from existing releases.

use domain::mask::{apply_mask, current_for_mask};
use domain::version::{Version, VersionFormat};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::answer::Refusal;
use crate::world::{Branch, Channel, Project, SelectedPackage, Versioning, evaluate, same};

/// The number of a release: the one asked for, or by the project's strategy.
pub(super) fn number(
    project: &Project,
    channel: &Channel,
    branch: Option<&Branch>,
    packages: &[SelectedPackage],
    asked: Option<&str>,
    now: Timestamp,
) -> Result<String, Refusal> {
    if let Some(asked) = asked {
        return Ok(counted_on(project, asked));
    }
    match project.versioning_at(branch) {
        Versioning::Template(_) => next_number(project, channel, branch, now).ok_or_else(|| {
            Refusal::invalid(
                "The release version could not be determined from the project's version template.",
            )
        }),
        Versioning::Donor { action, package } => {
            let donor = packages
                .iter()
                .find(|of| same(&of.action, action) && same(&of.reference, package));
            donor.map(|donor| donor.version.clone()).ok_or_else(|| {
                Refusal::invalid(format!(
                    "The release version could not be determined: step '{action}', whose package numbers the \
                     releases, is not part of channel '{}'.",
                    channel.name
                ))
            })
        }
    }
}

/// The next number by the project's template; `None` without a template, or if it contains a
/// variable that has no value.
pub(crate) fn next_number(
    project: &Project,
    channel: &Channel,
    branch: Option<&Branch>,
    now: Timestamp,
) -> Option<String> {
    let Versioning::Template(template) = project.versioning_at(branch) else {
        return None;
    };
    let text = evaluate(template, &|name| variable(project, channel, now, name))?;
    Some(counted_on(project, &text))
}

/// Applies a mask to the release that it continues from; other text is returned unchanged.
fn counted_on(project: &Project, text: &str) -> String {
    let current = current_for_mask(
        text,
        project
            .releases
            .iter()
            .map(|release| release.version.as_str()),
    );
    apply_mask(text, current).unwrap_or_else(|_| text.to_owned())
}

fn variable(project: &Project, channel: &Channel, now: Timestamp, name: &str) -> Option<String> {
    if let Some(part) = name.strip_prefix("Octopus.Version.") {
        return version_part(project, channel, part);
    }
    if let Some(part) = name
        .strip_prefix("Octopus.Date.")
        .or_else(|| name.strip_prefix("Octopus.Time."))
    {
        return time_part(now, part);
    }
    match name {
        "Octopus.Release.Channel.Name" => Some(channel.name.clone()),
        _ => project.variable(name),
    }
}

/// `LastMajor` of the project, `Channel.LastMajor` of this channel, `Channel[NAME].LastMajor` of another.
fn version_part(project: &Project, channel: &Channel, part: &str) -> Option<String> {
    let (of, part) = match part.strip_prefix("Channel") {
        None => (None, part),
        Some(rest) => match rest.strip_prefix('[') {
            None => (Some(channel.id.as_str()), rest.strip_prefix('.')?),
            Some(rest) => {
                let (name, part) = rest.split_once("].")?;
                (Some(project.channel(name)?.id.as_str()), part)
            }
        },
    };
    let last = project
        .newest_first()
        .find(|release| of.is_none_or(|of| release.channel == of));
    let last =
        last.and_then(|release| Version::parse(VersionFormat::Octopus, &release.version).ok());
    let (step, part) = match part.strip_prefix("Next") {
        Some(part) => (1, part),
        None => (0, part.strip_prefix("Last")?),
    };
    let numbers = last.as_ref().map_or([0; 4], Version::numbers);
    let number = match part {
        "Major" => numbers[0],
        "Minor" => numbers[1],
        "Patch" | "Build" => numbers[2],
        "Revision" => numbers[3],
        "Suffix" => {
            return Some(
                last.map(|last| last.release().to_owned())
                    .unwrap_or_default(),
            );
        }
        _ => return None,
    };
    Some((number + step).to_string())
}

fn time_part(now: Timestamp, part: &str) -> Option<String> {
    let now = now.to_zoned(TimeZone::UTC);
    let number = match part {
        "Day" => i16::from(now.day()),
        "Month" => i16::from(now.month()),
        "Year" => now.year(),
        "DayOfYear" => now.day_of_year(),
        "Hour" => i16::from(now.hour()),
        "Minute" => i16::from(now.minute()),
        "Second" => i16::from(now.second()),
        _ => return None,
    };
    Some(number.to_string())
}
