//! Every message that ever asked for work comes three times more, in another order.

use std::io::Write;

use anyhow::ensure;
use engine::messages::Event;

use super::trial::{QUEUES, Trial};
use crate::narrator::Narrator;
use crate::stage::asks_for_work;

/// How often each message comes again.
const TIMES: usize = 3;

/// What the order is made from: the same each time.
const SEED: u64 = 5;

/// The most messages of a queue that are repeated; the ticks while others wait have made many alike.
const MOST: usize = 40;

pub(super) async fn of_everything<W: Write>(
    trial: &mut Trial<'_>,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("Messages come three times more, and in another order")?;
    trial.settle().await?;
    let before = trial.releases()?;
    let (mut checks, mut changes) = (Vec::new(), Vec::new());
    for (body, message) in trial.stage.listener.heard() {
        match &message.event {
            Event::FeedCheckRequested(_) => checks.push(body.clone()),
            _ if asks_for_work(message) => changes.push(body.clone()),
            _ => {}
        }
    }
    let mut chance = fastrand::Rng::with_seed(SEED);
    let mut sent = 0;
    for (queue, mut bodies) in QUEUES.into_iter().zip([checks, changes]) {
        chance.shuffle(&mut bodies);
        bodies.truncate(MOST);
        let mut bodies = vec![bodies; TIMES].concat();
        chance.shuffle(&mut bodies);
        sent += bodies.len();
        let queue = trial.stage.deployment.output(queue)?;
        trial.stage.api.send(queue, &bodies).await?;
    }
    trial.settle().await?;
    ensure!(
        trial.releases()? == before,
        "Octopus has other releases than before"
    );
    say.outcome(&format!("No further release: {sent} messages"))?;
    Ok(())
}
