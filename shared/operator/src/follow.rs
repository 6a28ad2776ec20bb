//! Evaluations as they are put on record, for whoever watches. It only reads: what was on record before is
//! passed over, and what comes is given once, oldest first.

use std::collections::BTreeMap;

use domain::history::Evaluation;
use domain::ids::{SpaceId, TriggerId};
use domain::time::Timestamp;

use engine::ports::{History, StoreError};

/// How many evaluations of one trigger are looked through at a time. A trigger that has more between two
/// looks is evaluated faster than anybody reads.
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

    /// What was put on record since the last look.
    ///
    /// # Errors
    /// When the store fails; nothing is passed over then.
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
