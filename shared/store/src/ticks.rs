//! The scheduler's last round.

use engine::ports::{Clock, StoreError, Tick, Ticks};
use wire::rows::tick;

use crate::keys;
use crate::rows::{Failure, Store, unread, unwritten};
use crate::table::Table;

const SUBJECT: &str = "the last tick";

impl<T: Table, C: Clock> Ticks for Store<T, C> {
    async fn last_tick(&self) -> Result<Option<Tick>, StoreError> {
        let row = self.row(&keys::tick()).await.map_err(unread(SUBJECT))?;
        row.map(|row| tick::decode(&row.body))
            .transpose()
            .map_err(unread(SUBJECT))
    }

    async fn remember_tick(&self, tick: &Tick) -> Result<(), StoreError> {
        let write = async {
            self.replace(keys::tick(), tick::encode(tick)?, None)
                .await?;
            Ok::<_, Failure>(())
        };
        write.await.map_err(unwritten(SUBJECT))
    }
}
