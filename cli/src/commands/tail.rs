//! `feedctl tail`: evaluations as they are put on record, until stopped.
//!
//! It looks into what is remembered, every two seconds, and so needs no right but to read that, on one
//! machine and of a stack alike.

use std::future::Future;
use std::time::Duration;

use operator::follow::Follow;
use store::Store;
use tokio::time::MissedTickBehavior;

use crate::args::Server;
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;

/// Soon enough for somebody who watches, and one small read of the table each time.
const LOOK_EVERY: Duration = Duration::from_secs(2);

pub(super) async fn tail(
    server: &Server,
    output: &Output,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Exit> {
    let store = Store::new(Reach::of(server).await?.existing_state()?);
    let mut follow = Follow::from_now(&store).await?;
    let mut looks = tokio::time::interval(LOOK_EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(stop);
    output.progress("waiting for evaluations; stop with Ctrl-C");
    tracing::info!("following what is put on record");
    loop {
        tokio::select! {
            () = &mut stop => return Ok(Exit::Done),
            _ = looks.tick() => {}
        }
        match follow.next(&store).await {
            Ok(evaluations) => output.happened(&evaluations)?,
            Err(error) => {
                tracing::warn!("{}; looking again", engine::with_causes(&error));
            }
        }
    }
}
