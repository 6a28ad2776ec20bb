//! `feedctl run`: scheduler runs until stopped, or one full run.

mod hooks;
mod listen;
mod looks;
mod monitor;
mod notify;

use std::cell::RefCell;
use std::future::Future;
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context;
use domain::history::Evaluation;
use domain::push::PackagePush;
use domain::time::{Span, Timestamp};
use engine::ports::{Clock, WebhookRequests};
use engine::receive::PushOutcome;
use engine::schedule::RunScope;
use host::SystemClock;
use local::{LockError, SqliteTable};
use tokio::net::TcpListener;
use tokio::sync::mpsc::Receiver;

use crate::args::{Run, Server};
use crate::exit::Exit;
use crate::output::{Output, results};
use crate::reach::Reach;
use hooks::Hooks;
use looks::{Look, Looks};
use machine::{Machine, MachineError, MachineOptions, RunReport};
use monitor::Monitor;
use notify::Notifier;

/// The maximum time between two scheduler runs.
const MAX_RUN_INTERVAL: Span = Span::from_seconds(60);

const UNPLANNED: &str = "cannot plan the scheduler run";

pub(super) async fn run(
    server: &Server,
    options: &Run,
    output: &Output,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Exit> {
    if let Some(stack) = server.stack_name() {
        return Ok(output.usage_error(&format!(
            "cannot run the stack {stack} here: its functions run on their own; omit --stack and FEEDCTL_STACK to run on this machine"
        )));
    }
    let reach = Reach::of(server).await?;
    let machine = Machine::open(machine_options(&reach, options)?).await?;
    let networks = reach.network_text();
    if !networks.is_empty() {
        let table = SqliteTable::open(reach.state_file())?;
        local::remember_networks(&table, &networks).await?;
    }
    if options.once {
        let steps = output.steps("reading triggers and feeds");
        let report = machine
            .run(RunScope::Everything, &steps)
            .await
            .context(UNPLANNED)?;
        drop(steps);
        output.run(&report)?;
        return Ok(exit_code(&report));
    }
    output.announce(&introduction(&reach, options)?);
    let monitor = Rc::new(RefCell::new(Monitor::new(SystemClock.now())));
    let notifier = match &options.notify_webhook {
        Some(url) => Some(Notifier::new(
            url.clone(),
            options.notify_format,
            &options.notify_on,
            reach.url()?,
        )?),
        None => None,
    };
    let (hooks, pushes) = match &options.webhooks {
        Some(file) => {
            let (hooks, pushes) = hooks::open(file)?;
            (Some(Rc::new(hooks)), Some(pushes))
        }
        None => (None, None),
    };
    let service = Service {
        machine: &machine,
        options,
        output,
        monitor: Rc::clone(&monitor),
        notifier,
        pushes,
        hooks: hooks.clone(),
        looks: Looks::default(),
    };
    let tasks = tokio::task::LocalSet::new();
    if let Some(address) = options.listen {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}; choose another --listen"))?;
        let bound = listener.local_addr()?;
        output.announce(&format!(
            "Serving /healthz, /readyz and /metrics at http://{bound}."
        ));
        if let Some(hooks) = &hooks {
            output.announce(&format!(
                "Receiving webhooks at http://{bound}/hook/KIND/ID: {}.",
                hooks.names()
            ));
        }
        tasks.spawn_local(listen::serve(listener, monitor, hooks));
    }
    tasks.run_until(service.keep_running(stop)).await
}

/// The settings that `run` uses, for the user at its start.
fn introduction(reach: &Reach, options: &Run) -> anyhow::Result<String> {
    let mode = match options.dry_run {
        true => "Observing (no releases are created)",
        false => "Running",
    };
    Ok(format!(
        "{mode}: server {}, space {}, state {}; feeds are checked every {}, triggers are read every {}.",
        reach.url()?,
        reach.spaces().join(", "),
        reach.state_file().display(),
        options.check_interval,
        options.refresh_interval
    ))
}

/// The options of the machine, from the command line.
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
        logins: reach.logins().clone(),
        check_every: options.check_interval,
        refresh_every: options.refresh_interval,
    })
}

/// Whether another process runs on the state file.
pub(super) fn is_locked(error: &MachineError) -> bool {
    matches!(error, MachineError::Lock(LockError::Locked { .. }))
}

fn exit_code(report: &RunReport) -> Exit {
    let results = results(&report.evaluations);
    let failed = results.iter().any(Evaluation::is_error);
    let has_problems =
        report.stale.is_some() || !report.unread.is_empty() || !report.broken.is_empty();
    if failed || has_problems {
        Exit::Partly
    } else {
        Exit::Done
    }
}

/// `run` until stopped.
struct Service<'a> {
    machine: &'a Machine,
    options: &'a Run,
    output: &'a Output,
    monitor: Rc<RefCell<Monitor>>,
    notifier: Option<Notifier>,
    /// Accepted pushes; `None` without webhooks.
    pushes: Option<Receiver<PackagePush>>,
    hooks: Option<Rc<Hooks>>,
    /// Pushes that a registry did not list yet.
    looks: Looks,
}

impl Service<'_> {
    async fn keep_running(mut self, stop: impl Future<Output = ()>) -> anyhow::Result<Exit> {
        let interval = self
            .options
            .check_interval
            .min(MAX_RUN_INTERVAL)
            .as_millis();
        let interval = Duration::from_millis(interval.try_into().unwrap_or(60_000));
        let mut timer = tokio::time::interval(interval);
        timer.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        tokio::pin!(stop);
        let mut watched = None;
        loop {
            let mut received = Vec::new();
            let next_look = until(self.looks.next());
            tokio::select! {
                () = &mut stop => {
                    self.output.progress("Stopped.");
                    return Ok(Exit::Done);
                }
                _ = timer.tick() => {}
                push = next(&mut self.pushes) => received = self.receive(push).await,
                () = next_look => received = self.look_again().await,
            }
            // A started run finishes before the process stops, so that its results are recorded.
            if let Some(report) = self.run().await? {
                let counts = (report.list.triggers.len(), report.list.feeds.len());
                if watched.replace(counts) != Some(counts) {
                    self.output.watching(&report, self.options.refresh_interval);
                }
            }
            self.confirm(received).await;
            self.store_requests().await;
        }
    }

    /// Requests the checks of a push and of those that wait behind it. The next run carries them out.
    async fn receive(&mut self, first: PackagePush) -> Vec<Look> {
        let mut received = Vec::new();
        let mut next = Some(first);
        while let Some(push) = next {
            let look = Look::first(push, SystemClock.now());
            if self.request(&look.push).await {
                received.push(look);
            }
            next = self
                .pushes
                .as_mut()
                .and_then(|pushes| pushes.try_recv().ok());
        }
        received
    }

    /// Requests the checks of pushes that were not listed yet.
    async fn look_again(&mut self) -> Vec<Look> {
        let mut looks = Vec::new();
        for look in self.looks.due(SystemClock.now()) {
            if self.request(&look.push).await {
                looks.push(look);
            }
        }
        looks
    }

    /// Requests the checks of a push; returns whether there are any.
    async fn request(&self, push: &PackagePush) -> bool {
        let (receiver, tag) = (push.receiver.as_str(), push.push.tag.as_deref());
        let repository = push.push.repository.as_deref();
        match self.machine.receive(push).await {
            Ok(PushOutcome::Requested(checks)) => {
                tracing::info!(receiver, repository, tag, checks, "push received");
                return true;
            }
            Ok(PushOutcome::Ignored(reason)) => {
                tracing::info!(receiver, repository, tag, %reason, "push ignored");
            }
            Err(error) => {
                let error = anyhow::Error::from(error);
                tracing::error!(receiver, "cannot receive the push: {error:#}");
            }
        }
        false
    }

    /// Lets pushes wait for a further check that this run's checks did not list. After the last one it is counted.
    async fn confirm(&mut self, received: Vec<Look>) {
        for look in received {
            let receiver = look.push.receiver.clone();
            match self.machine.lists(&look.push).await {
                Ok(true) => {}
                Ok(false) => {
                    let tag = look.push.push.tag.clone();
                    if !self.looks.again(look, SystemClock.now()) {
                        self.monitor.borrow_mut().unconfirmed();
                        tracing::info!(receiver, tag, "the registry does not list the push");
                    }
                }
                Err(error) => {
                    let error = anyhow::Error::from(error);
                    tracing::error!(receiver, "cannot confirm the push: {error:#}");
                }
            }
        }
    }

    /// Stores the last requests of webhooks, for `webhooks list`, `doctor` and the console.
    async fn store_requests(&self) {
        let due = self.hooks.as_ref().map(|hooks| hooks.requests_to_store());
        for request in due.unwrap_or_default() {
            if let Err(error) = self.machine.store().record_request(&request).await {
                let error = anyhow::Error::from(error);
                tracing::warn!("cannot store the last request of a webhook: {error:#}");
            }
        }
    }

    /// One scheduler run; a failed one is logged and counted.
    async fn run(&mut self) -> anyhow::Result<Option<RunReport>> {
        let result = self.machine.run(RunScope::Due, &()).await;
        let now = SystemClock.now();
        match result {
            Ok(report) => {
                self.monitor.borrow_mut().finished(&report, now);
                self.output.scheduler_run(&report)?;
                if let Some(notifier) = &mut self.notifier {
                    notifier.send(&report.messages).await;
                }
                Ok(Some(report))
            }
            Err(error) => {
                let error = anyhow::Error::from(error).context(UNPLANNED);
                self.monitor.borrow_mut().failed(&error, now);
                tracing::error!("{error:#}; retrying at the next scheduler run");
                Ok(None)
            }
        }
    }
}

/// Ends at this time; never without one.
async fn until(at: Option<Timestamp>) {
    let Some(at) = at else {
        return std::future::pending().await;
    };
    let left = at.since(SystemClock.now()).as_millis();
    tokio::time::sleep(Duration::from_millis(left.try_into().unwrap_or(0))).await;
}

/// The next accepted push; pending forever without webhooks.
async fn next(pushes: &mut Option<Receiver<PackagePush>>) -> PackagePush {
    let push = match pushes {
        Some(pushes) => pushes.recv().await,
        None => None,
    };
    match push {
        Some(push) => push,
        None => std::future::pending().await,
    }
}
