//! The triggers' history, and the newest evaluation of each trigger.

use domain::history::Evaluation;
use domain::ids::{SpaceId, TriggerId};
use domain::time::Span;
use engine::ports::{Clock, History, LastReleases, StoreError, Successes};
use wire::rows::history::{self, Newest};

use crate::body::CHUNK;
use crate::keys::{self, LATEST};
use crate::rows::{Failure, Store, is_live, unread, unwritten};
use crate::table::{Order, PutError, Row, Table};

/// How long an evaluation is kept.
const KEPT: Span = Span::from_days(90);

/// How often the newest evaluation is written again because somebody else was faster.
const ATTEMPTS: usize = 5;

const ALL: &str = "the newest evaluations";

impl<T: Table, C: Clock> History for Store<T, C> {
    async fn record(&self, evaluation: &Evaluation) -> Result<(), StoreError> {
        let subject = subject(&evaluation.trigger);
        self.record_twice(evaluation)
            .await
            .map_err(unwritten(subject))
    }

    async fn recent(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        most: usize,
    ) -> Result<Vec<Evaluation>, StoreError> {
        let now = self.clock.now();
        let partition = keys::history(space, trigger);
        let rows = self
            .table
            .query(&partition, "", Order::Descending, most)
            .await;
        let rows = rows.map_err(unread(subject(trigger)))?;
        let live = rows.into_iter().filter(|row| is_live(row, now));
        decode(live).map_err(unread(subject(trigger)))
    }

    async fn latest(&self) -> Result<Vec<Evaluation>, StoreError> {
        let newest = self.newest().await.map_err(unread(ALL))?;
        Ok(newest.into_iter().map(|one| one.evaluation).collect())
    }

    async fn last_successes(&self) -> Result<Successes, StoreError> {
        let newest = self.newest().await.map_err(unread(ALL))?;
        let success = |one: Newest| {
            let Evaluation { space, trigger, .. } = one.evaluation;
            Some(((space, trigger), one.last_success?))
        };
        Ok(newest.into_iter().filter_map(success).collect())
    }

    async fn last_releases(&self) -> Result<LastReleases, StoreError> {
        let newest = self.newest().await.map_err(unread(ALL))?;
        let release = |one: Newest| {
            let Evaluation { space, trigger, .. } = one.evaluation;
            Some(((space, trigger), one.last_release?))
        };
        Ok(newest.into_iter().filter_map(release).collect())
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    /// Once among the trigger's evaluations, and once as its newest.
    async fn record_twice(&self, evaluation: &Evaluation) -> Result<(), Failure> {
        let Evaluation {
            space, trigger, at, ..
        } = evaluation;
        let body = history::encode(evaluation, CHUNK)?;
        let key = keys::evaluation(space, trigger, *at, &body);
        self.replace(key, body, Some(*at + KEPT)).await?;
        for _ in 0..ATTEMPTS {
            if self.try_record_latest(evaluation).await? {
                return Ok(());
            }
        }
        Err("somebody else keeps recording a newer one".into())
    }

    /// Whether the newest evaluation is this one or a later one by now. An evaluation that is recorded
    /// late never takes the place of a later one.
    async fn try_record_latest(&self, evaluation: &Evaluation) -> Result<bool, Failure> {
        let key = keys::latest(&evaluation.space, &evaluation.trigger);
        let row = self.row(&key).await?;
        let before = row.as_ref().map(|row| history::decode_newest(&row.body));
        let before = before.transpose()?;
        if let Some(before) = &before
            && before.evaluation.at > evaluation.at
        {
            return Ok(true);
        }
        let own = evaluation.outcome.is_success().then_some(evaluation.at);
        let before = before.as_ref();
        let known_release = before.and_then(|before| before.last_release.clone());
        let newest = Newest {
            evaluation: evaluation.clone(),
            last_success: own.or(before.and_then(|before| before.last_success)),
            last_release: evaluation.last_release().or(known_release),
        };
        let body = history::encode_newest(&newest, CHUNK)?;
        let revision = row.map(|row| row.revision);
        match self.advance_row(key, body, revision, None).await {
            Ok(_) => Ok(true),
            Err(PutError::Conflict(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The newest evaluation of every trigger.
    async fn newest(&self) -> Result<Vec<Newest>, Failure> {
        let rows = self.all(LATEST).await?;
        let newest = rows.iter().map(|row| history::decode_newest(&row.body));
        Ok(newest.collect::<Result<_, _>>()?)
    }
}

fn decode(rows: impl Iterator<Item = Row>) -> Result<Vec<Evaluation>, wire::WireError> {
    rows.map(|row| history::decode(&row.body)).collect()
}

fn subject(trigger: &TriggerId) -> String {
    format!("the history of the trigger {trigger}")
}
