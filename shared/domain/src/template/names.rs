//! The names that templates may use, and a check for unknown ones.
//!
//! Names of the release are found by static analysis, in all branches. Names of packages are found by rendering the
//! template with sample packages that record every lookup.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use minijinja::Value;
use minijinja::value::Object;

/// The names of a release.
pub(super) const RELEASE: [&str; 9] = [
    "packages", "changed", "reason", "trigger", "project", "channel", "previous", "next", "gitRef",
];

/// The names of a package.
pub(super) const PACKAGE: [&str; 13] = [
    "package",
    "version",
    "previous",
    "digest",
    "previousDigest",
    "action",
    "reference",
    "link",
    "changed",
    "labels",
    "platforms",
    "commitLink",
    "diffLink",
];

/// Names that were looked up in sample packages and do not exist.
pub(super) type Unknown = Arc<Mutex<BTreeSet<String>>>;

/// A package with a value for every name.
struct SamplePackage(Unknown);

impl fmt::Debug for SamplePackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("package")
    }
}

impl Object for SamplePackage {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let name = key.as_str()?;
        if PACKAGE.contains(&name) {
            return Some(match name {
                "changed" => Value::from(true),
                "labels" => Value::from_object(SampleLabels),
                "platforms" => Value::from(vec!["linux/amd64", "linux/arm64"]),
                _ => Value::from("1.0.0"),
            });
        }
        let mut unknown = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        unknown.insert(name.to_owned());
        None
    }
}

/// Labels with a value for every name.
#[derive(Debug)]
struct SampleLabels;

impl Object for SampleLabels {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        key.as_str().map(|_| Value::from("1.0.0"))
    }
}

/// A release of two packages with a value for every name.
pub(super) fn sample(unknown: &Unknown) -> Value {
    let package = || Value::from_object(SamplePackage(Arc::clone(unknown)));
    let packages = || Value::from(vec![package(), package()]);
    let value = |name: &'static str| match name {
        "packages" | "changed" => (name, packages()),
        _ => (name, Value::from("1.0.0")),
    };
    let release: BTreeMap<_, _> = RELEASE.into_iter().map(value).collect();
    Value::from(release)
}
