//! Splits the packages of a check into several reads, so that the versions that are in memory at the same time are
//! bounded.

use domain::feed::{Feed, FeedKind};
use domain::ids::PackageId;
use domain::time::Span;

use super::package::Package;
use crate::ports::{FeedError, FeedErrorKind};

/// The number of versions from which no further package is added to a read: as many as one package may have.
const VERSIONS_PER_READ: usize = 250_000;

/// The time after which no further read begins. With the 90 seconds that a read may take, a check ends within the
/// function's timeout of 120 seconds.
pub(super) const LAST_START: Span = Span::from_seconds(20);

/// The packages of each read, by the number of their stored versions. Packages whose last check failed come first if
/// there are several reads, and alone if their number of versions is unknown. The packages of a Helm repository stay
/// together, because they share one index, whose size is limited.
pub(super) fn batches(
    feed: &Feed,
    retrying: &[PackageId],
    mut packages: Vec<Package>,
) -> Vec<Vec<Package>> {
    let is_retrying = |package: &Package| retrying.contains(&package.key.package);
    let versions = |package: &Package| match &package.head {
        Some(head) => head.count,
        None if is_retrying(package) => VERSIONS_PER_READ,
        None => 0,
    };
    let all: usize = packages.iter().map(versions).sum();
    if feed.kind == FeedKind::Helm || all <= VERSIONS_PER_READ {
        return vec![packages];
    }
    packages.sort_by_key(|package| !is_retrying(package));
    let mut batches: Vec<Vec<Package>> = Vec::new();
    let mut room = 0;
    for package in packages {
        let count = versions(&package);
        match batches.last_mut() {
            Some(last) if count <= room => {
                room -= count;
                last.push(package);
            }
            _ => {
                room = VERSIONS_PER_READ.saturating_sub(count);
                batches.push(vec![package]);
            }
        }
    }
    batches
}

/// The error of a package for which no time is left.
pub(super) fn out_of_time(feed: &Feed, package: &PackageId) -> FeedError {
    let message = format!(
        "cannot read {package} in feed {}: the packages before it took more than {LAST_START}; it is read first in \
         its next check",
        feed.name
    );
    FeedError {
        message,
        kind: FeedErrorKind::Incomplete,
        source: None,
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::{FeedId, PackageKey, SpaceId};
    use domain::time::Timestamp;
    use domain::trigger::PackageDetails;

    use super::*;
    use crate::ports::Head;

    fn feed(kind: FeedKind) -> Feed {
        Feed {
            id: FeedId::new("Feeds-1"),
            space: SpaceId::new("Spaces-1"),
            name: "Images".into(),
            kind,
            uri: None,
            registry_path: None,
            region: None,
            account: None,
            has_credentials: false,
        }
    }

    fn package(name: &str, count: Option<usize>) -> Package {
        let head = |count| Head {
            generation: 1,
            revision: 1,
            validators: None,
            fingerprint: String::new(),
            count,
            changed_at: Timestamp::default(),
            body: String::new(),
            pending_event: None,
            platform: None,
            suspected: None,
            is_retired: false,
        };
        Package {
            key: PackageKey {
                space: SpaceId::new("Spaces-1"),
                feed: FeedId::new("Feeds-1"),
                package: PackageId::new(name),
            },
            head: count.map(head),
            details: PackageDetails::default(),
            known: None,
        }
    }

    fn names(kind: FeedKind, retrying: &[&str], packages: &[(&str, Option<usize>)]) -> String {
        let retrying: Vec<_> = retrying.iter().map(|&name| PackageId::new(name)).collect();
        let packages = packages.iter().map(|&(name, count)| package(name, count));
        let batches = batches(&feed(kind), &retrying, packages.collect());
        let names = batches.iter().map(|batch| {
            let names = batch.iter().map(|one| one.key.package.as_str());
            names.collect::<Vec<_>>().join(" ")
        });
        names.collect::<Vec<_>>().join(" | ")
    }

    #[test]
    fn packages_with_many_versions_are_read_one_by_one() {
        let large = Some(240_000);
        for (kind, retrying, packages, expected) in [
            (FeedKind::Docker, &[][..], &[][..], ""),
            (
                FeedKind::Docker,
                &["c"],
                &[("a", Some(10)), ("b", None), ("c", Some(20))],
                "a b c",
            ),
            (
                FeedKind::Docker,
                &["d"],
                &[("a", large), ("b", large), ("c", Some(10)), ("d", Some(10))],
                "d a | b c",
            ),
            (
                FeedKind::Docker,
                &["a", "c"],
                &[("a", None), ("b", None), ("c", None), ("d", Some(5))],
                "a | c b | d",
            ),
            (FeedKind::Helm, &[], &[("a", large), ("b", large)], "a b"),
        ] {
            assert_eq!(names(kind, retrying, packages), expected);
        }
    }
}
