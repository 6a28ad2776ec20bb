//! What is asked of a package beyond the list of its versions, because a trigger needs to know it.
//!
//! The digest of a followed tag is asked for each time, by a request that brings no body: so an unchanged
//! check has nothing to look up. The digests for a platform take more, and are asked for once of each
//! version; which of them are known stands in the snapshot.

use domain::snapshot::Snapshot;

use super::{Check, Package};
use crate::StepError;
use crate::ports::{Followed, Head, Newest, ReadRequest, Snapshots, Wants};

/// Of so many of the newest versions the digests for a platform are read: more than are pushed between two
/// checks, and few enough for a registry that counts requests.
const NEWEST: usize = 25;

impl<S: Snapshots, R, B, C> Check<'_, S, R, B, C> {
    /// What the package held, if that decides what is asked for.
    pub(super) async fn known(&self, package: &Package) -> Result<Option<Snapshot>, StepError> {
        match &package.head {
            Some(head) if package.details.platform.is_some() => {
                Ok(Some(self.held(package, head).await?))
            }
            _ => Ok(None),
        }
    }

    /// What the package held, without digests if these were of another platform.
    pub(super) async fn held(&self, package: &Package, head: &Head) -> Result<Snapshot, StepError> {
        let held = self.store.load(&package.key, head).await?;
        if package.is_of_same_platform(head) {
            Ok(held)
        } else {
            Ok(held.without_digests())
        }
    }
}

impl Package {
    /// Whether the digests that are known are of the platform that is wanted now.
    pub(super) fn is_of_same_platform(&self, head: &Head) -> bool {
        head.platform == self.details.platform
    }

    pub(super) fn request(&self) -> ReadRequest {
        let validators = self.head.as_ref().and_then(|head| head.validators.clone());
        let followed = |tag: &String| Followed {
            version: tag.clone(),
            known: None,
        };
        ReadRequest {
            package: self.key.package.clone(),
            validators,
            wants: Wants {
                published: self.details.dates,
                digests_of: self.details.digests_of.iter().map(followed).collect(),
                platform: self.details.platform.clone(),
                newest: self.newest(),
            },
        }
    }

    fn newest(&self) -> Option<Newest> {
        self.details.platform.as_ref()?;
        let known = self.known.iter().flat_map(Snapshot::versions);
        let known = known.filter(|(_, seen)| seen.digest.is_some());
        Some(Newest {
            most: NEWEST,
            known: known.map(|(version, _)| version.to_owned()).collect(),
        })
    }

    /// Whether somebody needs to know the digest of this version.
    pub(super) fn needs_digest(&self, version: &str) -> bool {
        self.details.platform.is_some() || self.details.digests_of.contains(version)
    }
}
