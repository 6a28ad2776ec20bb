//! Lives through histories: one as a story, or many, from one seed on.

#![expect(
    clippy::print_stdout,
    reason = "this program is asked for what it prints"
)]

use std::process::ExitCode;
use std::time::Instant;

use simulation::{Fault, Report, catch, history};

const USAGE: &str = "simulation --seed N | --seeds COUNT [--from N] | --faults MOST";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let value = |name: &str| -> Option<u64> {
        let at = arguments.iter().position(|one| one == name)?;
        arguments.get(at + 1)?.parse().ok()
    };
    match (value("--seed"), value("--seeds")) {
        (Some(seed), None) => one(seed),
        (None, Some(count)) => many(value("--from").unwrap_or(1), count),
        _ if value("--faults").is_some() => faults(value("--faults").unwrap_or_default()),
        _ => {
            println!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn one(seed: u64) -> ExitCode {
    let report = history(seed, &[], true);
    for line in &report.story {
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

/// Plants every fault, one after another, and tells after how many seeds it is caught.
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

/// Goes on after a seed that failed, so that a night finds all there is to find.
fn many(from: u64, count: u64) -> ExitCode {
    let start = Instant::now();
    let (mut failed, mut releases, mut doubled, mut lost) = (0_u64, 0, 0, 0);
    for seed in from..from + count {
        let report = history(seed, &[], false);
        releases += report.releases;
        doubled += report.doubled;
        lost += report.lost;
        if !report.violations.is_empty() {
            failed += 1;
            let _failure = verdict(&report);
        }
    }
    println!(
        "{count} seeds from {from} in {:.0} s: {failed} failed; {releases} releases, {doubled} doubled, \
         {lost} lost",
        start.elapsed().as_secs_f64()
    );
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
