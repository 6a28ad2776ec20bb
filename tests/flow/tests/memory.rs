//! The memory of a check of many packages with many versions. It is measured as the growth of the peak of this process,
//! so this is the only test of its program.

#![cfg(target_os = "linux")]
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "in a test a panic is the report, and the measured memory is printed"
)]

use std::cell::RefCell;
use std::fs;

use domain::cause::CheckCause;
use domain::feed::{Access, Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};
use domain::snapshot::Listed;
use engine::check::{Check, CheckReport};
use engine::messages::{FeedCheck, Message, Origin};
use engine::ports::{Bus, BusError, FeedAnswer, FeedReader, ReadRequest, Reading, Routes};
use flow::TestClock;
use store::Store;
use store::memory::MemoryTable;

const PACKAGES: usize = 8;

const VERSIONS: usize = 240_000;

/// The growth of a check, in MiB: the feed-checker has 512 MB.
const CHECK_MIB: usize = 300;

/// A feed whose packages get another version before each read.
#[derive(Default)]
struct LargeFeed {
    /// The number of packages of each read.
    reads: RefCell<Vec<usize>>,
    access: Access,
}

impl FeedReader for LargeFeed {
    async fn read(&self, _: &Feed, requests: &[ReadRequest]) -> FeedAnswer {
        let mut reads = self.reads.borrow_mut();
        reads.push(requests.len());
        let first = reads.len();
        let reading = |_: &ReadRequest| {
            Ok(Reading::Listing {
                versions: listed(first, VERSIONS),
                validators: None,
            })
        };
        FeedAnswer {
            readings: requests.iter().map(reading).collect(),
            requests: requests.len(),
            quota: None,
            allowance: None,
        }
    }
}

impl Routes for LargeFeed {
    fn access(&self) -> Access {
        self.access.clone()
    }
}

struct NoBus;

impl Bus for NoBus {
    async fn publish(&self, _: &[Message]) -> Result<(), BusError> {
        Ok(())
    }
}

fn listed(first: usize, count: usize) -> Vec<Listed> {
    let versions = (first..first + count).map(|number| Listed {
        version: format!("1.{}.{}-build.{number}", number / 1_000, number % 1_000),
        digest: None,
        published: None,
    });
    versions.collect()
}

fn package(at: usize) -> PackageId {
    PackageId::new(format!("acme/package-{at}"))
}

/// A value of `/proc/self/status`, in MiB.
fn memory(field: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1_024
}

/// The growth of the peak during `work`, in MiB.
async fn growth<T>(work: impl Future<Output = T>) -> (T, usize) {
    // Resets the peak to the current memory.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS");
    let result = work.await;
    (result, memory("VmHWM").saturating_sub(before))
}

async fn check(store: &Store<MemoryTable, TestClock>, feed: &LargeFeed) -> CheckReport {
    let clock = TestClock::default();
    let check = Check {
        store,
        reader: feed,
        bus: &NoBus,
        clock: &clock,
    };
    let request = FeedCheck {
        feed: Feed {
            id: FeedId::new("Feeds-1"),
            space: SpaceId::new("Spaces-1"),
            name: "Images".to_owned(),
            kind: FeedKind::Docker,
            uri: Some("https://images.example".to_owned()),
            registry_path: None,
            region: None,
            account: None,
            has_credentials: false,
        },
        packages: (0..PACKAGES).map(package).collect(),
        retrying: (0..PACKAGES).map(package).collect(),
        details: [].into(),
        feed_retrying: false,
        cause: CheckCause::Schedule,
        superseded_at: None,
    };
    check
        .run(&request, &Origin::new(&["a test"]))
        .await
        .unwrap()
}

async fn check_stays_within_its_memory() {
    let store = Store::with_clock(MemoryTable::default(), TestClock::default());
    let feed = LargeFeed::default();
    for what in ["first", "later"] {
        let (report, mib) = growth(check(&store, &feed)).await;
        println!("{what} check of {PACKAGES} packages with {VERSIONS} versions: {mib} MiB");
        assert_eq!(report.failed.len(), 0, "{:?}", report.failed);
        assert_eq!(report.changed.len(), PACKAGES);
        assert!(mib <= CHECK_MIB, "{mib} MiB");
    }
    assert_eq!(feed.reads.take(), [1; 2 * PACKAGES]);
}

#[tokio::test]
async fn many_packages_with_many_versions_stay_within_the_memory() {
    check_stays_within_its_memory().await;
}
