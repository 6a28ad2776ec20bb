//! Runs histories: one with its trace, or many, from one seed on.

#![expect(
    clippy::print_stdout,
    reason = "this program is asked for what it prints"
)]

use std::fmt;
use std::ops::Range;
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use simulation::{Fault, Report, catch, crash_everywhere, history};

/// Seeds that a thread runs between two reports.
const TOGETHER: u64 = 500;

/// Seeds between two lines of progress.
const REPORT_EVERY: u64 = 10_000;

const USAGE: &str = "simulation --seed N | --seeds COUNT [--from N] | --crashes | --faults MOST";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| -> Option<u64> {
        let at = arguments.iter().position(|one| one == name)?;
        arguments.get(at + 1)?.parse().ok()
    };
    match (value("--seed"), value("--seeds")) {
        (Some(seed), None) => one(seed),
        (None, Some(count)) => many(value("--from").unwrap_or(1), count),
        _ if arguments == ["--crashes"] => crashes(),
        _ if value("--faults").is_some() => faults(value("--faults").unwrap_or_default()),
        _ => {
            println!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn one(seed: u64) -> ExitCode {
    let report = history(seed, &[], true);
    for line in &report.trace {
        println!("{line}");
    }
    verdict(&report)
}

fn verdict(report: &Report) -> ExitCode {
    for violation in &report.violations {
        println!("seed {}: {violation}", report.seed);
    }
    if report.violations.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Crashes before and after every side effect.
fn crashes() -> ExitCode {
    let sweep = crash_everywhere(usize::MAX);
    for failure in &sweep.failures {
        println!("{failure}");
    }
    let crashes: usize = sweep.crashes.values().sum();
    println!(
        "{crashes} crashes {:?}: {} failed",
        sweep.crashes,
        sweep.failures.len()
    );
    for (function, mut delays) in sweep.delays {
        delays.sort_unstable();
        let at = |part: usize| delays.get((delays.len() - 1) * part / 100).copied();
        println!(
            "{function:?}: the next release is later by {} in the median, {} at most",
            at(50).unwrap_or_default(),
            at(100).unwrap_or_default()
        );
    }
    if sweep.failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Plants every fault, one after another, and prints the number of seeds until it is caught.
fn faults(most: u64) -> ExitCode {
    let mut is_complete = true;
    for fault in Fault::ALL {
        let caught = catch(*fault, most);
        is_complete &= caught.is_some();
        match caught {
            Some((seeds, by)) => println!("| {fault:?} | {seeds} | {by} |"),
            None => println!("| {fault:?} | not within {most} | |"),
        }
    }
    if is_complete {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Runs the seeds on all processors. Continues after a failed one, so that one run finds all failures.
fn many(from: u64, count: u64) -> ExitCode {
    let start = Instant::now();
    let (next, sum) = (AtomicU64::new(from), Mutex::new(Tally::default()));
    let work = || {
        loop {
            let first = next.fetch_add(TOGETHER, Ordering::Relaxed);
            if first >= from + count {
                break;
            }
            let part = run_seeds(first..(first + TOGETHER).min(from + count));
            let mut sum = sum.lock().unwrap_or_else(PoisonError::into_inner);
            sum.add(&part);
            if sum.seeds.is_multiple_of(REPORT_EVERY) || sum.seeds == count {
                println!("{sum} in {:.0} s", start.elapsed().as_secs_f64());
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let sum = sum.into_inner().unwrap_or_else(PoisonError::into_inner);
    match sum.failed {
        0 => ExitCode::SUCCESS,
        _ => ExitCode::FAILURE,
    }
}

fn run_seeds(seeds: Range<u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let report = history(seed, &[], false);
        tally.seeds += 1;
        tally.failed += u64::from(!report.violations.is_empty());
        tally.releases += report.releases;
        tally.doubled += report.doubled;
        tally.lost += report.lost;
        let _exit = verdict(&report);
    }
    tally
}

/// The sums so far.
#[derive(Default)]
struct Tally {
    seeds: u64,
    failed: u64,
    releases: usize,
    doubled: usize,
    lost: usize,
}

impl Tally {
    fn add(&mut self, other: &Self) {
        self.seeds += other.seeds;
        self.failed += other.failed;
        self.releases += other.releases;
        self.doubled += other.doubled;
        self.lost += other.lost;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            seeds,
            failed,
            releases,
            doubled,
            lost,
        } = self;
        write!(
            f,
            "{seeds} seeds: {failed} failed; {releases} releases, {doubled} doubled, {lost} lost"
        )
    }
}
