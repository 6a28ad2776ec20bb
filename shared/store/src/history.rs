//! The history of each trigger, and its latest evaluation.

use domain::history::{Evaluation, SeenChanges};
use domain::ids::{SpaceId, TriggerId};
use domain::time::Span;
use engine::ports::{Clock, History, LastReleases, StoreError, Successes};
use wire::rows::history::{self, LatestEvaluation};

use crate::body::CHUNK;
use crate::keys::{self, LATEST};
use crate::rows::{BoxError, Store, is_live, read_error, write_error};
use crate::table::{Key, PutError, QueryOrder, Row, Table};

/// How long evaluations are kept.
const RETENTION: Span = Span::from_days(90);

/// How long the latest evaluation of a trigger is kept. A trigger of the watch list is evaluated every hour, so
/// only the rows of triggers that are gone expire.
const LATEST_RETENTION: Span = Span::from_days(180);

/// Attempts to write the latest evaluation after conflicts.
const ATTEMPTS: usize = 5;

const ALL: &str = "the latest evaluations";

impl<T: Table, C: Clock> History for Store<T, C> {
    async fn record_seen(
        &self,
        evaluation: &Evaluation,
        seen: Option<SeenChanges>,
    ) -> Result<(), StoreError> {
        let subject = subject(&evaluation.trigger);
        self.record_both(evaluation, seen.as_ref())
            .await
            .map_err(write_error(subject))
    }

    async fn seen_changes(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<Option<SeenChanges>, StoreError> {
        let row = self.row(&keys::latest(space, trigger)).await;
        let row = row.map_err(read_error(subject(trigger)))?;
        let latest = row.map(|row| history::decode_latest(&row.body)).transpose();
        let latest = latest.map_err(read_error(subject(trigger)))?;
        Ok(latest.and_then(|latest| latest.seen))
    }

    async fn recent(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        limit: usize,
    ) -> Result<Vec<Evaluation>, StoreError> {
        let now = self.clock.now();
        let partition = keys::history(space, trigger);
        let rows = self
            .table
            .query(&partition, "", QueryOrder::Descending, limit)
            .await;
        let rows = rows.map_err(read_error(subject(trigger)))?;
        let live = rows.into_iter().filter(|row| is_live(row, now));
        decode(live).map_err(read_error(subject(trigger)))
    }

    async fn latest(&self) -> Result<Vec<Evaluation>, StoreError> {
        let latest = self.latest_evaluations().await.map_err(read_error(ALL))?;
        Ok(latest.into_iter().map(|one| one.evaluation).collect())
    }

    async fn last_successes(&self) -> Result<Successes, StoreError> {
        let latest = self.latest_evaluations().await.map_err(read_error(ALL))?;
        let success = |one: LatestEvaluation| {
            let Evaluation { space, trigger, .. } = one.evaluation;
            Some(((space, trigger), one.last_success?))
        };
        Ok(latest.into_iter().filter_map(success).collect())
    }

    async fn last_releases(&self) -> Result<LastReleases, StoreError> {
        let latest = self.latest_evaluations().await.map_err(read_error(ALL))?;
        let release = |one: LatestEvaluation| {
            let Evaluation { space, trigger, .. } = one.evaluation;
            Some(((space, trigger), one.last_release?))
        };
        Ok(latest.into_iter().filter_map(release).collect())
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    /// Writes the evaluation to the history and as the latest one.
    async fn record_both(
        &self,
        evaluation: &Evaluation,
        seen: Option<&SeenChanges>,
    ) -> Result<(), BoxError> {
        let Evaluation {
            space, trigger, at, ..
        } = evaluation;
        let body = history::encode(evaluation, CHUNK)?;
        let key = keys::evaluation(space, trigger, *at, &body);
        self.replace(key, body, Some(*at + RETENTION)).await?;
        for _ in 0..ATTEMPTS {
            if self.try_record_as_latest(evaluation, seen).await? {
                return Ok(());
            }
        }
        Err("other invocations recorded newer evaluations five times".into())
    }

    /// Returns false after a conflict. An evaluation that is recorded late does not replace a later one, but the changes
    /// that it has considered are kept if that one has considered none.
    async fn try_record_as_latest(
        &self,
        evaluation: &Evaluation,
        seen: Option<&SeenChanges>,
    ) -> Result<bool, BoxError> {
        let key = keys::latest(&evaluation.space, &evaluation.trigger);
        // An expired row may still be there, and the write is conditional on its revision.
        let row = self.table.get_many(std::slice::from_ref(&key)).await?;
        let row = row.into_iter().next().flatten();
        let live = row.as_ref().filter(|row| is_live(row, self.clock.now()));
        let before = live.map(|row| history::decode_latest(&row.body));
        let before = before.transpose()?;
        let revision = row.map(|row| row.revision);
        let known_seen = before.as_ref().and_then(|before| before.seen.clone());
        let known_seen = known_seen.filter(|seen| !seen.at.is_ahead_of(self.clock.now()));
        let seen = newest(seen.cloned(), known_seen);
        if let Some(before) = &before
            && before.evaluation.at > evaluation.at
            && !before.evaluation.at.is_ahead_of(self.clock.now())
        {
            if before.seen == seen {
                return Ok(true);
            }
            let before = before.clone();
            return self
                .replace_latest(key, revision, LatestEvaluation { seen, ..before })
                .await;
        }
        let own = evaluation.is_success().then_some(evaluation.at);
        let before = before.as_ref();
        let known_success = before.and_then(|before| before.last_success);
        let known_success = known_success.filter(|at| !at.is_ahead_of(self.clock.now()));
        let known_release = before.and_then(|before| before.last_release.clone());
        let latest = LatestEvaluation {
            evaluation: evaluation.clone(),
            last_success: own.or(known_success),
            last_release: evaluation.last_release().or(known_release),
            seen,
        };
        self.replace_latest(key, revision, latest).await
    }

    /// Returns false after a conflict.
    async fn replace_latest(
        &self,
        key: Key,
        revision: Option<u64>,
        latest: LatestEvaluation,
    ) -> Result<bool, BoxError> {
        let body = history::encode_latest(&latest, CHUNK)?;
        let expires = Some(latest.evaluation.at + LATEST_RETENTION);
        match self.advance_row(key, body, revision, expires).await {
            Ok(_) => Ok(true),
            Err(PutError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The latest evaluation of every trigger.
    async fn latest_evaluations(&self) -> Result<Vec<LatestEvaluation>, BoxError> {
        let rows = self.all(LATEST).await?;
        let evaluations = rows.iter().map(|row| history::decode_latest(&row.body));
        Ok(evaluations.collect::<Result<_, _>>()?)
    }
}

fn decode(rows: impl Iterator<Item = Row>) -> Result<Vec<Evaluation>, wire::WireError> {
    rows.map(|row| history::decode(&row.body)).collect()
}

/// The changes that the later of two evaluations has considered.
fn newest(one: Option<SeenChanges>, other: Option<SeenChanges>) -> Option<SeenChanges> {
    match (one, other) {
        (Some(one), Some(other)) if one.at < other.at => Some(other),
        (one, other) => one.or(other),
    }
}

fn subject(trigger: &TriggerId) -> String {
    format!("the history of the trigger {trigger}")
}
