//! P4: the peak of memory of checking a package of 10,000 tags: read, compared, stored, announced.

use anyhow::ensure;
use domain::feed::FeedKind;
use domain::ids::PackageId;

use crate::checker::Checker;
use crate::reader::{feed, peak_kib, reader};
use crate::server::Server;

const TAGS: usize = 10_000;

/// Prints the peak of the whole process, in MiB.
pub(crate) async fn measure() -> anyhow::Result<()> {
    let server = Server::start(["serve-tags", &TAGS.to_string()])?;
    let checker = Checker::new(reader()?, reader()?);
    let feed = feed(FeedKind::Docker, &server.url);
    let reports = checker.check(&feed, &[PackageId::new("acme/web")]).await?;
    let versions: usize = reports.iter().map(|report| report.versions).sum();
    ensure!(versions == TAGS, "{versions} tags were read");
    let peak = f64::from(u32::try_from(peak_kib()?)?) / 1_024.0;
    println!("{}", serde_json::json!({ "figure": "P4", "peakMiB": peak }));
    Ok(())
}
