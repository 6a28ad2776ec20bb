//! P4: the peak of memory of checking a package of 10,000 tags: read, compared, stored, announced.

use anyhow::{Context, ensure};
use domain::feed::Access;
use domain::feed::FeedKind;
use domain::ids::PackageId;
use engine::check::Check;
use engine::messages::{FeedCheck, Message, Origin};
use engine::ports::{Bus, BusError};
use engine::routed::Routed;
use feeds::{DirectFeeds, NoCredentials};
use store::memory::MemoryTable;
use store::{Store, SystemClock};

use crate::reader::{feed, peak_kib, reader};
use crate::server::Server;

const TAGS: usize = 10_000;

/// Takes messages and forgets them.
struct Nowhere;

impl Bus for Nowhere {
    async fn publish(&self, _: &[Message]) -> Result<(), BusError> {
        Ok(())
    }
}

/// Prints the peak of the whole process, in MiB.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let server = Server::start(["serve-tags", &TAGS.to_string()])?;
    let direct: DirectFeeds<NoCredentials> = reader()?;
    let check = Check {
        store: &Store::new(MemoryTable::default()),
        reader: &Routed {
            direct,
            octopus: reader()?,
            access: Access::default(),
        },
        bus: &Nowhere,
        clock: &SystemClock,
    };
    let request = FeedCheck {
        feed: feed(FeedKind::Docker, &server.url),
        packages: vec![PackageId::new("acme/web")],
        retrying: Vec::new(),
        feed_retrying: false,
        cause: "bench".to_owned(),
    };
    let origin = Origin {
        correlation_id: "bench".to_owned(),
        causation_id: None,
    };
    let report = check.run(&request, &origin).await?;
    if let Some((_, error)) = report.failed.into_iter().next() {
        return Err(error).context("reading the tags");
    }
    ensure!(
        report.versions == TAGS,
        "{} tags were read",
        report.versions
    );
    let peak = f64::from(u32::try_from(peak_kib()?)?) / 1_024.0;
    println!("{}", serde_json::json!({ "figure": "P4", "peakMiB": peak }));
    Ok(())
}
