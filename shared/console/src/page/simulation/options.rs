//! The options of the form: reading them, and filling the form with those of a trigger.

mod form;

use domain::options::{
    CatchUp, FirstSight, Options, Requirements, VersionConditions, VersionPolicy, When,
};
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

/// The changes of a form to the policies of all sources. `None`: unchanged, because the sources differ and the form shows
/// no value for them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PolicyChange {
    versions: Option<VersionConditions>,
    require: Option<Requirements>,
}

impl PolicyChange {
    pub(crate) fn apply(&self, policy: &mut VersionPolicy) {
        if let Some(versions) = &self.versions {
            policy.versions.clone_from(versions);
        }
        if let Some(require) = &self.require {
            policy.require.clone_from(require);
        }
    }
}

/// Sets the options of a submitted form on the trigger, and returns the changes to its sources. Options that the form
/// lacks are unchanged. Ranges are checked with the formats of the feeds in the watch list.
pub(crate) fn set_options(
    trigger: &mut Trigger,
    list: &WatchList,
    form: &Form,
) -> Result<PolicyChange, Vec<String>> {
    if !form.has(SUBMITTED) {
        return Ok(PolicyChange::default());
    }
    let mut problems = Vec::new();
    trigger.options = changed_options(&trigger.options, form, &mut problems);
    let versions = common(trigger, |policy| &policy.versions);
    let has_versions = VERSION_FIELDS.iter().any(|name| form.has(name));
    let versions = versions.or(has_versions.then(VersionConditions::default));
    let versions = versions.map(|before| VersionConditions {
        range: form.one("range"),
        pre_release_tag: form.one("preReleaseTag"),
        include: form.one("include"),
        exclude: form.one("exclude"),
        ..before
    });
    let require = part(
        form,
        "require",
        trigger_file::read_requirements,
        &mut problems,
    );
    let is_uniform = common(trigger, |policy| &policy.require).is_some();
    let change = PolicyChange {
        versions,
        require: require.or(is_uniform.then(Requirements::default)),
    };
    for source in &mut trigger.sources {
        change.apply(&mut source.policy);
    }
    let mut errors = trigger.options.check();
    for source in &trigger.sources {
        errors.extend(source.policy.check(list.feed_of(source)));
    }
    problems.extend(errors.iter().map(ToString::to_string));
    problems.dedup();
    if problems.is_empty() {
        Ok(change)
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
    let versions = common(trigger, |policy| &policy.versions).unwrap_or_default();
    let require = common(trigger, |policy| &policy.require).filter(|require| !require.is_empty());
    // Values of the file can be written.
    let require = require.and_then(|require| trigger_file::write_requirements(&require).ok());
    let window = options.window.as_ref();
    let window = window.and_then(|window| trigger_file::write_window(window).ok());
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
        ("window", window),
        ("require", require),
    ])
}

/// The fields of the versions of every source.
const VERSION_FIELDS: [&str; 4] = ["range", "preReleaseTag", "include", "exclude"];

/// The value that all sources have. `None`: they have different ones, which one form cannot show.
fn common<T: Clone + Default + PartialEq>(
    trigger: &Trigger,
    of: impl Fn(&VersionPolicy) -> &T,
) -> Option<T> {
    let mut values = trigger.sources.iter().map(|one| of(&one.policy));
    let Some(first) = values.next() else {
        return Some(T::default());
    };
    values.all(|other| other == first).then(|| first.clone())
}

/// An option that is written as in the trigger file.
fn part<T>(
    form: &Form,
    name: &str,
    read: impl FnOnce(&str) -> Result<T, trigger_file::FileErrors>,
    problems: &mut Vec<String>,
) -> Option<T> {
    let text = form.one(name)?;
    read(&text)
        .map_err(|errors| problems.push(errors.to_string()))
        .ok()
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
        window: part(form, "window", trigger_file::read_window, problems),
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
