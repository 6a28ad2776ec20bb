//! The state of a package during a check.

use domain::ids::PackageKey;
use domain::snapshot::Snapshot;
use domain::trigger::PackageDetails;

use crate::ports::Head;

/// A requested package.
pub(super) struct Package {
    pub(super) key: PackageKey,
    pub(super) head: Option<Head>,
    pub(super) details: PackageDetails,
    /// The stored snapshot, if the request depends on it.
    pub(super) known: Option<Snapshot>,
}
