//! Facts that a simulation of the past cannot know.

use domain::decide::Situation;
use domain::time::Timestamp;

/// A fact about the simulated time that is not known.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unknown {
    /// Only the newest releases of the channel were read.
    #[error("the channel's releases before {before} were not read; the simulation starts then")]
    Releases { before: Timestamp },
    /// The package was first read during the simulated time.
    #[error("{package} was first read at {first}; its versions before are unknown")]
    Versions { package: String, first: Timestamp },
    /// A followed tag was pushed again during the simulated time.
    #[error("{package} {tag} was pushed again at {at}; its images before are unknown")]
    Image {
        package: String,
        tag: String,
        at: Timestamp,
    },
}

/// The unknown facts about the packages of the trigger since a time.
pub(super) fn of_packages(situation: &Situation<'_>, since: Timestamp) -> Vec<Unknown> {
    let mut unknown = Vec::new();
    for source in &situation.trigger.sources {
        let Ok(resolved) = &source.resolution else {
            continue;
        };
        let Some(read) = situation.packages.get(&resolved.package) else {
            continue;
        };
        let package = resolved.package.package.to_string();
        let versions = read.snapshot.versions();
        let first = versions.map(|(_, seen)| seen.first_seen).min();
        if let Some(first) = first.filter(|first| *first > since) {
            let package = package.clone();
            unknown.push(Unknown::Versions { package, first });
        }
        let followed = source.policy.follow.as_ref();
        if let Some(tag) = followed
            && let Some(seen) = read.snapshot.get(tag)
            && let Some(at) = seen.pushed_again.filter(|at| *at > since)
        {
            let tag = tag.clone();
            unknown.push(Unknown::Image { package, tag, at });
        }
    }
    unknown
}
