//! The watched packages whose last checks failed.

use std::collections::BTreeSet;
use std::fmt;

use domain::coded::{CodedText, Details};
use domain::due::BackOff;
use domain::ids::PackageKey;
use domain::reason_code::ReasonCode;
use domain::trigger::WatchList;
use engine::ports::Restraints;

/// A watched package whose last checks failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedPackage {
    pub package: PackageKey,
    /// The name of its feed; the id if the name is unknown.
    pub feed_name: String,
    /// The failures of the feed, or of the package alone.
    pub failure: BackOff,
}

impl FailedPackage {
    /// The packages among these whose last checks failed.
    pub fn among<'a>(
        packages: impl IntoIterator<Item = &'a PackageKey>,
        list: &WatchList,
        restraints: &Restraints,
    ) -> Vec<Self> {
        let packages: BTreeSet<_> = packages.into_iter().collect();
        let failed = packages.into_iter().filter_map(|key| {
            let feed = list.feed(&key.space, &key.feed);
            Some(Self {
                package: key.clone(),
                feed_name: feed.map_or_else(|| key.feed.to_string(), |feed| feed.name.clone()),
                failure: restraints.read_failure(key)?.clone(),
            })
        });
        failed.collect()
    }
}

impl FailedPackage {
    /// The failure with its code and values.
    pub fn coded(&self) -> CodedText {
        let Self {
            package, failure, ..
        } = self;
        let details = Details::of(ReasonCode::CannotRead)
            .text("package", package.package.as_str())
            .text("feedId", package.feed.as_str())
            .text("error", &failure.reason)
            .number("failedChecks", failure.failures);
        let details = match failure.since {
            Some(since) => details.text("failingSince", since.to_string()),
            None => details,
        };
        CodedText::new(details, self.to_string())
    }
}

/// The package, its feed and the failures, without the time of the next check.
impl fmt::Display for FailedPackage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            package,
            feed_name,
            failure,
        } = self;
        let (name, reason) = (&package.package, &failure.reason);
        write!(f, "{name} could not be read from {feed_name}: {reason}, ")?;
        match failure.failures {
            1 => f.write_str("once")?,
            several => write!(f, "{several} times")?,
        }
        match failure.since {
            Some(since) => write!(f, " since {since}"),
            None => Ok(()),
        }
    }
}
