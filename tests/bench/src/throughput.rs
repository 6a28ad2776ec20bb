//! P10: checks per second on one core, divided by those of a bare loop that sends the same requests with the
//! same client library and the same parallelism, and discards the bodies.
//!
//! The rate limiter is off, because it would bound both. The figure is CPU time: the server has its own
//! process, and waiting for it does not count.

use std::time::{Duration, Instant};

use domain::feed::FeedKind;
use domain::ids::PackageId;
use feeds::Limits;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::checker::Checker;
use crate::reader::{at_work, feed, reader_within};
use crate::server::{Server, package};

const PACKAGES: usize = 90;

/// How often each run checks every package.
const CHECKS_PER_RUN: usize = 10;

/// Alternating runs. The shortest of each counts, because disturbances only add time.
const RUNS: usize = 40;

/// Elapsed time and CPU time of one run.
#[derive(Clone, Copy)]
struct Took {
    wall: Duration,
    work: Duration,
}

/// Prints both and their ratio.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let server = Server::start(["serve-packages", &PACKAGES.to_string()])?;
    let limits = Limits {
        per_second: None,
        ..Limits::default()
    };
    let parallel = limits.parallel;
    let checker = Checker::new(reader_within(limits.clone())?, reader_within(limits)?);
    let feed = feed(FeedKind::Docker, &server.url);
    let packages: Vec<_> = (0..PACKAGES).map(package).map(PackageId::new).collect();
    let client = bare_client()?;
    let urls: Vec<_> = (0..PACKAGES)
        .map(|number| format!("{}/v2/{}/tags/list?n=1000", server.url, package(number)))
        .collect();
    checker.check(&feed, &packages).await?;
    bare(&client, &urls, parallel).await?;
    let never = Took {
        wall: Duration::MAX,
        work: Duration::MAX,
    };
    let (mut ours, mut theirs) = (never, never);
    for _ in 0..RUNS {
        theirs = theirs.or_less(timed(async || bare(&client, &urls, parallel).await).await?);
        let check = async || checker.check_unchanged(&feed, &packages).await.map(drop);
        ours = ours.or_less(timed(check).await?);
    }
    let line = serde_json::json!({
        "figure": "P10",
        "checksPerSecond": per_second(ours.work),
        "bareRequestsPerSecond": per_second(theirs.work),
        "ratio": theirs.work.div_duration_f64(ours.work),
        "ratioOfElapsedTime": theirs.wall.div_duration_f64(ours.wall),
    });
    println!("{line}");
    Ok(())
}

/// The HTTP client itself, without anything of ours around a request.
fn bare_client() -> anyhow::Result<reqwest::Client> {
    Ok(feeds::OutboundClient::new("127.0.0.0/8".parse()?)?
        .http()
        .clone())
}

async fn bare(client: &reqwest::Client, urls: &[String], parallel: usize) -> anyhow::Result<()> {
    let get = |url| async move {
        let answer = client.get(url).send().await?.error_for_status()?;
        answer.bytes().await.map(drop)
    };
    let gets = stream::iter(urls).map(get).buffer_unordered(parallel);
    gets.try_collect::<()>().await?;
    Ok(())
}

async fn timed(once: impl AsyncFn() -> anyhow::Result<()>) -> anyhow::Result<Took> {
    let (start, before) = (Instant::now(), at_work());
    for _ in 0..CHECKS_PER_RUN {
        once().await?;
    }
    Ok(Took {
        wall: start.elapsed(),
        work: at_work().saturating_sub(before),
    })
}

impl Took {
    fn or_less(self, other: Self) -> Self {
        Self {
            wall: self.wall.min(other.wall),
            work: self.work.min(other.work),
        }
    }
}

fn per_second(work: Duration) -> f64 {
    let checks = u32::try_from(PACKAGES * CHECKS_PER_RUN).unwrap_or(u32::MAX);
    f64::from(checks) / work.as_secs_f64()
}
