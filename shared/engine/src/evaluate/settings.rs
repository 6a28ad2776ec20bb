//! The settings of evaluations, and how long their leases last.

use domain::ledger::{Claimant, Owner};
use domain::time::{Span, Timestamp};
use domain::trigger::NativeTriggers;

/// How long a lease of an invocation in AWS lasts: longer than an invocation can run, which is 120 s by the
/// template.
pub const INVOCATION_LEASE: Span = Span::from_seconds(150);

/// How long a lease of a process on one machine lasts. Nothing ends the process, so this is longer than
/// Octopus may take to create a release.
const PROCESS_LEASE: Span = Span::from_minutes(11);

/// The settings of evaluations.
#[derive(Clone, Debug)]
pub struct EvaluateSettings {
    /// Decide and record, but create no release.
    pub observe: bool,
    /// The native triggers that this program runs. Compared with Octopus once more before a release is created.
    pub native: NativeTriggers,
    /// The owner of leases in the ledger.
    pub claimant: Claimant,
    /// How long a lease lasts: longer than one evaluation can take.
    pub lease: Span,
}

impl EvaluateSettings {
    /// The settings of an invocation in AWS.
    pub fn for_invocation(request_id: &str, native: NativeTriggers, observe: bool) -> Self {
        Self {
            observe,
            native,
            claimant: Claimant {
                owner: Owner(format!("invocation {request_id}")),
                is_alone: false,
            },
            lease: INVOCATION_LEASE,
        }
    }

    /// The settings of a process on one machine, which has used the store alone since this time.
    pub fn for_process(
        process_id: u32,
        since: Timestamp,
        native: NativeTriggers,
        observe: bool,
    ) -> Self {
        Self {
            observe,
            native,
            claimant: Claimant {
                owner: Owner(format!("feedctl process {process_id} since {since}")),
                is_alone: true,
            },
            lease: PROCESS_LEASE,
        }
    }
}
