//! Everything that delays requests: pauses after failures, budgets, and the limiter of Octopus's requests.

use std::collections::BTreeMap;

use domain::budget::{BudgetKey, BudgetState, LimiterState};
use domain::due::BackOff;
use domain::feed::Feed;
use domain::ids::{FeedId, PackageKey, SpaceId, TriggerId};
use domain::time::Timestamp;
use domain::trigger::Trigger;

use super::StoreError;

/// Pauses of feeds, packages and triggers after a failure.
pub trait Pauses {
    /// All pauses, including expired ones.
    async fn pauses(&self) -> Result<Vec<(PauseKey, BackOff)>, StoreError>;
    /// Sets or replaces one.
    async fn pause(&self, key: &PauseKey, state: &BackOff) -> Result<(), StoreError>;
    /// Removes a pause; no error if there is none.
    async fn resume(&self, key: &PauseKey) -> Result<(), StoreError>;
    /// Removes a pause that ended by then. A later one stays, because another invocation set it since.
    async fn resume_if_over(&self, key: &PauseKey, by: Timestamp) -> Result<(), StoreError>;
}

/// The subject of a pause.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PauseKey {
    /// A whole feed.
    Feed(SpaceId, FeedId),
    /// One package.
    Package(PackageKey),
    /// A trigger; it is evaluated again when the pause ends.
    Trigger(SpaceId, TriggerId),
}

/// The states of budgets. A budget without restrictions has no state.
pub trait Budgets {
    /// All pauses, including expired ones, and all budgets, in one read.
    async fn restraints(&self) -> Result<Restraints, StoreError>;

    /// Changes the current state of a budget. `change` maps the state to the next one; equal states are not
    /// written. After a conflict with another invocation it is called again.
    async fn change_budget(
        &self,
        key: &BudgetKey,
        change: impl Fn(Option<BudgetState>) -> Option<BudgetState>,
    ) -> Result<(), StoreError>;
}

/// The rate limiter of requests with Octopus's API key, which all processes with the key share.
pub trait RateLimiters {
    /// Changes the current state; equal states are not written. After a conflict with another invocation `change` is
    /// called again. Returns the state after the change. `None`: Octopus has shown no rate limit for a day.
    async fn change_rate_limiter(
        &self,
        change: impl Fn(Option<LimiterState>) -> Option<LimiterState>,
    ) -> Result<Option<LimiterState>, StoreError>;
}

/// Everything that delays requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restraints {
    /// Pauses of feeds, packages and triggers after failures.
    pub pauses: BTreeMap<PauseKey, BackOff>,
    /// States of budgets of hosts and credentials.
    pub budgets: BTreeMap<BudgetKey, BudgetState>,
    /// The limiter of Octopus's requests. `None`: Octopus has shown no rate limit for a day.
    pub limiter: Option<LimiterState>,
}

impl Restraints {
    /// The budget that the feed's reads count against, if it has a state.
    pub fn budget(&self, feed: &Feed) -> Option<(&BudgetKey, &BudgetState)> {
        self.budgets
            .iter()
            .find(|(key, state)| feed.budget(&state.access) == **key)
    }

    /// The failure of the last checks of a package: its feed's, or its own.
    pub fn read_failure(&self, key: &PackageKey) -> Option<&BackOff> {
        let feed = PauseKey::Feed(key.space.clone(), key.feed.clone());
        let of_feed = self.pauses.get(&feed);
        let failure = of_feed.or_else(|| self.pauses.get(&PauseKey::Package(key.clone())));
        failure.filter(|failure| failure.failures > 0)
    }

    /// The failure of a trigger's packages that began first.
    pub fn first_read_failure(&self, trigger: &Trigger) -> Option<&BackOff> {
        let failures = trigger.packages().filter_map(|key| self.read_failure(key));
        failures.min_by_key(|failure| failure.since.unwrap_or(failure.until))
    }
}
