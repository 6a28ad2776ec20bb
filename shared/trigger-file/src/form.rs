//! Writes definitions in the file's format: fields in the order of the table, without defaults.

use std::collections::BTreeMap;

use domain::definition::{
    ALL, Definition, Definitions, NativeOptions, NativeRef, SourceDefinition,
};
use domain::options::{
    CatchUp, FirstSight, Options, ReleaseContext, Requirements, VersionConditions, VersionOrder,
    VersionPolicy, When,
};
use domain::time::Span;
use domain::window::{Freeze, OpenHours, ReleaseWindow, TimeOfDay};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::duration;

/// A value of a file, with its fields in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    Text(String),
    Truth(bool),
    Count(u32),
    List(Vec<Form>),
    Fields(Fields),
}

/// Fields with their values.
pub(crate) type Fields = Vec<(String, Form)>;

/// Definitions that the serializer refused. None are known.
#[derive(Debug, thiserror::Error)]
#[error("cannot write the triggers as {notation}")]
pub struct WriteError {
    notation: &'static str,
    source: Box<dyn std::error::Error + Send + Sync>,
}

/// Writes definitions as a file. Reading the file returns the same definitions.
///
/// # Errors
/// When the serializer fails, which no definitions are known to cause.
pub fn write(definitions: &Definitions) -> Result<String, WriteError> {
    yaml(&file(definitions))
}

pub(crate) fn yaml(form: &Form) -> Result<String, WriteError> {
    let options = serde_saphyr::ser_options! { compact_list_indent: false };
    serde_saphyr::to_string_with_options(form, options).map_err(|source| WriteError {
        notation: "YAML",
        source: source.into(),
    })
}

/// Writes definitions as JSON, which [`crate::read`] also reads.
///
/// # Errors
/// As [`write`]'s.
pub fn write_json(definitions: &Definitions) -> Result<String, WriteError> {
    serde_json::to_string_pretty(&file(definitions)).map_err(|source| WriteError {
        notation: "JSON",
        source: source.into(),
    })
}

fn file(definitions: &Definitions) -> Form {
    let triggers = definitions.triggers.iter().map(definition);
    let native = definitions.native.iter().map(native_options);
    let mut file = vec![("triggers".to_owned(), Form::list(triggers))];
    if !definitions.native.is_empty() {
        file.push(("native".to_owned(), Form::list(native)));
    }
    Form::Fields(file)
}

impl Form {
    fn list(items: impl Iterator<Item = Fields>) -> Self {
        Self::List(items.map(Self::Fields).collect())
    }
}

impl Serialize for Form {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Truth(truth) => serializer.serialize_bool(*truth),
            Self::Count(count) => serializer.serialize_u32(*count),
            Self::List(items) => serializer.collect_seq(items),
            Self::Fields(fields) => {
                let mut map = serializer.serialize_map(Some(fields.len()))?;
                for (name, value) in fields {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// A builder of fields. It omits absent values and defaults.
#[derive(Default)]
struct Writing(Fields);

impl Writing {
    fn put(&mut self, name: &str, value: Option<Form>) {
        self.0.extend(value.map(|value| (name.to_owned(), value)));
    }

    fn text(&mut self, name: &str, text: Option<&str>) {
        self.put(name, text.map(|text| Form::Text(text.to_owned())));
    }

    fn truth(&mut self, name: &str, truth: bool) {
        self.put(name, truth.then_some(Form::Truth(true)));
    }

    fn span(&mut self, name: &str, span: Option<Span>) {
        self.put(name, span.map(|span| Form::Text(duration::write(span))));
    }
}

pub(crate) fn definition(one: &Definition) -> Fields {
    let mut writing = Writing::default();
    writing.text("name", Some(&one.name));
    writing.text(
        "description",
        Some(&*one.description).filter(|text| !text.is_empty()),
    );
    writing.text("space", one.space.as_deref());
    writing.text("project", Some(&one.project));
    writing.text("channel", one.channel.as_deref());
    writing.truth("isDisabled", one.is_disabled);
    let common = common_selection(&one.sources);
    packages(&mut writing, &one.sources, common.is_some());
    if let Some(common) = common {
        policy(&mut writing, common);
    }
    options(&mut writing, &one.options);
    writing.0
}

/// The selection of all sources, if at least two have the same.
fn common_selection(sources: &[SourceDefinition]) -> Option<&VersionPolicy> {
    let (first, rest) = sources.split_first()?;
    let is_common = first.policy != VersionPolicy::default()
        && !rest.is_empty()
        && rest.iter().all(|one| one.policy == first.policy);
    is_common.then_some(&first.policy)
}

pub(crate) fn native_options(one: &NativeOptions) -> Fields {
    let mut writing = Writing::default();
    match &one.trigger {
        NativeRef::Id(id) => writing.text("id", Some(id.as_str())),
        NativeRef::Named {
            space,
            project,
            name,
        } => {
            writing.text("space", space.as_deref());
            writing.text("project", Some(project));
            writing.text("name", Some(name));
        }
    }
    packages(&mut writing, &one.sources, false);
    options(&mut writing, &one.options);
    writing.0
}

fn packages(writing: &mut Writing, sources: &[SourceDefinition], common: bool) {
    let list: Vec<_> = sources
        .iter()
        .map(|source| package(source, common))
        .collect();
    writing.put("packages", (!list.is_empty()).then_some(Form::List(list)));
}

/// A package, without its selection if the trigger has it for all.
fn package(source: &SourceDefinition, common: bool) -> Form {
    let has_no_selection = common || source.policy == VersionPolicy::default();
    if has_no_selection && source.action == ALL && source.package_reference == ALL {
        return Form::Text(ALL.to_owned());
    }
    let mut writing = Writing::default();
    writing.text("deploymentActionSlug", Some(&source.action));
    let reference = Some(&*source.package_reference);
    writing.text(
        "packageReference",
        reference.filter(|name| !name.is_empty()),
    );
    if !common {
        policy(&mut writing, &source.policy);
    }
    Form::Fields(writing.0)
}

fn policy(writing: &mut Writing, policy: &VersionPolicy) {
    let versions = versions(&policy.versions);
    writing.put(
        "versions",
        (!versions.is_empty()).then_some(Form::Fields(versions)),
    );
    writing.text("follow", policy.follow.as_deref());
    let require = requirements(&policy.require);
    writing.put(
        "require",
        (!require.is_empty()).then_some(Form::Fields(require)),
    );
}

pub(crate) fn requirements(require: &Requirements) -> Fields {
    let list = |texts: Vec<String>| Form::List(texts.into_iter().map(Form::Text).collect());
    let mut writing = Writing::default();
    let signed = require.signed.as_ref().map(|signed| {
        let mut writing = Writing::default();
        let keys = (!signed.keys.is_empty()).then(|| list(signed.keys.clone()));
        writing.put("keys", keys);
        writing.text("profile", signed.profile.as_deref());
        writing.span("within", signed.within);
        Form::Fields(writing.0)
    });
    writing.put("signed", signed);
    let platforms: Vec<_> = require.platforms.iter().cloned().collect();
    let platforms = (!platforms.is_empty()).then(|| list(platforms));
    writing.put("platforms", platforms);
    writing.put("labels", texts(&require.labels));
    let scan = require.scan.as_ref().map(|scan| {
        let mut writing = Writing::default();
        writing.text("allow", Some(&scan.allowed()));
        writing.span("within", scan.within);
        Form::Fields(writing.0)
    });
    writing.put("scan", scan);
    writing.0
}

fn versions(versions: &VersionConditions) -> Fields {
    let mut writing = Writing::default();
    writing.text("range", versions.range.as_deref());
    writing.text("preReleaseTag", versions.pre_release_tag.as_deref());
    writing.text("include", versions.include.as_deref());
    writing.text("exclude", versions.exclude.as_deref());
    let order = versions.order.map(|order| match order {
        VersionOrder::Semver => "semver",
        VersionOrder::Published => "published",
        VersionOrder::Numeric => "numeric",
        VersionOrder::Alphabetical => "alphabetical",
    });
    writing.text("order", order);
    writing.text("extract", versions.extract.as_deref());
    writing.text("platform", versions.platform.as_deref());
    writing.truth("rollBack", versions.roll_back);
    writing.0
}

fn options(writing: &mut Writing, options: &Options) {
    writing.put("when", when(&options.when));
    writing.text("if", options.condition.as_deref());
    writing.span("quietPeriod", options.quiet_period);
    writing.span("maxWait", options.max_wait);
    writing.span("minimumAge", options.minimum_age);
    let catch_up = match options.catch_up {
        CatchUp::Newest => None,
        CatchUp::Every => Some("every"),
        CatchUp::NewestPerMinor => Some("newestPerMinor"),
    };
    writing.text("catchUp", catch_up);
    let first_sight = match options.first_sight {
        FirstSight::Compare => None,
        FirstSight::Baseline => Some("baseline"),
    };
    writing.text("firstSight", first_sight);
    let most = options.max_releases_per_hour;
    writing.put(
        "maxReleasesPerHour",
        most.map(|most| Form::Count(most.get())),
    );
    writing.put("window", options.window.as_ref().map(window));
    writing.text("gitRef", options.git_ref.as_deref());
    writing.text("releaseVersion", options.release_version.as_deref());
    writing.text("releaseNotes", options.release_notes.as_deref());
    writing.put("releaseContext", release_context(options));
    writing.put("customFields", texts(&options.custom_fields));
    writing.truth("dryRun", options.dry_run);
}

fn when(when: &When) -> Option<Form> {
    match when {
        When::Any => None,
        When::All => Some(Form::Text("all".to_owned())),
        When::SameVersion { extract: None } => Some(Form::Text("sameVersion".to_owned())),
        When::SameVersion { extract } => {
            let mut inner = Writing::default();
            inner.text("extract", extract.as_deref());
            let fields = vec![("sameVersion".to_owned(), Form::Fields(inner.0))];
            Some(Form::Fields(fields))
        }
        When::SameLabel { by } => {
            let mut inner = Writing::default();
            inner.text("by", Some(by));
            let fields = vec![("sameVersion".to_owned(), Form::Fields(inner.0))];
            Some(Form::Fields(fields))
        }
    }
}

fn release_context(options: &Options) -> Option<Form> {
    let words = options.release_context.iter().map(|one| match one {
        ReleaseContext::Commits => Form::Text("commits".to_owned()),
        ReleaseContext::BuildInformation => Form::Text("buildInformation".to_owned()),
    });
    let words: Vec<_> = words.collect();
    (!words.is_empty()).then_some(Form::List(words))
}

pub(crate) fn window(window: &ReleaseWindow) -> Form {
    let mut writing = Writing::default();
    writing.text("timeZone", window.time_zone.as_deref());
    let open = Form::list(window.open.iter().map(open_hours));
    writing.put("open", (!window.open.is_empty()).then_some(open));
    let freezes = Form::list(window.freezes.iter().map(freeze));
    writing.put("freezes", (!window.freezes.is_empty()).then_some(freezes));
    Form::Fields(writing.0)
}

fn open_hours(hours: &OpenHours) -> Fields {
    let mut writing = Writing::default();
    let days = hours
        .days
        .iter()
        .map(|day| Form::Text(day.name().to_owned()));
    writing.put(
        "days",
        (!hours.days.is_empty()).then(|| Form::List(days.collect())),
    );
    let time = |time: TimeOfDay, default| (time != default).then(|| Form::Text(time.to_string()));
    writing.put("from", time(hours.from, TimeOfDay::START));
    writing.put("to", time(hours.to, TimeOfDay::END));
    writing.0
}

fn freeze(freeze: &Freeze) -> Fields {
    let mut writing = Writing::default();
    writing.text("from", Some(&freeze.from.to_string()));
    writing.text("to", Some(&freeze.to.to_string()));
    writing.0
}

/// Texts by their names.
fn texts(fields: &BTreeMap<String, String>) -> Option<Form> {
    let fields = fields.iter();
    let fields: Fields = fields
        .map(|(name, text)| (name.clone(), Form::Text(text.clone())))
        .collect();
    (!fields.is_empty()).then_some(Form::Fields(fields))
}
