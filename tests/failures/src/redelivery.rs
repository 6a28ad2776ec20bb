//! Every message that requested work is redelivered three times, in random order.

use std::io::Write;

use anyhow::ensure;
use engine::messages::Event;

use crate::harness::{Harness, QUEUES, never_superseded};
use demo::printer::Printer;
use demo::testbed::is_request;

/// Redeliveries of each message.
const TIMES: usize = 3;

/// The seed of the order, constant so that each run is the same.
const SEED: u64 = 5;

/// The most messages of a queue; scheduler runs during the other scenarios create many similar ones.
const MAX_MESSAGES: usize = 40;

pub(crate) async fn of_every_message<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("Messages are redelivered three times, in random order")?;
    harness.wait_until_drained().await?;
    let before = harness.releases()?;
    let (mut checks, mut changes) = (Vec::new(), Vec::new());
    for (body, message) in harness.testbed.listener.received() {
        match &message.event {
            Event::FeedCheckRequested(_) => checks.push(never_superseded(body)?),
            _ if is_request(message) => changes.push(body.clone()),
            _ => {}
        }
    }
    let mut random = fastrand::Rng::with_seed(SEED);
    let mut sent = 0;
    for (queue, mut bodies) in QUEUES.into_iter().zip([checks, changes]) {
        random.shuffle(&mut bodies);
        bodies.truncate(MAX_MESSAGES);
        let mut bodies = vec![bodies; TIMES].concat();
        random.shuffle(&mut bodies);
        sent += bodies.len();
        let queue = harness.testbed.deployment.output(queue)?;
        harness.testbed.api.send(queue, &bodies).await?;
    }
    harness.wait_until_drained().await?;
    ensure!(
        harness.releases()? == before,
        "Octopus has other releases than before"
    );
    out.outcome(&format!("No further release: {sent} messages"))?;
    Ok(())
}
