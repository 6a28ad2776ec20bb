//! Decisions: when a release is made, with which versions, and the reason when none is.

#![expect(
    clippy::panic,
    clippy::expect_used,
    reason = "in a test a panic is the report"
)]

mod case;
mod decide;
mod ecr;
mod labels;
mod options;
mod properties;
mod push;
mod renames;
mod returns;
mod routes;
mod rules;
mod simulate;
mod snapshots;
mod sources;

use domain::time::Timestamp;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}

/// Checks a property with cases that are the same in every run.
fn check_property<S: Strategy>(
    strategy: S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let config = Config {
        cases: 300,
        failure_persistence: None,
        ..Config::default()
    };
    let rng = TestRng::deterministic_rng(RngAlgorithm::ChaCha);
    TestRunner::new_with_rng(config, rng)
        .run(&strategy, property)
        .unwrap_or_else(|error| panic!("{error}"));
}
