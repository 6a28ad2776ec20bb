//! The options that somebody asks about: the form, and what is made of it.

mod form;

use domain::options::{CatchUp, FirstSight, Options, VersionConditions, When};
use domain::time::Span;
use domain::trigger::Trigger;

use crate::form::Form;
pub(super) use form::form;

/// How far back, if nothing is said.
const USUAL: &str = "14d";

/// Gives the trigger the options that were asked for, and tells how far back; or what is wrong with them.
pub(super) fn choose(trigger: &mut Trigger, asked: &Form) -> Result<Span, Vec<String>> {
    let mut problems = Vec::new();
    let since = span(asked, "since", &mut problems);
    let since = since.unwrap_or_else(|| trigger_file::duration(USUAL).unwrap_or_default());
    if asked.has("options") {
        trigger.options = chosen_options(asked, &mut problems);
        let versions = chosen_versions(asked);
        for source in &mut trigger.sources {
            source.selection.versions = versions.clone();
            source.selection.follow = None;
        }
        let mut errors = trigger.options.check();
        if let Some(source) = trigger.sources.first() {
            errors.extend(source.selection.check(None));
        }
        problems.extend(errors.iter().map(ToString::to_string));
    }
    if problems.is_empty() {
        Ok(since)
    } else {
        Err(problems)
    }
}

fn chosen_options(asked: &Form, problems: &mut Vec<String>) -> Options {
    let max_releases_per_hour = asked.one("maxReleasesPerHour").and_then(|text| {
        let number = text.parse();
        let unread =
            |_| problems.push(format!("maxReleasesPerHour: `{text}` is no number above 0"));
        number.map_err(unread).ok()
    });
    Options {
        when: match asked.one("when").as_deref() {
            Some("all") => When::All,
            Some("sameVersion") => When::SameVersion { extract: None },
            _ => When::Any,
        },
        catch_up: match asked.one("catchUp").as_deref() {
            Some("every") => CatchUp::Every,
            Some("newestPerMinor") => CatchUp::NewestPerMinor,
            _ => CatchUp::Newest,
        },
        first_sight: if asked.has("baseline") {
            FirstSight::Baseline
        } else {
            FirstSight::Compare
        },
        quiet_period: span(asked, "quietPeriod", problems),
        minimum_age: span(asked, "minimumAge", problems),
        max_releases_per_hour,
        ..Options::default()
    }
}

fn chosen_versions(asked: &Form) -> VersionConditions {
    VersionConditions {
        range: asked.one("range"),
        pre_release_tag: asked.one("preReleaseTag"),
        include: asked.one("include"),
        exclude: asked.one("exclude"),
        ..VersionConditions::default()
    }
}

fn span(asked: &Form, name: &str, problems: &mut Vec<String>) -> Option<Span> {
    let text = asked.one(name)?;
    match trigger_file::duration(&text) {
        Ok(span) => Some(span),
        Err(error) => {
            problems.push(format!("{name}: {error}"));
            None
        }
    }
}
