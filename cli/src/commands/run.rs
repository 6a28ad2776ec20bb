//! `feedctl run`: rounds until stopped, or one full round.

use std::future::Future;
use std::time::Duration;

use domain::time::Span;
use engine::schedule::RunScope;

use crate::args::{Run, Server};
use crate::exit::Exit;
use crate::machine::{Machine, MachineOptions, RunReport};
use crate::output::Output;
use crate::reach::Reach;

/// The longest time between two looks at what is due.
const LONGEST_TICK_SECONDS: u32 = 60;

pub(super) async fn run(
    server: &Server,
    options: &Run,
    output: &Output,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Exit> {
    if let Some(stack) = server.stack_name() {
        return Ok(output.misused(&format!(
            "the stack {stack} runs by itself; without --stack and FEEDCTL_STACK, this machine does"
        )));
    }
    let machine = Machine::open(machine_options(&Reach::of(server).await?, options)?).await?;
    if options.once {
        let steps = output.steps("reading triggers and feeds");
        let report = machine.round(RunScope::Everything, &steps).await?;
        drop(steps);
        output.round(&report)?;
        return Ok(verdict(&report));
    }
    keep_running(&machine, options, output, stop).await
}

/// What a machine is made of, by these options.
pub(super) fn machine_options(reach: &Reach, options: &Run) -> anyhow::Result<MachineOptions> {
    Ok(MachineOptions {
        octopus_url: reach.url()?.to_owned(),
        api_key: reach.key()?,
        spaces: reach.spaces(),
        native: reach.native_triggers(),
        state: reach.state_file().to_owned(),
        observe: options.dry_run,
        allowed_networks: reach.networks()?,
        limits: reach.limits(),
        check_every: Span::from_seconds(options.check_interval.into()),
        refresh_every: Span::from_seconds(options.refresh_interval.into()),
    })
}

fn verdict(report: &RunReport) -> Exit {
    let failed = report
        .evaluations
        .iter()
        .any(|one| one.outcome == domain::history::Outcome::Failed);
    let troubled = report.stale.is_some() || !report.unread.is_empty() || !report.broken.is_empty();
    if failed || troubled {
        Exit::Partly
    } else {
        Exit::Done
    }
}

async fn keep_running(
    machine: &Machine,
    options: &Run,
    output: &Output,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Exit> {
    let tick = Duration::from_secs(options.check_interval.min(LONGEST_TICK_SECONDS).into());
    let mut ticks = tokio::time::interval(tick);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    tokio::pin!(stop);
    output.progress("watching; stop with Ctrl-C");
    loop {
        tokio::select! {
            () = &mut stop => {
                output.progress("stopped");
                return Ok(Exit::Done);
            }
            _ = ticks.tick() => {}
        }
        // A round is finished before stopping: what it began is then on record.
        match machine.round(RunScope::Due, &()).await {
            Ok(report) => output.tick(&report)?,
            Err(error) => tracing::error!("{error:#}; trying again at the next tick"),
        }
    }
}
