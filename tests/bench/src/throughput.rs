//! P10: checks a second on one core, beside a bare loop that sends the same requests with the same client
//! library, as many at a time, and throws the bodies away.
//!
//! Without a rate, because a rate would decide and not the program. What counts is the time that the core
//! is at work: the server has a process of its own, and waiting for it is not in the figure.

use std::time::{Duration, Instant};

use domain::feed::FeedKind;
use domain::ids::PackageId;
use feeds::Limits;
use futures_util::{StreamExt, TryStreamExt, stream};

use crate::checker::Checker;
use crate::reader::{at_work, feed, reader_within};
use crate::server::{Server, package};

const PACKAGES: usize = 90;

/// Each turn checks every package so often.
const ROUNDS: usize = 10;

/// Measured in turns; the best of each counts, because what disturbs only adds.
const TURNS: usize = 40;

/// Of one turn: until it was over, and at work.
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
    for _ in 0..TURNS {
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
    for _ in 0..ROUNDS {
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
    let checks = u32::try_from(PACKAGES * ROUNDS).unwrap_or(u32::MAX);
    f64::from(checks) / work.as_secs_f64()
}
