//! The packages of a possible release, as values of an expression.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::{Enumerator, Object, ObjectRepr};

use crate::metadata::VersionMetadata;
use crate::similar::unknown;
use crate::template::{Labels, Lookups};
use crate::time::Timestamp;
use crate::version::{Version, VersionFormat};

/// The names of a package's values.
pub const PACKAGE_NAMES: [&str; 16] = [
    "name",
    "version",
    "previous",
    "digest",
    "previousDigest",
    "published",
    "change",
    "changed",
    "action",
    "reference",
    "major",
    "minor",
    "patch",
    "preRelease",
    "labels",
    "platforms",
];

/// The problems of lookups that found nothing.
pub(super) type UnknownNames = Arc<Mutex<BTreeSet<String>>>;

/// A package of a possible release.
#[derive(Clone, Debug, Default)]
pub struct PackageFacts {
    /// The package: `acme/web`.
    pub name: String,
    /// The action, by slug.
    pub action: String,
    /// The package reference. Empty: the action's primary package.
    pub reference: String,
    pub version: String,
    /// The version in the previous release.
    pub previous: Option<String>,
    pub digest: Option<String>,
    /// The digest in the previous release.
    pub previous_digest: Option<String>,
    /// When the version was published, or else first seen.
    pub published: Option<Timestamp>,
    pub change: ChangeLevel,
    pub is_changed: bool,
    /// The labels and platforms. `None`: they were not read. They are undefined, and a result that needs them is not valid.
    pub metadata: Option<VersionMetadata>,
    /// Whether the labels or platforms were looked up.
    pub lookups: Lookups,
    /// It has every name, for checks without a release.
    pub is_sample: bool,
}

/// The first number in which a version differs from that of the previous release.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChangeLevel {
    Major,
    Minor,
    Patch,
    /// It differs in something else, or there is no previous version.
    #[default]
    Other,
    /// Nothing differs.
    None,
}

impl ChangeLevel {
    /// The level of a change of versions.
    pub fn between(previous: &str, version: &str) -> Self {
        let numbers = |text| Version::parse(VersionFormat::Octopus, text).map(|one| one.numbers());
        let (Ok(before), Ok(after)) = (numbers(previous), numbers(version)) else {
            return Self::Other;
        };
        let differs = before
            .iter()
            .zip(&after)
            .position(|(one, other)| one != other);
        match differs {
            Some(0) => Self::Major,
            Some(1) => Self::Minor,
            Some(2) => Self::Patch,
            _ => Self::Other,
        }
    }

    /// The name in expressions.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Major => "major",
            Self::Minor => "minor",
            Self::Patch => "patch",
            Self::Other => "other",
            Self::None => "none",
        }
    }
}

impl PackageFacts {
    /// The value of a name. `None`: there is no such name.
    fn value(&self, name: &str) -> Option<Value> {
        let text = |text: &Option<String>| text.as_deref().map_or(Value::from(()), Value::from);
        Some(match name {
            "name" => Value::from(self.name.as_str()),
            "action" => Value::from(self.action.as_str()),
            "reference" => Value::from(self.reference.as_str()),
            "version" => Value::from(self.version.as_str()),
            "previous" => text(&self.previous),
            "digest" => text(&self.digest),
            "previousDigest" => text(&self.previous_digest),
            "published" => self
                .published
                .map_or(Value::from(()), |at| Value::from(at.as_seconds())),
            "change" => Value::from(self.change.name()),
            "changed" => Value::from(self.is_changed),
            "major" => self.number(0),
            "minor" => self.number(1),
            "patch" => self.number(2),
            "preRelease" => self
                .parsed()
                .map_or(Value::from(()), |version| Value::from(version.release())),
            "labels" => self.looked_up(|metadata| Value::from_object(Labels(metadata.clone()))),
            "platforms" => self.looked_up(|metadata| Value::from(metadata.platforms().to_vec())),
            _ => return None,
        })
    }

    fn looked_up(&self, value: impl FnOnce(&VersionMetadata) -> Value) -> Value {
        self.lookups.note();
        self.metadata.as_ref().map_or(Value::UNDEFINED, value)
    }

    fn number(&self, index: usize) -> Value {
        let numbers = self.parsed().map(|version| version.numbers());
        numbers
            .and_then(|numbers| numbers.get(index).copied())
            .map_or(Value::from(()), Value::from)
    }

    fn parsed(&self) -> Option<Version> {
        Version::parse(VersionFormat::Octopus, &self.version).ok()
    }

    /// Whether an expression may select the package by this name: its reference, its package, its action if the
    /// reference is empty, or `action:reference`.
    fn has_name(&self, name: &str) -> bool {
        let Self {
            action, reference, ..
        } = self;
        let is_qualified = || match reference.as_str() {
            "" => name == action,
            reference => name.split_once(':') == Some((action, reference)),
        };
        self.is_sample
            || !name.is_empty() && (name == reference || name == self.name)
            || is_qualified()
    }

    /// `acme/web 2.0.0 (was 1.4.0)`.
    fn text(&self) -> String {
        let Self { name, version, .. } = self;
        match &self.previous {
            Some(previous) if previous != version => format!("{name} {version} (was {previous})"),
            _ => format!("{name} {version}"),
        }
    }
}

/// A package with the record of unknown names.
#[derive(Debug)]
struct Package {
    facts: PackageFacts,
    unknown: UnknownNames,
}

/// Packages, in order and by name.
#[derive(Debug)]
pub(super) struct Packages {
    pub(super) packages: Vec<PackageFacts>,
    pub(super) unknown: UnknownNames,
}

impl Object for Package {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        let value = self.facts.value(name);
        if value.is_none() {
            record(
                &self.unknown,
                unknown("name of a package", name, &PACKAGE_NAMES),
            );
        }
        value
    }
}

impl Object for Packages {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let facts = match key.as_str() {
            Some(name) => self.named(name),
            None => self.packages.get(key.as_usize()?),
        };
        Some(Value::from_object(Package {
            facts: facts?.clone(),
            unknown: Arc::clone(&self.unknown),
        }))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.packages.len())
    }
}

impl Packages {
    /// The package of this name. Several of them must have the same version, or the name is ambiguous.
    fn named(&self, name: &str) -> Option<&PackageFacts> {
        let mut found = self.packages.iter().filter(|one| one.has_name(name));
        let problem = match found.next() {
            Some(first) => {
                let same = |other: &PackageFacts| {
                    first.name == other.name && first.version == other.version
                };
                if found.all(same) {
                    return Some(first);
                }
                format!("several packages are named `{name}`; write one as `action:reference`")
            }
            None => {
                let names = self.packages.iter();
                let names = names.flat_map(|one| [one.reference.as_str(), one.name.as_str()]);
                let mut known: Vec<_> = names.filter(|one| !one.is_empty()).collect();
                known.sort_unstable();
                known.dedup();
                unknown("package", name, &known)
            }
        };
        record(&self.unknown, problem);
        None
    }
}

fn record(names: &UnknownNames, problem: String) {
    names
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(problem);
}

/// A value as text: packages with their versions.
pub(super) fn text(value: &Value) -> String {
    if let Some(package) = value.downcast_object_ref::<Package>() {
        return package.facts.text();
    }
    if let Some(list) = value.downcast_object_ref::<Packages>() {
        let packages: Vec<_> = list.packages.iter().map(PackageFacts::text).collect();
        return format!("[{}]", packages.join(", "));
    }
    match value.is_none() {
        true => "none".to_owned(),
        false => value.to_string(),
    }
}
