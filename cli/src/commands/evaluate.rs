//! `feedctl evaluate`: one trigger now, whatever changed. On one machine the evaluation is made here; of a
//! stack it is asked for on the bus, and the release-creator makes it.

use anyhow::Context;
use domain::history::Outcome;
use domain::trigger::Trigger;
use engine::messages::Message;
use engine::ports::{Bus, Clock, WatchLists};
use host::SystemClock;
use operator::ask;
use store::{Store, Table};

use super::explain::find;
use super::run::machine_options;
use crate::args::{Evaluate, Run, Server};
use crate::deployed::Deployed;
use crate::exit::Exit;
use crate::machine::Machine;
use crate::output::Output;
use crate::reach::Reach;

pub(super) async fn evaluate(
    server: &Server,
    options: &Evaluate,
    output: &Output,
) -> anyhow::Result<Exit> {
    if options.dry_run && server.stack_name().is_some() {
        let why = "--dry-run is for one machine; a stack only observes with its parameter Mode";
        return Ok(output.misused(why));
    }
    let reach = Reach::of(server).await?;
    match reach.deployed() {
        None => here(&reach, options, output).await,
        Some(deployed) => of_stack(deployed, options, output).await,
    }
}

/// Evaluates the trigger in this process.
async fn here(reach: &Reach, options: &Evaluate, output: &Output) -> anyhow::Result<Exit> {
    reach.existing_state()?;
    let settings = Run {
        once: false,
        dry_run: options.dry_run,
        check_interval: 60,
        refresh_interval: 300,
    };
    let machine = Machine::open(machine_options(reach, &settings)?).await?;
    let (_, message) = request(machine.store(), &options.trigger).await?;
    let report = machine.deliver_again(vec![message]).await;
    if let Some(why) = report.broken.first() {
        anyhow::bail!("the evaluation could not be finished: {why}");
    }
    output.history(&report.evaluations)?;
    let mut evaluations = report.evaluations.iter();
    Ok(if evaluations.any(|one| one.outcome == Outcome::Failed) {
        Exit::Partly
    } else {
        Exit::Done
    })
}

/// Asks a stack to evaluate the trigger.
async fn of_stack(
    deployed: &Deployed,
    options: &Evaluate,
    output: &Output,
) -> anyhow::Result<Exit> {
    let store = Store::new(deployed.table());
    let (trigger, message) = request(&store, &options.trigger).await?;
    deployed.bus().publish(&[message]).await?;
    output.asked(&trigger)?;
    Ok(Exit::Done)
}

/// The trigger in the list that was last read, and a request to evaluate it.
async fn request<T: Table>(store: &Store<T>, wanted: &str) -> anyhow::Result<(Trigger, Message)> {
    let stored = store.watch_list().await?;
    let list = stored
        .context("the triggers were never read; `feedctl run --once` does that first")?
        .list;
    let trigger = find(&list.triggers, wanted)?;
    let message = ask::evaluation(store, trigger, SystemClock.now()).await?;
    Ok((trigger.clone(), message))
}
