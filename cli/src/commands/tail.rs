//! `feedctl tail`: prints evaluations as they are recorded, until stopped.
//!
//! It polls the state every two seconds, and so requires only the permission to read it, on one machine and
//! with a stack.

use std::future::Future;
use std::time::Duration;

use operator::follow::Follow;
use store::Store;
use tokio::time::MissedTickBehavior;

use crate::args::Server;
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;

/// The interval of the polls; each is one small read of the table.
const POLL_INTERVAL: Duration = Duration::from_secs(2);

pub(super) async fn tail(
    server: &Server,
    output: &Output,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Exit> {
    let store = Store::new(Reach::of(server).await?.existing_state()?);
    let mut follow = Follow::from_now(&store).await?;
    let mut timer = tokio::time::interval(POLL_INTERVAL);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    tokio::pin!(stop);
    output.progress("Waiting for evaluations. Press Ctrl-C to stop.");
    tracing::info!("following recorded evaluations");
    loop {
        tokio::select! {
            () = &mut stop => return Ok(Exit::Done),
            _ = timer.tick() => {}
        }
        match follow.next(&store).await {
            Ok(evaluations) => output.evaluations(&evaluations)?,
            Err(error) => {
                tracing::warn!("{}; retrying", engine::with_causes(&error));
            }
        }
    }
}
