//! The feeds: their packages, and how they answer.
//!
//! The true versions of a package are recorded for the whole history, with every version that was ever the latest, so that
//! the expected releases are known.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use domain::feed::{Access, Feed, FeedKind};
use domain::ids::{FeedId, PackageId, PackageKey, SpaceId};
use domain::snapshot::Listed;
use domain::time::{Span, Timestamp};
use engine::ports::{
    FeedAnswer, FeedError, FeedErrorKind, FeedReader, ReadRequest, Reading, Routes, Validators,
};

use crate::chance::Chance;
use crate::effects::Call;
use crate::fault_injection::{Disturbance, Service, millis};
use crate::faults::Fault;
use crate::invocation::Invocation;

pub(crate) const SPACE: &str = "Spaces-1";
pub(crate) const ACCOUNT: &str = "111111111111";
pub(crate) const REGION: &str = "eu-west-1";

/// Where a planted threshold cuts a listing.
const THRESHOLD: usize = 5;

/// Major, minor, patch.
pub(crate) type Number = (u32, u32, u32);

/// The versions that a channel permits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Permits {
    Everything,
    BelowTwo,
}

impl Permits {
    pub(crate) fn permits(self, number: Number) -> bool {
        match self {
            Self::Everything => true,
            Self::BelowTwo => number.0 < 2,
        }
    }
}

/// One package as it truly is.
pub(crate) struct Package {
    pub(crate) feed: usize,
    pub(crate) name: String,
    /// Tag or version, with its digest.
    versions: BTreeMap<String, String>,
    /// Counts changes.
    edition: u64,
    /// Every version that was ever the latest, by permission.
    ever_latest: BTreeSet<(Permits, Number)>,
    /// Versions that were ever missing from a listing after they had been listed, truly or by a fault.
    pub(crate) ever_missing: BTreeSet<String>,
    pub(crate) changed_at: Timestamp,
}

pub(crate) struct Registry {
    pub(crate) feeds: Vec<Feed>,
    pub(crate) packages: RefCell<Vec<Package>>,
    pub(crate) access: Access,
}

/// `1.2.3`, and nothing else.
pub(crate) fn number(version: &str) -> Option<Number> {
    let mut parts = version.splitn(3, '.').map(str::parse);
    match (parts.next(), parts.next(), parts.next()) {
        (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch))) => Some((major, minor, patch)),
        _ => None,
    }
}

pub(crate) fn text((major, minor, patch): Number) -> String {
    format!("{major}.{minor}.{patch}")
}

impl Package {
    fn new(feed: usize, name: String, now: Timestamp) -> Self {
        let mut package = Self {
            feed,
            name,
            versions: BTreeMap::new(),
            edition: 0,
            ever_latest: BTreeSet::new(),
            ever_missing: BTreeSet::new(),
            changed_at: now,
        };
        package.push(&["1.0.0".to_owned()], now);
        package
    }

    /// Pushes versions at once.
    pub(crate) fn push(&mut self, versions: &[String], now: Timestamp) {
        for version in versions {
            let digest = format!("sha256:{version}-{}", self.edition);
            self.versions.insert(version.clone(), digest);
        }
        self.change(now);
    }

    /// Points a tag to an image.
    pub(crate) fn move_tag(&mut self, tag: &str, digest: &str, now: Timestamp) {
        self.versions.insert(tag.to_owned(), digest.to_owned());
        self.change(now);
    }

    pub(crate) fn withdraw(&mut self, version: &str, now: Timestamp) {
        self.versions.remove(version);
        self.ever_missing.insert(version.to_owned());
        self.change(now);
    }

    fn change(&mut self, now: Timestamp) {
        self.edition += 1;
        self.changed_at = now;
        for permits in [Permits::Everything, Permits::BelowTwo] {
            if let Some(latest) = self.latest(permits) {
                self.ever_latest.insert((permits, latest));
            }
        }
    }

    /// Lists exactly these versions: for the judgement, a feed's listing is the truth.
    fn show(&mut self, versions: &[Listed]) {
        for permits in [Permits::Everything, Permits::BelowTwo] {
            let numbers = versions.iter().filter_map(|listed| number(&listed.version));
            let latest = numbers.filter(|number| permits.permits(*number)).max();
            self.ever_latest
                .extend(latest.map(|latest| (permits, latest)));
        }
    }

    pub(crate) fn latest(&self, permits: Permits) -> Option<Number> {
        let numbers = self.versions.keys().filter_map(|version| number(version));
        numbers.filter(|number| permits.permits(*number)).max()
    }

    pub(crate) fn was_latest(&self, permits: Permits, number: Number) -> bool {
        self.ever_latest.contains(&(permits, number))
    }

    /// Every version and its digest.
    pub(crate) fn versions(&self) -> &BTreeMap<String, String> {
        &self.versions
    }
}

impl Registry {
    pub(crate) fn new(chance: &Chance, feeds: usize, packages: usize, now: Timestamp) -> Self {
        let kinds = [
            FeedKind::Docker,
            FeedKind::Helm,
            FeedKind::AwsElasticContainerRegistry,
        ];
        let feeds: Vec<_> = (0..feeds)
            .map(|index| feed(index, kinds[index % kinds.len()].clone()))
            .collect();
        let package = |index: usize| {
            let feed = usize::try_from(chance.below(feeds.len() as u64)).unwrap_or_default();
            Package::new(feed, format!("acme/app-{index}"), now)
        };
        Self {
            packages: RefCell::new((0..packages).map(package).collect()),
            access: Access {
                aws_account: Some(ACCOUNT.to_owned()),
                own_credentials: Vec::new(),
            },
            feeds,
        }
    }

    /// One ECR feed with two packages.
    pub(crate) fn small(now: Timestamp) -> Self {
        let package = |index: usize| Package::new(0, format!("acme/app-{index}"), now);
        Self {
            packages: RefCell::new((0..2).map(package).collect()),
            access: Access {
                aws_account: Some(ACCOUNT.to_owned()),
                own_credentials: Vec::new(),
            },
            feeds: vec![feed(0, FeedKind::AwsElasticContainerRegistry)],
        }
    }

    pub(crate) fn key(&self, package: usize) -> PackageKey {
        let package = &self.packages.borrow()[package];
        PackageKey {
            space: SpaceId::new(SPACE),
            feed: self.feeds[package.feed].id.clone(),
            package: PackageId::new(package.name.clone()),
        }
    }

    pub(crate) fn find(&self, feed: &FeedId, name: &PackageId) -> Option<usize> {
        let packages = self.packages.borrow();
        packages.iter().position(|package| {
            self.feeds[package.feed].id == *feed && package.name == name.as_str()
        })
    }

    pub(crate) fn is_ecr(&self, package: usize) -> bool {
        let feed = self.packages.borrow()[package].feed;
        self.feeds[feed].kind == FeedKind::AwsElasticContainerRegistry
    }
}

fn feed(index: usize, kind: FeedKind) -> Feed {
    let is_ecr = kind == FeedKind::AwsElasticContainerRegistry;
    Feed {
        id: FeedId::new(format!("Feeds-{}", index + 1)),
        space: SpaceId::new(SPACE),
        name: format!("Feed {}", index + 1),
        kind,
        uri: (!is_ecr).then(|| format!("https://registry-{}.example", index + 1)),
        registry_path: None,
        region: is_ecr.then(|| REGION.to_owned()),
        account: None,
        has_credentials: false,
    }
}

impl Routes for Invocation {
    fn access(&self) -> Access {
        self.world.registry.access.clone()
    }
}

impl FeedReader for Invocation {
    async fn read(&self, feed: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        self.asks(Call::ReadFeed);
        self.wait_for_answer(20, 400).await;
        let world = &self.world;
        let now = world.time.now();
        let place = world
            .registry
            .feeds
            .iter()
            .position(|one| one.id == feed.id);
        let occurs = |trouble| world.fault_injection.occurs(trouble, now);
        let is_down = place.is_some_and(|at| world.fault_injection.is_down(Service::Feed(at), now));
        let failure = if is_down || occurs(Disturbance::FeedFails) {
            Some((FeedErrorKind::Unavailable, "answers 503"))
        } else if occurs(Disturbance::FeedThrottles) {
            let pause = match world.chance.below(3) {
                0 => None,
                _ => Some(Span::from_seconds(
                    i64::try_from(world.chance.between(1, 1_200)).unwrap_or(1),
                )),
            };
            Some((FeedErrorKind::Throttled(pause), "answers 429"))
        } else {
            None
        };
        if let Some((kind, what)) = failure {
            world.log(|| format!("{}: {} {what}", self.name(), feed.name));
            if self.has(Fault::FailedFeedTakenForEmpty) {
                return empty(requests);
            }
            return FeedAnswer::failed(error(feed, kind, what), requests.len());
        }
        let mut readings: Vec<_> = requests
            .iter()
            .map(|request| self.reading(feed, request))
            .collect();
        if self.has(Fault::ReadingsMixedUp) {
            readings.reverse();
        }
        self.wait(1, 20).await;
        FeedAnswer {
            requests: requests.len(),
            readings,
            quota: None,
            allowance: None,
        }
    }
}

impl Invocation {
    fn reading(&self, feed: &Feed, request: &ReadRequest) -> Result<Reading, FeedError> {
        let world = &self.world;
        let occurs = |trouble| world.fault_injection.occurs(trouble, world.time.now());
        let Some(index) = world.registry.find(&feed.id, &request.package) else {
            return Err(error(feed, FeedErrorKind::NotFound, "has no such package"));
        };
        let mut packages = world.registry.packages.borrow_mut();
        let package = &mut packages[index];
        let etag = format!("\"{}\"", package.edition);
        if let Some(Validators {
            etag: Some(known), ..
        }) = &request.validators
            && (*known == etag || self.has(Fault::ValidatorTrustedForEver))
        {
            return Ok(Reading::Unchanged);
        }
        if occurs(Disturbance::PackageFails) {
            let kind = *world.chance.pick(&[
                FeedErrorKind::Denied,
                FeedErrorKind::NotFound,
                FeedErrorKind::Malformed,
            ]);
            world.log(|| {
                format!(
                    "{}: {} is {} for once",
                    self.name(),
                    package.name,
                    kind.name()
                )
            });
            return Err(error(feed, kind, "refuses the package"));
        }
        let mut versions: Vec<_> = package.versions.iter().map(listed).collect();
        if occurs(Disturbance::FeedBreaksOff) {
            world.log(|| {
                format!(
                    "{}: the listing of {} breaks off",
                    self.name(),
                    package.name
                )
            });
            if !self.has(Fault::BrokenListingAccepted) {
                return Err(error(feed, FeedErrorKind::Incomplete, "breaks off"));
            }
            versions.truncate(versions.len() / 2);
        }
        let mut etag = etag;
        if occurs(Disturbance::FeedLies) {
            etag = format!("{etag} for once");
            world.log(|| {
                format!(
                    "{}: {} lists too little for once",
                    self.name(),
                    package.name
                )
            });
            let kept = versions.len() / 4;
            let missing = versions.drain(kept..).map(|listed| listed.version);
            package.ever_missing.extend(missing);
            package.show(&versions);
        }
        if self.has(Fault::HintTakenForListing) {
            let hinted = world.hinted.borrow();
            let announced = hinted.iter().filter(|(package, _)| *package == index);
            versions.extend(announced.map(|(_, tag)| listed((tag, &"sha256:hint".to_owned()))));
        }
        if self.has(Fault::ThresholdStopsDetection) {
            versions.truncate(THRESHOLD);
        }
        let etag = (index % 2 == 0).then_some(etag);
        Ok(Reading::Listing {
            versions,
            validators: etag.map(|etag| Validators {
                etag: Some(etag),
                ..Validators::default()
            }),
        })
    }

    /// Waits for a server that may take long.
    pub(crate) async fn wait_for_answer(&self, least: u64, most: u64) {
        let is_slow = self
            .world
            .fault_injection
            .occurs(Disturbance::Slow, self.world.time.now());
        let span = if is_slow {
            self.world.chance.between(1_000, 60_000)
        } else {
            self.world.chance.between(least, most)
        };
        self.world.time.sleep(millis(span)).await;
    }
}

fn listed((version, digest): (&String, &String)) -> Listed {
    Listed {
        version: version.clone(),
        digest: Some(digest.clone()),
        published: None,
    }
}

fn empty(requests: &[ReadRequest]) -> FeedAnswer {
    let nothing = |_: &ReadRequest| {
        Ok(Reading::Listing {
            versions: Vec::new(),
            validators: None,
        })
    };
    FeedAnswer {
        readings: requests.iter().map(nothing).collect(),
        ..FeedAnswer::default()
    }
}

fn error(feed: &Feed, kind: FeedErrorKind, what: &str) -> FeedError {
    FeedError {
        message: format!("the feed \"{}\" {what}", feed.name),
        kind,
        source: None,
    }
}
