//! `feedctl evaluate`: evaluates one trigger now. On one machine this process evaluates it; for a stack the
//! command publishes a request, and the release-creator evaluates it.

use anyhow::Context;
use domain::history::Evaluation;
use domain::trigger::Trigger;
use engine::messages::Message;
use engine::ports::{Bus, Clock, WatchLists};
use host::SystemClock;
use operator::ask;
use store::{Store, Table};

use super::explain::find;
use super::run::machine_options;
use crate::args::{EvaluateOptions, Run, Server};
use crate::deployed::Deployed;
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;
use crate::read_failures::ReadFailures;
use machine::Machine;

pub(super) async fn evaluate(
    server: &Server,
    options: &EvaluateOptions,
    output: &Output,
) -> anyhow::Result<Exit> {
    if options.dry_run && server.stack_name().is_some() {
        let why = "cannot use --dry-run with a stack: its functions create releases; set its parameter Mode to observe";
        return Ok(output.usage_error(why));
    }
    let reach = Reach::of(server).await?;
    match reach.deployed() {
        None => locally(&reach, options, output).await,
        Some(deployed) => on_stack(deployed, options, output).await,
    }
}

/// Evaluates the trigger in this process.
async fn locally(
    reach: &Reach,
    options: &EvaluateOptions,
    output: &Output,
) -> anyhow::Result<Exit> {
    reach.existing_state()?;
    let settings = Run::for_request(options.dry_run);
    let machine = Machine::open(machine_options(reach, &settings)?).await?;
    let (trigger, message) = request(machine.store(), &options.trigger).await?;
    let report = machine.deliver_again(vec![message]).await;
    if let Some(why) = report.broken.first() {
        anyhow::bail!("cannot finish the evaluation: {why}");
    }
    output.history(&report.evaluations)?;
    let store = Store::new(reach.existing_state()?);
    let list = store.watch_list().await?.map(|stored| stored.list);
    let list = list.unwrap_or_default();
    let failures = ReadFailures::read(Some(&store), &list, SystemClock.now()).await?;
    for failure in failures.of(trigger.packages()) {
        output.note(&format!("{}: {failure}", trigger.name));
    }
    let mut evaluations = report.evaluations.iter();
    Ok(if evaluations.any(Evaluation::is_error) {
        Exit::Partly
    } else {
        Exit::Done
    })
}

/// Requests the evaluation from the stack.
async fn on_stack(
    deployed: &Deployed,
    options: &EvaluateOptions,
    output: &Output,
) -> anyhow::Result<Exit> {
    let store = Store::new(deployed.table());
    let (trigger, message) = request(&store, &options.trigger).await?;
    deployed.bus().publish(&[message]).await?;
    output.evaluation_requested(&trigger)?;
    Ok(Exit::Done)
}

/// The trigger from the stored watch list, and a request to evaluate it.
async fn request<T: Table>(store: &Store<T>, named: &str) -> anyhow::Result<(Trigger, Message)> {
    let stored = store.watch_list().await?;
    let list = stored
        .context("cannot evaluate the trigger: no scheduler run has read the triggers yet; start `feedctl run` first")?
        .list;
    let trigger = find(&list.triggers, named)?;
    let message = ask::evaluation(store, trigger, SystemClock.now()).await?;
    Ok((trigger.clone(), message))
}
