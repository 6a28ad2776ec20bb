//! Snapshots: a small head that every check reads, and a body that is read after a change.

use domain::budget::BudgetKey;
use domain::feed::Feed;
use domain::ids::{PackageId, PackageKey};
use domain::snapshot::Snapshot;
use domain::time::Span;
use engine::ports::{
    Clock, Head, NextHead, Opened, PauseKey, SaveError, SnapshotReader, Snapshots, StoreError,
    Validators,
};
use wire::rows;

use crate::body::BodyName;
use crate::keys;
use crate::rows::{BoxError, Store, encode_error, read_error, save_error, write_error};
use crate::table::{Key, PutError, Row, Table};

/// How long the snapshot of a package is kept that no trigger watches: longer than a trigger is usually disabled.
const RETENTION: Span = Span::from_days(90);

/// How much longer its body is kept, so that no reader of the head misses it.
const BODY_RETENTION: Span = Span::from_days(1);

/// A second attempt if the body is missing, as the head may be replaced between the two reads.
const ATTEMPTS: usize = 2;

/// The error for a body that is missing in both attempts.
const MISSING: &str = "its body is missing or damaged; delete the row `head` of its partition, and the next \
                       check reads the package again";

impl<T: Table, C: Clock> Snapshots for Store<T, C> {
    async fn open(
        &self,
        feed: &Feed,
        budget: &BudgetKey,
        packages: &[PackageId],
    ) -> Result<Opened, StoreError> {
        let read = async {
            let keys = opening_keys(feed, budget, packages);
            let mut rows = self.rows(&keys).await?.into_iter();
            let (pause, budget) = (rows.next().flatten(), rows.next().flatten());
            let feed_pause = pause
                .map(|row| rows::pause::decode(&row.body))
                .transpose()?;
            let budget = budget
                .map(|row| rows::budget::decode(&row.body))
                .transpose()?;
            let heads = rows.map(|row| row.as_ref().map(decode_head).transpose());
            Ok::<_, BoxError>(Opened {
                feed_pause: feed_pause.map(|(_, state)| state),
                budget: budget.map(|(_, state)| state),
                heads: heads.collect::<Result<_, _>>()?,
            })
        };
        read.await.map_err(read_error(format!(
            "the snapshots of the feed {}",
            feed.name
        )))
    }

    async fn load(&self, package: &PackageKey, head: &Head) -> Result<Snapshot, StoreError> {
        let snapshot = self
            .load_body(package, head)
            .await
            .map_err(read_error(subject(package)))?;
        snapshot.ok_or_else(|| read_error(subject(package))(MISSING))
    }

    async fn advance(
        &self,
        package: &PackageKey,
        before: Option<&Head>,
        next: NextHead,
        snapshot: &Snapshot,
    ) -> Result<Head, SaveError> {
        let partition = keys::snapshot(package);
        let before = before.map(|head| head.revision);
        let content = rows::snapshot::encode(snapshot).map_err(encode_error(subject(package)))?;
        let name = BodyName::new(self.next_revision(before), &content);
        let head = Head {
            generation: next.generation,
            revision: 0, // Set when the head is written.
            validators: next.validators,
            fingerprint: next.fingerprint,
            count: snapshot.len(),
            changed_at: next.changed_at,
            body: name.to_string(),
            pending_event: next.pending_event,
            platform: next.platform,
            suspected: None,
            is_retired: false,
        };
        let written = self.write_body(&partition, &name, &content).await;
        written.map_err(save_error(subject(package)))?;
        let head = self.write_head(package, before, head).await?;
        self.retire_bodies(&partition, &name).await;
        Ok(head)
    }

    async fn revalidate(
        &self,
        package: &PackageKey,
        head: &Head,
        validators: Option<Validators>,
    ) -> Result<(), SaveError> {
        let next = Head {
            validators,
            suspected: None,
            ..head.clone()
        };
        self.write_head(package, Some(head.revision), next).await?;
        Ok(())
    }

    async fn suspect(
        &self,
        package: &PackageKey,
        head: &Head,
        fingerprint: String,
    ) -> Result<(), SaveError> {
        let next = Head {
            suspected: Some(fingerprint),
            ..head.clone()
        };
        self.write_head(package, Some(head.revision), next).await?;
        Ok(())
    }

    async fn settle(&self, package: &PackageKey, head: &Head) -> Result<Head, SaveError> {
        let next = Head {
            pending_event: None,
            ..head.clone()
        };
        self.write_head(package, Some(head.revision), next).await
    }
}

impl<T: Table, C: Clock> SnapshotReader for Store<T, C> {
    async fn snapshot_with_generation(
        &self,
        package: &PackageKey,
    ) -> Result<Option<(Snapshot, u64)>, StoreError> {
        self.read_snapshot(package)
            .await
            .map_err(read_error(subject(package)))
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    async fn read_snapshot(
        &self,
        package: &PackageKey,
    ) -> Result<Option<(Snapshot, u64)>, BoxError> {
        let key = keys::head(keys::snapshot(package));
        for _ in 0..ATTEMPTS {
            let Some(row) = self.row(&key).await? else {
                return Ok(None);
            };
            let head = decode_head(&row)?;
            if let Some(snapshot) = self.load_body(package, &head).await? {
                return Ok(Some((snapshot, head.generation)));
            }
        }
        Err(MISSING.into())
    }

    async fn load_body(
        &self,
        package: &PackageKey,
        head: &Head,
    ) -> Result<Option<Snapshot>, BoxError> {
        let content = self
            .read_body(&keys::snapshot(package), &head.body.parse()?)
            .await?;
        Ok(content.as_deref().map(rows::snapshot::decode).transpose()?)
    }

    /// Replaces the head at revision `before` and returns it with its new revision. The snapshot no longer expires.
    async fn write_head(
        &self,
        package: &PackageKey,
        before: Option<u64>,
        head: Head,
    ) -> Result<Head, SaveError> {
        let partition = keys::snapshot(package);
        if head.is_retired {
            let body = head.body.parse().map_err(write_error(subject(package)))?;
            let kept = self.set_body_expiry(&partition, &body, None).await;
            kept.map_err(write_error(subject(package)))?;
        }
        let head = Head {
            is_retired: false,
            ..head
        };
        let key = keys::head(partition);
        let body = rows::head::encode(&head).map_err(encode_error(subject(package)))?;
        let written = self.advance_row(key, body, before, None).await;
        let revision = written.map_err(save_error(subject(package)))?;
        Ok(Head { revision, ..head })
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    /// Sets the expiry of the snapshot of a package that no trigger watches any more. A snapshot that a check is
    /// changing at the same time is left to the next watch list.
    pub(crate) async fn retire_snapshot(&self, package: &PackageKey) -> Result<(), BoxError> {
        let partition = keys::snapshot(package);
        let key = keys::head(partition.clone());
        let Some(row) = self.row(&key).await? else {
            return Ok(());
        };
        if row.expires.is_some() {
            return Ok(());
        }
        let expires = self.clock.now() + RETENTION;
        let body = decode_head(&row)?.body.parse()?;
        let body_expires = Some(expires + BODY_RETENTION);
        self.set_body_expiry(&partition, &body, body_expires)
            .await?;
        let written = self.advance_row(key, row.body, Some(row.revision), Some(expires));
        match written.await {
            Ok(_) | Err(PutError::Conflict(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// The keys of the feed's pause, its budget and the heads of its packages.
fn opening_keys(feed: &Feed, budget: &BudgetKey, packages: &[PackageId]) -> Vec<Key> {
    let head = |package: &PackageId| keys::head(keys::snapshot_of(&feed.space, &feed.id, package));
    let pause = keys::pause(&PauseKey::Feed(feed.space.clone(), feed.id.clone()));
    [pause, keys::budget(budget)]
        .into_iter()
        .chain(packages.iter().map(head))
        .collect()
}

fn decode_head(row: &Row) -> Result<Head, wire::WireError> {
    let head = rows::head::decode(&row.body, row.revision)?;
    Ok(Head {
        is_retired: row.expires.is_some(),
        ..head
    })
}

fn subject(package: &PackageKey) -> String {
    format!("the snapshot of {package}")
}
