//! The guarantees R1 to R6.

use std::thread;

use simulation::{
    EarlyHint, Fault, catch, crash_everywhere, detect_without_pushes, early_hint, flood, history,
    poll_during_storm, push_behind_polls, renamed_actions, repeat_everything, returning_tag,
    roll_back,
};

/// Histories in every test run, unless [`FEWER`] is set.
const SEEDS: u64 = 2_000;

/// The variable with the number of histories, for mutation tests, which run hundreds of times.
const FEWER: &str = "SIMULATION_SEEDS";

/// A thread stops after this many failures.
const ENOUGH: usize = 5;

/// Histories with faults of each scenario.
const SCENARIO_SEEDS: u64 = 100;

/// Threads that run them.
const THREADS: u64 = 4;

/// Seeds within which a planted fault must be caught.
const WITHIN: u64 = 1_000;

const REGRESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/regressions");

/// The sums of one thread: releases, doubled, lost, and failures.
type Tally = (usize, usize, usize, Vec<String>);

fn run_seeds(seeds: impl Iterator<Item = u64>) -> Tally {
    let mut tally = Tally::default();
    for seed in seeds {
        let report = history(seed, &[], false);
        tally.0 += report.releases;
        tally.1 += report.doubled;
        tally.2 += report.lost;
        let failures = report.violations.iter();
        tally.3.extend(failures.map(|failure| {
            format!("seed {seed}: {failure}\n  cargo run -p simulation -- --seed {seed}")
        }));
        if tally.3.len() >= ENOUGH {
            break;
        }
    }
    tally
}

#[test]
fn histories_with_faults_make_exactly_the_true_releases() {
    let fewer = std::env::var(FEWER).ok();
    let seeds = fewer.map_or(SEEDS, |count| count.parse().expect("a number of seeds"));
    let part = |first: u64| thread::spawn(move || run_seeds((1 + first..=seeds).step_by(4)));
    let threads: Vec<_> = (0..THREADS).map(part).collect();
    let mut sum = Tally::default();
    for thread in threads {
        let (releases, doubled, lost, failures) = thread.join().expect("a thread ends");
        sum.0 += releases;
        sum.1 += doubled;
        sum.2 += lost;
        sum.3.extend(failures);
    }
    let (releases, doubled, lost, failures) = sum;
    println!("{seeds} seeds: {releases} releases, {doubled} doubled, {lost} lost");
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!((doubled, lost), (0, 0));
    assert!(releases > 0);
}

#[test]
fn same_seed_makes_the_same_history() {
    for seed in [1, 60, 319] {
        let (one, other) = (history(seed, &[], true), history(seed, &[], true));
        assert!(one.trace.len() > 20);
        assert_eq!(one.trace, other.trace, "seed {seed}");
    }
}

#[test]
fn regression_seeds_have_no_violations() {
    let mut names: Vec<_> = std::fs::read_dir(REGRESSIONS)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry is there").path())
        .collect();
    names.sort();
    assert!(!names.is_empty());
    for path in names {
        let text = std::fs::read_to_string(&path).expect("a regression can be read");
        let seed = text.lines().find_map(|line| line.strip_prefix("seed: "));
        let seed = seed.and_then(|seed| seed.trim().parse().ok());
        let seed = seed.unwrap_or_else(|| panic!("{} names no seed", path.display()));
        let report = history(seed, &[], false);
        assert_eq!(report.violations, [""; 0], "{}", path.display());
    }
}

#[test]
fn crash_at_any_side_effect_loses_nothing() {
    let sweep = crash_everywhere(6);
    println!("crashes: {:?}", sweep.crashes);
    assert!(sweep.failures.is_empty(), "{}", sweep.failures.join("\n"));
    assert_eq!(sweep.crashes.len(), 5, "every step has side effects");
}

#[test]
fn repeated_messages_make_one_release() {
    for seed in 1..=3 {
        let (releases, violations) = repeat_everything(seed);
        assert_eq!(violations, [""; 0], "seed {seed}");
        assert_eq!(releases, [1, 1, 1], "seed {seed}");
    }
}

#[test]
fn change_without_push_events_is_seen_within_the_interval() {
    for minutes in [1, 5, 10] {
        let (longest, violations) = detect_without_pushes(minutes, 20);
        println!("checks every {minutes} min: seen after at most {longest:.3} intervals");
        assert_eq!(violations, [""; 0]);
        assert!(longest <= 1.1, "{longest}");
    }
}

#[test]
fn hint_before_its_tag_is_confirmed_by_a_further_check_without_the_schedule() {
    // The further checks are 5, 25 and 85 s after the hint.
    for (seconds, checks) in [(0, 1), (3, 2), (20, 3), (50, 4)] {
        let hint = early_hint(Some(seconds));
        println!("tag {seconds} s after its hint: {hint:?}");
        let expected = EarlyHint {
            checks,
            is_released: true,
            violations: Vec::new(),
        };
        assert_eq!(hint, expected, "{seconds} s");
    }
}

#[test]
fn hint_of_a_tag_that_never_appears_has_three_further_checks() {
    let hint = early_hint(None);
    assert_eq!(hint.violations, [""; 0]);
    assert_eq!((hint.checks, hint.is_released), (4, false));
}

#[test]
fn check_after_a_push_does_not_wait_behind_polls() {
    let (with_polls, with_none) = (push_behind_polls(10_000), push_behind_polls(0));
    println!("push to snapshot: {with_none} without polls, {with_polls} behind 10,000");
    let ratio = with_polls.as_millis() as f64 / with_none.as_millis() as f64;
    assert!(ratio <= 1.2, "{ratio}");
}

/// A receiver admits 30 requests of a storm at once, and then one a second.
#[test]
fn poll_continues_during_a_storm_of_hints() {
    for hints in [1, 30] {
        let (intervals, violations) = poll_during_storm(hints);
        println!(
            "{hints} hints a second: a push without an event is seen after {intervals:.2} intervals"
        );
        assert_eq!(violations, [""; 0]);
        assert!(intervals <= 1.1, "{intervals}");
    }
}

#[test]
fn five_thousand_tags_at_once_make_one_release() {
    let flood = flood(5_000);
    println!("{flood:?}");
    assert_eq!(flood.violations, [""; 0]);
    assert!(flood.intervals <= 1.1);
    assert_eq!((flood.releases, flood.is_newest, flood.later), (1, true, 1));
}

/// A scenario with its seed, planted faults, and whether faults occur. Returns the releases.
type Scenario = fn(u64, &[Fault], bool) -> Vec<String>;

/// Without faults for twenty seeds; with faults for [`SCENARIO_SEEDS`].
fn assert_scenario(scenario: Scenario, expected: &[&str]) {
    for seed in 1..=20 {
        assert_eq!(scenario(seed, &[], false), expected, "seed {seed}");
    }
    let part = |first: u64| {
        let expected: Vec<_> = expected.iter().map(|&one| one.to_owned()).collect();
        thread::spawn(move || {
            let mut seeds = (1 + first..=SCENARIO_SEEDS).step_by(4);
            seeds.find(|seed| scenario(*seed, &[], true) != expected)
        })
    };
    let threads: Vec<_> = (0..THREADS).map(part).collect();
    for thread in threads {
        let failed = thread.join();
        assert!(matches!(failed, Ok(None)), "a seed with faults: {failed:?}");
    }
}

/// Each planted fault must be caught.
fn assert_returns(scenario: Scenario, expected: [&str; 5]) {
    assert_scenario(scenario, &expected);
    // A key without the repeated release takes returns for finished plans; then fewer releases are made.
    let is_caught = |fault, differs: fn(usize, usize) -> bool| {
        let made = |seed| scenario(seed, &[fault], false).len();
        (1..=20).any(|seed| differs(made(seed), expected.len()))
    };
    assert!(is_caught(Fault::KeyWithoutRepeat, |made, expected| made < expected));
    // A list without the newest release makes forgotten plans due again.
    assert!(is_caught(
        Fault::FinishedPlanForgotten,
        |made, expected| made > expected
    ));
}

#[test]
fn roll_backs_and_their_ends_are_released_once_each() {
    assert_returns(roll_back, ["1.0.0", "1.1.0", "1.0.0", "1.1.0", "1.0.0"]);
}

#[test]
fn returning_tags_are_released_once_each() {
    let (one, two) = ("sha256:one", "sha256:two");
    assert_returns(returning_tag, ["none", one, two, one, two]);
}

#[test]
fn renamed_actions_make_no_release() {
    let expected = ["1.0.0", "1.1.0", "1.2.0", "1.3.0"];
    assert_scenario(renamed_actions, &expected);
    // Without identifiers, every version of a renamed action counts as newer.
    let without = renamed_actions(1, &[Fault::ReleasesWithoutIdentity], false);
    assert!(without.len() > expected.len(), "{without:?}");
}

#[test]
fn planted_faults_are_all_caught() {
    let part = |first: usize| {
        let faults = Fault::ALL.iter().skip(first).step_by(4);
        let faults: Vec<_> = faults.copied().collect();
        thread::spawn(move || {
            let caught = faults
                .into_iter()
                .map(|fault| (fault, catch(fault, WITHIN)));
            caught.collect::<Vec<_>>()
        })
    };
    let threads: Vec<_> = (0..4).map(part).collect();
    let mut caught: Vec<_> = threads
        .into_iter()
        .flat_map(|thread| thread.join().expect("a thread ends"))
        .collect();
    caught.sort_by_key(|(fault, _)| *fault);
    println!("| fault | seeds | caught by |\n|---|---|---|");
    for (fault, caught) in &caught {
        let (seeds, by) = caught.clone().unwrap_or_default();
        println!("| {fault:?} | {seeds} | {by} |");
    }
    let missed: Vec<_> = caught
        .iter()
        .filter(|(_, caught)| caught.is_none())
        .collect();
    assert!(
        missed.is_empty(),
        "not caught within {WITHIN} seeds: {missed:?}"
    );
    assert!(caught.len() >= 30);
}
