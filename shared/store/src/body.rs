//! Bodies: contents that are too large for one row and are replaced as a whole.
//!
//! A body is split into chunks, stored beside the head under a name of the head's next revision, the number of
//! chunks and the content hash. It is written before the head that names it. After the head is written, all
//! earlier bodies (replaced, or orphaned by a writer that crashed or lost the race) expire after an hour, for
//! concurrent readers. A reader whose body is missing or does not match its name reads the head again.

use std::fmt;
use std::str::FromStr;

use domain::time::{Span, Timestamp};
use engine::ports::Clock;

use crate::keys::hex;
use crate::rows::Store;
use crate::table::{Condition, Key, PutError, Row, RowSummary, Table, TableError};

/// The size of a chunk: DynamoDB's item limit of 400 KB less room for the keys.
pub(crate) const CHUNK: usize = 350 * 1024;

/// How long a replaced body stays readable: longer than any invocation.
const GRACE: Span = Span::from_hours(1);

/// The most chunks of a body.
const MAX_CHUNKS: usize = 1_000;

/// The name of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BodyName {
    /// The revision of the head for which the body was written. Bodies of one partition sort by it.
    revision: u64,
    chunks: usize,
    /// The SHA-256 of the stored content, 64 hex digits.
    hash: String,
}

impl BodyName {
    pub(crate) fn new(revision: u64, content: &[u8]) -> Self {
        Self {
            revision,
            chunks: content.chunks(CHUNK).len(),
            hash: hex(content),
        }
    }

    /// Whether the content has this name's hash.
    pub(crate) fn matches(&self, content: &[u8]) -> bool {
        self.hash == hex(content)
    }

    fn keys(&self, partition: &str) -> Vec<Key> {
        let key = |chunk| Key {
            partition: partition.to_owned(),
            sort: format!("body#{self}#{chunk:04}"),
        };
        (0..self.chunks).map(key).collect()
    }

    /// Parses the sort key of a chunk.
    fn of_chunk(sort: &str) -> Option<Self> {
        let (name, _chunk) = sort.strip_prefix("body#")?.rsplit_once('#')?;
        name.parse().ok()
    }
}

impl fmt::Display for BodyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}-{}-{}", self.revision, self.chunks, self.hash)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not the name of a body")]
pub(crate) struct InvalidBodyName(String);

impl FromStr for BodyName {
    type Err = InvalidBodyName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let mut parts = text.splitn(3, '-');
            let revision = parts.next()?.parse().ok()?;
            let chunks = parts
                .next()?
                .parse()
                .ok()
                .filter(|chunks| *chunks <= MAX_CHUNKS)?;
            Some(Self {
                revision,
                chunks,
                hash: parts.next()?.to_owned(),
            })
        };
        parse().ok_or_else(|| InvalidBodyName(text.to_owned()))
    }
}

impl<T: Table, C: Clock> Store<T, C> {
    /// Writes a body. It is unused until a head names it.
    pub(crate) async fn write_body(
        &self,
        partition: &str,
        name: &BodyName,
        content: &[u8],
    ) -> Result<(), PutError> {
        for (key, chunk) in name.keys(partition).into_iter().zip(content.chunks(CHUNK)) {
            let row = Row {
                key,
                revision: name.revision,
                body: chunk.to_vec(),
                expires: None,
            };
            self.table.put(row, Condition::Any).await?;
        }
        Ok(())
    }

    /// The content of a body; `None` if it is missing or does not match its name.
    pub(crate) async fn read_body(
        &self,
        partition: &str,
        name: &BodyName,
    ) -> Result<Option<Vec<u8>>, TableError> {
        let chunks: Option<Vec<Row>> = self
            .rows(&name.keys(partition))
            .await?
            .into_iter()
            .collect();
        let content = chunks.map(|chunks| chunks.into_iter().flat_map(|row| row.body).collect());
        Ok(content.filter(|content: &Vec<u8>| name.matches(content)))
    }

    /// Sets the expiry of every body before `current`. A failure is only logged, as the next change retries.
    pub(crate) async fn retire_bodies(&self, partition: &str, current: &BodyName) {
        if let Err(error) = self.try_retire_bodies(partition, current).await {
            tracing::warn!(
                partition,
                error = &error as &dyn std::error::Error,
                "cannot set the expiry of replaced bodies; the next change retries"
            );
        }
    }

    async fn try_retire_bodies(&self, partition: &str, current: &BodyName) -> Result<(), PutError> {
        let chunks = self.table.summaries(partition, "body#").await?;
        let is_replaced = |chunk: &RowSummary| {
            chunk.expires.is_none()
                && BodyName::of_chunk(&chunk.key.sort)
                    .is_some_and(|name| name != *current && name.revision <= current.revision)
        };
        let expires = Some(self.clock.now() + GRACE);
        for chunk in chunks.into_iter().filter(is_replaced) {
            self.set_expiry(chunk.key, expires).await?;
        }
        Ok(())
    }

    /// Sets the expiry of a body's chunks. Missing chunks are skipped.
    pub(crate) async fn set_body_expiry(
        &self,
        partition: &str,
        name: &BodyName,
        expires: Option<Timestamp>,
    ) -> Result<(), PutError> {
        for key in name.keys(partition) {
            self.set_expiry(key, expires).await?;
        }
        Ok(())
    }

    /// Sets the expiry of a chunk, whose content never changes. A chunk that another writer changes at the same time
    /// is skipped. One chunk is in memory at a time.
    async fn set_expiry(&self, key: Key, expires: Option<Timestamp>) -> Result<(), PutError> {
        let row = self.row(&key).await?;
        let Some(row) = row.filter(|row| row.expires != expires) else {
            return Ok(());
        };
        let condition = Condition::Revision(row.revision);
        let changed = Row {
            revision: row.revision.saturating_add(1),
            expires,
            ..row
        };
        match self.table.put(changed, condition).await {
            Ok(()) | Err(PutError::Conflict(_)) => Ok(()),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn body_names_round_trip_and_sort_by_revision() {
        let name = BodyName::new(7, &vec![0; CHUNK + 1]);
        assert_eq!(
            name.to_string().parse::<BodyName>().ok(),
            Some(name.clone())
        );
        assert_eq!(name.keys("p").len(), 2);
        assert_eq!(
            BodyName::of_chunk(&name.keys("p")[1].sort),
            Some(name.clone())
        );
        assert!(name.to_string() < BodyName::new(10, b"").to_string());
        assert!("x".parse::<BodyName>().is_err());
    }
}
