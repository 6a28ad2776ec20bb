//! P9: 100 packages of one feed at a round trip of 50 ms, divided by the time of the round trips alone.
//!
//! With the limits that every registry without published ones gets. Their rate allows 300 requests at
//! once, so what decides is how many packages are read at a time.

use std::time::{Duration, Instant};

use domain::feed::FeedKind;
use domain::ids::PackageId;
use feeds::Limits;
use registry_server::{Fault, FaultKind, Registry};

use crate::checker::Checker;
use crate::reader::{feed, reader_within};
use crate::server::package;

const PACKAGES: usize = 100;
const ROUND_TRIP: Duration = Duration::from_millis(50);
const RUNS: usize = 5;

/// Prints the shortest of several runs: disturbances only add time.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let registry = Registry::start().await?;
    let packages: Vec<_> = (0..PACKAGES).map(package).collect();
    for package in &packages {
        registry.push(package, "1.0.0", "");
    }
    let packages: Vec<_> = packages.into_iter().map(PackageId::new).collect();
    let feed = feed(FeedKind::Docker, &registry.url());
    registry.fault(Fault::always(FaultKind::Slow(ROUND_TRIP)));
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let limits = Limits::default();
        let checker = Checker::new(reader_within(limits.clone())?, reader_within(limits)?);
        checker.check(&feed, &packages).await?;
        let start = Instant::now();
        checker.check_unchanged(&feed, &packages).await?;
        best = best.min(start.elapsed());
    }
    let parallel = Limits::default().parallel;
    let batches = u32::try_from(PACKAGES.div_ceil(parallel))?;
    let ideal = ROUND_TRIP * batches;
    let line = serde_json::json!({
        "figure": "P9",
        "packages": PACKAGES,
        "parallel": parallel,
        "seconds": best.as_secs_f64(),
        "roundTripsSeconds": ideal.as_secs_f64(),
        "ratio": best.div_duration_f64(ideal),
    });
    println!("{line}");
    Ok(())
}
