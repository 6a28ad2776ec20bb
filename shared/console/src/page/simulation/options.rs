//! The options of the form: reading them, and filling the form with those of a trigger.

mod form;

use domain::options::{CatchUp, FirstSight, Options, VersionConditions, When};
use domain::time::Span;
use domain::trigger::{Trigger, WatchList};

use crate::form::Form;
pub(super) use form::form;

/// The default period.
const DEFAULT_SINCE: &str = "14d";

/// The field of a form whose options were changed by the user.
const SUBMITTED: &str = "options";

/// The period of the simulation.
pub(super) fn since(form: &Form) -> Result<Span, Vec<String>> {
    let mut problems = Vec::new();
    let since = span(form, "since", &mut problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    Ok(since.unwrap_or_else(|| trigger_file::duration(DEFAULT_SINCE).unwrap_or_default()))
}

/// Sets the options of a submitted form on the trigger. Options that the form lacks are unchanged.
/// Ranges are checked with the formats of the feeds in the watch list.
pub(crate) fn set_options(
    trigger: &mut Trigger,
    list: &WatchList,
    form: &Form,
) -> Result<(), Vec<String>> {
    if !form.has(SUBMITTED) {
        return Ok(());
    }
    let mut problems = Vec::new();
    trigger.options = changed_options(&trigger.options, form, &mut problems);
    let is_versions_form = !is_mixed(trigger) || VERSION_FIELDS.iter().any(|name| form.has(name));
    for source in trigger.sources.iter_mut().filter(|_| is_versions_form) {
        let versions = &mut source.policy.versions;
        *versions = VersionConditions {
            range: form.one("range"),
            pre_release_tag: form.one("preReleaseTag"),
            include: form.one("include"),
            exclude: form.one("exclude"),
            ..versions.clone()
        };
    }
    let mut errors = trigger.options.check();
    for source in &trigger.sources {
        errors.extend(source.policy.check(list.version_format(source)));
    }
    problems.extend(errors.iter().map(ToString::to_string));
    problems.dedup();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(problems)
    }
}

/// Version conditions that are valid, but probably not intended.
pub(super) fn warnings(trigger: &Trigger) -> Vec<String> {
    let sources = trigger.sources.iter();
    let warnings = sources.flat_map(|source| source.policy.warnings());
    let mut warnings: Vec<_> = warnings.map(|warning| warning.to_string()).collect();
    warnings.dedup();
    warnings
}

/// The values that the form shows: those of a submitted form, or else the trigger's own.
pub(super) fn values(trigger: &Trigger, form: &Form) -> Form {
    if form.has(SUBMITTED) {
        return form.clone();
    }
    let options = &trigger.options;
    let text = |span: Option<Span>| span.map(short);
    let versions = trigger
        .sources
        .first()
        .filter(|_| !is_mixed(trigger))
        .map(|source| source.policy.versions.clone())
        .unwrap_or_default();
    let when = match options.when {
        When::Any => "any",
        When::All => "all",
        When::SameVersion { .. } => "sameVersion",
        When::SameLabel { .. } => "sameLabel",
    };
    let catch_up = match options.catch_up {
        CatchUp::Newest => "newest",
        CatchUp::Every => "every",
        CatchUp::NewestPerMinor => "newestPerMinor",
    };
    let baseline = (options.first_sight == FirstSight::Baseline).then(|| "yes".to_owned());
    let limit = options.max_releases_per_hour.map(|limit| limit.to_string());
    Form::of_fields([
        ("since", form.one("since")),
        ("if", options.condition.clone()),
        ("quietPeriod", text(options.quiet_period)),
        ("minimumAge", text(options.minimum_age)),
        ("maxReleasesPerHour", limit),
        ("when", Some(when.to_owned())),
        ("catchUp", Some(catch_up.to_owned())),
        ("baseline", baseline),
        ("range", versions.range),
        ("preReleaseTag", versions.pre_release_tag),
        ("include", versions.include),
        ("exclude", versions.exclude),
    ])
}

/// The fields of the versions of every source.
const VERSION_FIELDS: [&str; 4] = ["range", "preReleaseTag", "include", "exclude"];

/// Whether the sources have different version conditions, which one form cannot show.
fn is_mixed(trigger: &Trigger) -> bool {
    let mut versions = trigger.sources.iter().map(|one| &one.policy.versions);
    versions
        .next()
        .is_some_and(|first| versions.any(|other| other != first))
}

fn changed_options(before: &Options, form: &Form, problems: &mut Vec<String>) -> Options {
    let max_releases_per_hour = form.one("maxReleasesPerHour").and_then(|text| {
        let number = text.parse();
        let invalid = |_| {
            problems.push(format!(
                "maxReleasesPerHour: `{text}` is not a number above 0"
            ));
        };
        number.map_err(invalid).ok()
    });
    Options {
        when: match (form.one("when").as_deref(), &before.when) {
            (Some("all"), _) => When::All,
            (Some("sameVersion"), When::SameVersion { extract }) => When::SameVersion {
                extract: extract.clone(),
            },
            (Some("sameVersion"), _) => When::SameVersion { extract: None },
            (Some("sameLabel"), When::SameLabel { by }) => When::SameLabel { by: by.clone() },
            (Some("sameLabel"), _) => When::SameLabel {
                by: domain::metadata::REVISION.to_owned(),
            },
            _ => When::Any,
        },
        catch_up: match form.one("catchUp").as_deref() {
            Some("every") => CatchUp::Every,
            Some("newestPerMinor") => CatchUp::NewestPerMinor,
            _ => CatchUp::Newest,
        },
        first_sight: if form.has("baseline") {
            FirstSight::Baseline
        } else {
            FirstSight::Compare
        },
        condition: form.one("if"),
        quiet_period: span(form, "quietPeriod", problems),
        minimum_age: span(form, "minimumAge", problems),
        max_releases_per_hour,
        ..before.clone()
    }
}

fn span(form: &Form, name: &str, problems: &mut Vec<String>) -> Option<Span> {
    let text = form.one(name)?;
    match trigger_file::duration(&text) {
        Ok(span) => Some(span),
        Err(error) => {
            problems.push(format!("{name}: {error}"));
            None
        }
    }
}

/// The span in the largest unit that expresses it exactly: `90s`, `5m`, `1d`.
fn short(span: Span) -> String {
    let seconds = span.as_millis() / 1_000;
    for (unit, name) in [(86_400, "d"), (3_600, "h"), (60, "m")] {
        if seconds > 0 && seconds % unit == 0 {
            return format!("{}{name}", seconds / unit);
        }
    }
    format!("{seconds}s")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_spans_are_read_as_the_same_span() {
        for (seconds, text) in [
            (90, "90s"),
            (300, "5m"),
            (7_200, "2h"),
            (86_400, "1d"),
            (0, "0s"),
        ] {
            let span = Span::from_seconds(seconds);
            assert_eq!(short(span), text);
            if seconds > 0 {
                assert_eq!(trigger_file::duration(text).ok(), Some(span));
            }
        }
    }
}
