//! Each option of a trigger, and each pair that meets: what is decided, by tables.
//!
//! A case is written in one line. `web 1.0@0 1.1@60` is a package with its versions and the second at
//! which each was published; after `|` follows the previous release, after that the options. Expected is the shortened text
//! of the decision: `create web 1.1`, `wait ... until 90`, `skip`.

mod catch_up;
mod condition;
mod first_sight;
mod follow;
mod pairs;
pub(crate) mod records;
pub(crate) mod require;
mod require_pairs;
mod shape;
mod time;
mod versions;
mod when;
pub(crate) mod window;
mod wrong;

use domain::decide::Decision;
use domain::options::{Options, VersionPolicy};
use domain::snapshot::{Seen, Snapshot};
use domain::version::VersionFormat;

use crate::at;
use crate::case::Case;

/// A case with packages like `web 1.0@0 1.1@60`, each version with the second at which it came.
pub(crate) fn with_packages(packages: &[&str]) -> Case {
    let mut case = Case::new();
    for package in packages {
        let (name, versions) = package.split_once(' ').unwrap_or((package, ""));
        let snapshot = Snapshot::from_versions(versions.split_whitespace().map(version));
        case = case.package(name, VersionFormat::Docker, snapshot);
    }
    case
}

/// `1.0@60`: first seen then. `1.0@60!aa`: with this digest. `1.0@60!aa@90`: pushed again then.
fn version(text: &str) -> (String, Seen) {
    let (version, rest) = text.split_once('@').unwrap_or((text, "0"));
    let (came, digest) = match rest.split_once('!') {
        Some((came, digest)) => (came, Some(digest)),
        None => (rest, None),
    };
    let (digest, again) = match digest.and_then(|digest| digest.split_once('@')) {
        Some((digest, again)) => (Some(digest), Some(again)),
        None => (digest, None),
    };
    let seconds = |text: &str| at(text.parse().expect("a second"));
    let seen = Seen {
        digest: digest.map(|digest| format!("sha256:{digest}")),
        published: None,
        first_seen: seconds(came),
        pushed_again: again.map(seconds),
    };
    (version.to_owned(), seen)
}

impl Case {
    pub(crate) fn options(mut self, options: Options) -> Self {
        self.trigger.options = options;
        self
    }

    /// The same selection for every source.
    pub(crate) fn select(mut self, policy: &VersionPolicy) -> Self {
        for source in &mut self.trigger.sources {
            source.policy = policy.clone();
        }
        self
    }

    pub(crate) fn at(mut self, seconds: i64) -> Self {
        self.now = at(seconds);
        self
    }

    /// The decision: `create web 1.1, api 2.0`, with ` ...` where another release follows; else its text, with the second
    /// until which it waits.
    pub(crate) fn decided(&self) -> String {
        let decided = self.judge();
        let more = if decided.more { " ..." } else { "" };
        match &decided.decision {
            Decision::Create(plan, _) => {
                let names = self.trigger.sources.iter().map(|source| {
                    let reference = &source.reference.package_reference;
                    let package = plan
                        .packages
                        .iter()
                        .find(|one| one.package_reference == *reference)
                        .expect("every source is planned");
                    let digest = package
                        .digest
                        .as_deref()
                        .map(|one| one.replace("sha256:", "@"));
                    format!(
                        "{reference} {}{}",
                        package.version,
                        digest.unwrap_or_default()
                    )
                });
                format!("create {}{more}", names.collect::<Vec<_>>().join(", "))
            }
            Decision::Wait(reason, Some(until)) => {
                format!("wait: {reason}; until {}", until.as_millis() / 1_000)
            }
            other => other.to_string(),
        }
    }

    /// Releases one after another, as the engine would, until there is nothing to do: what each was.
    pub(crate) fn releases(mut self) -> Vec<String> {
        let mut made = Vec::new();
        for _ in 0..50 {
            let decided = self.decided();
            let Some(packages) = decided.strip_prefix("create ") else {
                return made;
            };
            let packages = packages.trim_end_matches(" ...").to_owned();
            self = self.released(&packages);
            made.push(packages);
        }
        panic!("it never ends: {made:?}");
    }
}

/// Checks each case's decision.
pub(crate) fn table(cases: impl IntoIterator<Item = (Case, &'static str)>) {
    for (number, (case, expected)) in cases.into_iter().enumerate() {
        let decided = case.decided();
        assert_eq!(decided, expected, "case {number}, counted from 0");
    }
}
