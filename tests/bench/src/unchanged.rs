//! P7 and P8: what a check that finds nothing new asks of the registry and of the store.

use std::time::Duration;

use domain::feed::{Feed, FeedKind};
use domain::ids::PackageId;
use feeds::Limits;
use registry_server::{HelmRepository, Registry};
use serde_json::{Value, json};

use crate::checker::Checker;
use crate::reader::{feed, reader_within};
use crate::server::package;

const CHECKS: usize = 100;

/// The tags of the package, and the page size of the registry.
const TAGS: usize = 250;
const PAGE: usize = 100;

/// How long tokens live, and how often a feed is checked.
const TOKEN_LIFE: Duration = Duration::from_secs(300);
const MINUTE: Duration = Duration::from_secs(60);

/// Prints both figures.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let (oci, store) = oci().await?;
    let figure = json!({
        "figure": "P7",
        "oci": oci,
        "tokensWithinOneLife": tokens(Duration::ZERO, 1).await?,
        "tokensOnceAMinute": tokens(MINUTE, 1).await?,
        "tokensOnceAMinuteOfTwoPackages": tokens(MINUTE, 2).await?,
        "tokensOnceAMinuteOfTenPackages": tokens(MINUTE, 10).await?,
        "helm": helm().await?,
    });
    println!("{figure}");
    println!("{store}");
    Ok(())
}

fn checker() -> anyhow::Result<Checker> {
    Ok(Checker::new(
        reader_within(Limits::default())?,
        reader_within(Limits::default())?,
    ))
}

async fn registry() -> anyhow::Result<(Registry, Feed)> {
    let registry = Registry::start().await?;
    registry.set_page_size(PAGE);
    for minor in 0..TAGS {
        registry.push("acme/web", &format!("1.{minor}.0"), "");
    }
    let feed = feed(FeedKind::Docker, &registry.url());
    Ok((registry, feed))
}

/// Requests and calls of the store per unchanged check of a public registry.
async fn oci() -> anyhow::Result<(Value, Value)> {
    let (registry, feed) = registry().await?;
    let (checker, packages) = (checker()?, [PackageId::new("acme/web")]);
    checker.check(&feed, &packages).await?;
    registry.clear_requests();
    checker.take_calls();
    for _ in 0..CHECKS {
        checker.check_unchanged(&feed, &packages).await?;
    }
    let calls = checker.take_calls();
    let requests = registry.requests();
    let of = |part: &str| {
        let paths = requests.iter().filter(|(_, path, _)| path.contains(part));
        per_check(paths.count())
    };
    let oci = json!({
        "checks": CHECKS,
        "requests": per_check(requests.len()),
        "pages": TAGS.div_ceil(PAGE),
        "ofTheList": of("/tags/list"),
        "manifests": of("/manifests/"),
    });
    let store = json!({
        "figure": "P8",
        "checks": CHECKS,
        "reads": per_check(calls.gets + calls.queries),
        "writes": per_check(calls.puts + calls.deletes),
    });
    Ok((oci, store))
}

/// Token requests per check of one package, with checks of so many so long apart. The
/// measurement advances the reader's clock instead of waiting.
async fn tokens(apart: Duration, packages: usize) -> anyhow::Result<f64> {
    let registry = Registry::start().await?;
    let packages: Vec<_> = (0..packages).map(package).collect();
    for package in &packages {
        registry.push(package, "1.0.0", "");
    }
    let feed = feed(FeedKind::Docker, &registry.url());
    registry.require_token(None);
    registry.set_token_lifetime(TOKEN_LIFE);
    let packages: Vec<_> = packages.into_iter().map(PackageId::new).collect();
    let checker = checker()?;
    for _ in 0..CHECKS {
        checker.check(&feed, &packages).await?;
        tokio::time::pause();
        tokio::time::advance(apart).await;
        tokio::time::resume();
    }
    let requests = registry.requests();
    let tokens = requests
        .iter()
        .filter(|(_, path, _)| path.starts_with("/token"));
    let packages = f64::from(u32::try_from(packages.len())?);
    Ok(per_check(tokens.count()) / packages)
}

/// Requests per unchanged check of a Helm repository, and the versions in their responses.
async fn helm() -> anyhow::Result<Value> {
    let repository = HelmRepository::start().await?;
    for minor in 0..TAGS {
        repository.publish("shop", &format!("1.{minor}.0"));
    }
    let feed = feed(FeedKind::Helm, &repository.url());
    let (checker, packages) = (checker()?, [PackageId::new("shop")]);
    checker.check(&feed, &packages).await?;
    repository.clear_requests();
    let mut versions = 0;
    for _ in 0..CHECKS {
        let reports = checker.check_unchanged(&feed, &packages).await?;
        versions += reports.iter().map(|report| report.versions).sum::<usize>();
    }
    Ok(json!({
        "requests": per_check(repository.requests().len()),
        "versionsRead": per_check(versions),
    }))
}

fn per_check(count: usize) -> f64 {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    let checks = u32::try_from(CHECKS).unwrap_or(u32::MAX);
    f64::from(count) / f64::from(checks)
}
