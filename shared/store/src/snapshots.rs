//! Snapshots: a small head that every check reads, and a body that is read when something changed.

use domain::budget::BudgetKey;
use domain::feed::Feed;
use domain::ids::{PackageId, PackageKey};
use domain::snapshot::Snapshot;
use engine::ports::{
    Clock, Head, NextHead, Opened, PauseKey, SaveError, SnapshotReader, Snapshots, StoreError,
    Validators,
};
use wire::rows;

use crate::body::BodyName;
use crate::keys;
use crate::rows::{Failure, Store, unread, unsavable, unsaved};
use crate::table::{Key, Row, Table};

/// Read once more when a body is gone: then the head was replaced between the two reads.
const ATTEMPTS: usize = 2;

/// What to do about a body that stays missing.
const MISSING: &str = "its body is missing or damaged; delete the row `head` of its partition in the \
                       table, and the package is read afresh";

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
            Ok::<_, Failure>(Opened {
                feed_pause: feed_pause.map(|(_, state)| state),
                budget: budget.map(|(_, state)| state),
                heads: heads.collect::<Result<_, _>>()?,
            })
        };
        read.await
            .map_err(unread(format!("the snapshots of the feed {}", feed.name)))
    }

    async fn load(&self, package: &PackageKey, head: &Head) -> Result<Snapshot, StoreError> {
        let snapshot = self
            .load_body(package, head)
            .await
            .map_err(unread(subject(package)))?;
        snapshot.ok_or_else(|| unread(subject(package))(MISSING))
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
        let content = rows::snapshot::encode(snapshot).map_err(unsavable(subject(package)))?;
        let name = BodyName::new(self.next_revision(before), &content);
        let head = Head {
            generation: next.generation,
            revision: 0, // The table's, set below.
            validators: next.validators,
            fingerprint: next.fingerprint,
            count: snapshot.len(),
            changed_at: next.changed_at,
            body: name.to_string(),
            pending_event: next.pending_event,
            platform: next.platform,
            suspected: None,
        };
        let written = self.write_body(&partition, &name, &content).await;
        written.map_err(unsaved(subject(package)))?;
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
    async fn snapshot(&self, package: &PackageKey) -> Result<Option<Snapshot>, StoreError> {
        self.read_snapshot(package)
            .await
            .map_err(unread(subject(package)))
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    async fn read_snapshot(&self, package: &PackageKey) -> Result<Option<Snapshot>, Failure> {
        let key = keys::head(keys::snapshot(package));
        for _ in 0..ATTEMPTS {
            let Some(row) = self.row(&key).await? else {
                return Ok(None);
            };
            if let Some(snapshot) = self.load_body(package, &decode_head(&row)?).await? {
                return Ok(Some(snapshot));
            }
        }
        Err(MISSING.into())
    }

    async fn load_body(
        &self,
        package: &PackageKey,
        head: &Head,
    ) -> Result<Option<Snapshot>, Failure> {
        let content = self
            .read_body(&keys::snapshot(package), &head.body.parse()?)
            .await?;
        Ok(content.as_deref().map(rows::snapshot::decode).transpose()?)
    }

    /// Writes the head in place of the one at `before`, and gives it with its own revision.
    async fn write_head(
        &self,
        package: &PackageKey,
        before: Option<u64>,
        head: Head,
    ) -> Result<Head, SaveError> {
        let key = keys::head(keys::snapshot(package));
        let body = rows::head::encode(&head).map_err(unsavable(subject(package)))?;
        let written = self.advance_row(key, body, before, None).await;
        let revision = written.map_err(unsaved(subject(package)))?;
        Ok(Head { revision, ..head })
    }
}

/// The feed's pause, its budget, and the heads of its packages.
fn opening_keys(feed: &Feed, budget: &BudgetKey, packages: &[PackageId]) -> Vec<Key> {
    let head = |package: &PackageId| keys::head(keys::snapshot_of(&feed.space, &feed.id, package));
    let pause = keys::pause(&PauseKey::Feed(feed.space.clone(), feed.id.clone()));
    [pause, keys::budget(budget)]
        .into_iter()
        .chain(packages.iter().map(head))
        .collect()
}

fn decode_head(row: &Row) -> Result<Head, wire::WireError> {
    rows::head::decode(&row.body, row.revision)
}

fn subject(package: &PackageKey) -> String {
    format!("the snapshot of {package}")
}
