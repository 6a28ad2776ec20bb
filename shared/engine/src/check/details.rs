//! Builds the read request of a package, with the details that triggers need beyond the list of versions.
//!
//! The digest of a followed tag is requested in every check, by a HEAD request: an unchanged check reads no
//! stored snapshot for it. Digests for a platform cost more requests, so they are requested once per version;
//! the snapshot contains those that are known.

use std::collections::BTreeMap;

use domain::snapshot::Snapshot;

use super::{Check, Package};
use crate::StepError;
use crate::ports::{Head, ReadRequest, Snapshots};

impl<S: Snapshots, R, B, C> Check<'_, S, R, B, C> {
    /// The stored snapshot, if the request depends on it.
    pub(super) async fn known(&self, package: &Package) -> Result<Option<Snapshot>, StepError> {
        match &package.head {
            Some(head) if package.details.platform.is_some() => {
                Ok(Some(self.stored(package, head).await?))
            }
            _ => Ok(None),
        }
    }

    /// The stored snapshot, without its digests if they belong to another platform.
    pub(super) async fn stored(
        &self,
        package: &Package,
        head: &Head,
    ) -> Result<Snapshot, StepError> {
        let stored = self.store.load(&package.key, head).await?;
        if package.is_of_same_platform(head) {
            Ok(stored)
        } else {
            Ok(stored.without_digests())
        }
    }
}

impl Package {
    /// Whether the stored digests belong to the platform that is needed now.
    pub(super) fn is_of_same_platform(&self, head: &Head) -> bool {
        head.platform == self.details.platform
    }

    pub(super) fn request(&self) -> ReadRequest {
        ReadRequest {
            package: self.key.package.clone(),
            validators: self.head.as_ref().and_then(|head| head.validators.clone()),
            details: self.details.clone(),
            known_digests: self.known_digests(),
        }
    }

    fn known_digests(&self) -> BTreeMap<String, String> {
        let versions = self.known.iter().flat_map(Snapshot::versions);
        let with_digests = versions.filter_map(|(version, seen)| {
            let digest = seen.digest.clone()?;
            Some((version.to_owned(), digest))
        });
        with_digests.collect()
    }

    /// Whether a trigger needs the digest of this version.
    pub(super) fn needs_digest(&self, version: &str) -> bool {
        self.details.platform.is_some() || self.details.digests_of.contains(version)
    }
}
