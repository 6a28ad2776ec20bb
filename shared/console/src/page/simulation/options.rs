//! The simulated options: the form and its values.

mod form;

use domain::options::{CatchUp, FirstSight, Options, VersionConditions, When};
use domain::time::Span;
use domain::trigger::Trigger;

use crate::form::Form;
pub(super) use form::form;

/// The default period.
const DEFAULT_SINCE: &str = "14d";

/// Sets the options of the form on the trigger and returns the period, or the problems of the form.
pub(super) fn choose(trigger: &mut Trigger, form_values: &Form) -> Result<Span, Vec<String>> {
    let mut problems = Vec::new();
    let since = span(form_values, "since", &mut problems);
    let since = since.unwrap_or_else(|| trigger_file::duration(DEFAULT_SINCE).unwrap_or_default());
    if form_values.has("options") {
        trigger.options = chosen_options(form_values, &mut problems);
        let versions = chosen_versions(form_values);
        for source in &mut trigger.sources {
            source.policy.versions = versions.clone();
            source.policy.follow = None;
        }
        let mut errors = trigger.options.check();
        if let Some(source) = trigger.sources.first() {
            errors.extend(source.policy.check(None));
        }
        problems.extend(errors.iter().map(ToString::to_string));
    }
    if problems.is_empty() {
        Ok(since)
    } else {
        Err(problems)
    }
}

fn chosen_options(form_values: &Form, problems: &mut Vec<String>) -> Options {
    let max_releases_per_hour = form_values.one("maxReleasesPerHour").and_then(|text| {
        let number = text.parse();
        let unread = |_| {
            problems.push(format!(
                "maxReleasesPerHour: `{text}` is not a number above 0"
            ));
        };
        number.map_err(unread).ok()
    });
    Options {
        when: match form_values.one("when").as_deref() {
            Some("all") => When::All,
            Some("sameVersion") => When::SameVersion { extract: None },
            _ => When::Any,
        },
        catch_up: match form_values.one("catchUp").as_deref() {
            Some("every") => CatchUp::Every,
            Some("newestPerMinor") => CatchUp::NewestPerMinor,
            _ => CatchUp::Newest,
        },
        first_sight: if form_values.has("baseline") {
            FirstSight::Baseline
        } else {
            FirstSight::Compare
        },
        quiet_period: span(form_values, "quietPeriod", problems),
        minimum_age: span(form_values, "minimumAge", problems),
        max_releases_per_hour,
        ..Options::default()
    }
}

fn chosen_versions(form_values: &Form) -> VersionConditions {
    VersionConditions {
        range: form_values.one("range"),
        pre_release_tag: form_values.one("preReleaseTag"),
        include: form_values.one("include"),
        exclude: form_values.one("exclude"),
        ..VersionConditions::default()
    }
}

fn span(form_values: &Form, name: &str, problems: &mut Vec<String>) -> Option<Span> {
    let text = form_values.one(name)?;
    match trigger_file::duration(&text) {
        Ok(span) => Some(span),
        Err(error) => {
            problems.push(format!("{name}: {error}"));
            None
        }
    }
}
