//! Follows the history: returns each new evaluation once, oldest first. It only reads, and skips evaluations that
//! were recorded before it started.

use std::collections::BTreeMap;

use domain::history::Evaluation;
use domain::ids::{SpaceId, TriggerId};
use domain::time::Timestamp;

use engine::ports::{History, StoreError};

/// How many evaluations of one trigger are read at a time. A trigger with more between two reads is evaluated
/// faster than an operator can read.
const MOST: usize = 50;

/// Follows the history.
#[derive(Debug, Default)]
pub struct Follow {
    seen: BTreeMap<(SpaceId, TriggerId), Timestamp>,
}

impl Follow {
    /// Follows from now on.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn from_now<S: History>(store: &S) -> Result<Self, StoreError> {
        let mut follow = Self::default();
        for one in store.latest().await? {
            follow.seen.insert((one.space, one.trigger), one.at);
        }
        Ok(follow)
    }

    /// The evaluations since the last call.
    ///
    /// # Errors
    /// When the store fails; no evaluation is skipped then.
    pub async fn next<S: History>(&mut self, store: &S) -> Result<Vec<Evaluation>, StoreError> {
        let mut fresh = Vec::new();
        let mut seen = self.seen.clone();
        for newest in store.latest().await? {
            let key = (newest.space.clone(), newest.trigger.clone());
            let before = seen.get(&key).copied();
            if before.is_some_and(|before| newest.at <= before) {
                continue;
            }
            seen.insert(key, newest.at);
            let recent = store.recent(&newest.space, &newest.trigger, MOST).await?;
            let is_new = |one: &Evaluation| before.is_none_or(|before| one.at > before);
            fresh.extend(recent.into_iter().filter(is_new));
        }
        self.seen = seen;
        fresh.sort_by_key(|one| one.at);
        Ok(fresh)
    }
}
