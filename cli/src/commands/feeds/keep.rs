//! `feedctl feeds check --keep`: a check as the scheduler requests it, now.
//!
//! If no other process runs on the state file, this one also evaluates the triggers that the check changes. Otherwise
//! it stores the snapshots, and `feedctl run` evaluates the triggers in its next scheduler run.
//! With a stack, the command publishes the request.

use std::rc::Rc;

use domain::cause::CheckCause;
use domain::feed::Feed;
use domain::history::Evaluation;
use domain::ids::{PackageId, PackageKey};
use domain::trigger::WatchList;
use engine::StepError;
use engine::check::Check;
use engine::messages::{Event, FeedCheck, Message, Origin};
use engine::ports::{Bus, BusError, Clock};
use engine::with_causes;
use host::SystemClock;
use local::SqliteTable;
use store::Store;

use super::super::request::evaluate_soon;
use super::super::run::{is_locked, machine_options};
use crate::args::Run;
use crate::exit::Exit;
use crate::output::{KeptCheck, Output};
use crate::reach::Reach;
use machine::Machine;

pub(super) async fn keep(
    reach: &Reach,
    list: &WatchList,
    feed: &Feed,
    packages: &[PackageId],
    output: &Output,
) -> anyhow::Result<Exit> {
    if let Some(deployed) = reach.deployed() {
        deployed
            .bus()
            .publish(&[request(list, feed, packages)])
            .await?;
        output.kept_check(&KeptCheck::requested(feed))?;
        return Ok(Exit::Done);
    }
    reach.existing_state()?;
    let settings = Run::for_request(false);
    match Machine::open(machine_options(reach, &settings)?).await {
        Ok(machine) => {
            let report = machine
                .deliver_again(vec![request(list, feed, packages)])
                .await;
            let errors = report.unread.iter().map(|(_, error)| with_causes(error));
            let errors = errors.chain(report.broken.iter().cloned()).collect();
            let kept = KeptCheck {
                checked: report.checked,
                evaluations: report.evaluations,
                errors,
                ..KeptCheck::requested(feed)
            };
            output.kept_check(&kept)?;
            Ok(exit_code(&kept))
        }
        Err(error) if is_locked(&error) => beside_run(reach, list, feed, packages, output).await,
        Err(error) => Err(error.into()),
    }
}

fn exit_code(kept: &KeptCheck) -> Exit {
    let mut evaluations = kept.evaluations.iter();
    let has_failed = evaluations.any(Evaluation::is_error);
    match has_failed || !kept.errors.is_empty() {
        true => Exit::Partly,
        false => Exit::Done,
    }
}

/// Checks while another process runs on the state file: each package on its own, because the pending event of a changed
/// one ends its check.
async fn beside_run(
    reach: &Reach,
    list: &WatchList,
    feed: &Feed,
    packages: &[PackageId],
    output: &Output,
) -> anyhow::Result<Exit> {
    let store = Store::new(SqliteTable::open(reach.state_file())?);
    let octopus = Rc::new(reach.octopus()?);
    let reader = reach.reader(&octopus)?;
    let step = Check {
        store: &store,
        reader: &reader,
        bus: &OtherProcess,
        clock: &SystemClock,
    };
    let mut kept = KeptCheck {
        is_left_to_run: true,
        ..KeptCheck::requested(feed)
    };
    let mut changed = Vec::new();
    for package in packages {
        let message = request(list, feed, std::slice::from_ref(package));
        let Event::FeedCheckRequested(check) = &message.event else {
            continue;
        };
        match step.run(check, &message.origin()).await {
            Ok(report) => {
                kept.checked += report.unchanged + report.changed.len() + report.suspected.len();
                let errors = report.failed.iter().map(|(_, error)| with_causes(error));
                kept.errors.extend(errors);
                if let Some(until) = report.throttled_until {
                    kept.errors
                        .push(format!("feed is throttled until {until}; no request sent"));
                }
            }
            // The snapshot is stored, and its event is pending.
            Err(StepError::Bus(_)) => {
                kept.checked += 1;
                changed.push(package);
            }
            Err(error) => return Err(error.into()),
        }
    }
    let is_changed = |key: &PackageKey| {
        key.space == feed.space && key.feed == feed.id && changed.contains(&&key.package)
    };
    for trigger in &list.triggers {
        if trigger.packages().any(is_changed) {
            evaluate_soon(&store, trigger, "requested").await?;
        }
    }
    output.kept_check(&kept)?;
    Ok(exit_code(&kept))
}

fn request(list: &WatchList, feed: &Feed, packages: &[PackageId]) -> Message {
    let now = SystemClock.now();
    let details = packages.iter().filter_map(|package| {
        let key = PackageKey {
            space: feed.space.clone(),
            feed: feed.id.clone(),
            package: package.clone(),
        };
        Some((package.clone(), list.details.get(&key)?.clone()))
    });
    let check = FeedCheck {
        feed: feed.clone(),
        packages: packages.to_vec(),
        retrying: packages.to_vec(),
        details: details.collect(),
        feed_retrying: true,
        cause: CheckCause::Requested,
        superseded_at: None,
    };
    let at = now.as_millis().to_string();
    let unique = [at.as_str(), feed.space.as_str(), feed.id.as_str()];
    let origin = Origin::new(&["check", &at, feed.id.as_str()]);
    Message::new(&origin, Event::FeedCheckRequested(check), &unique, now)
}

/// The bus of another process: publishing fails, so that events stay pending in the state file.
struct OtherProcess;

impl Bus for OtherProcess {
    async fn publish(&self, messages: &[Message]) -> Result<(), BusError> {
        Err(BusError {
            failed: messages.len(),
            unencodable: 0,
            total: messages.len(),
            reason: "the process that runs on the state file publishes them".to_owned(),
            source: None,
        })
    }
}
