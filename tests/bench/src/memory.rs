//! P5: by how much the peak of memory grows while an index is read, for indexes of three sizes.

use crate::reader::{Took, in_own_process};
use crate::server::Server;

const MEGABYTES: [usize; 3] = [1, 23, 140];

/// Prints the growth for each size, in MiB, with one chart of the index wanted.
pub(crate) fn measure() -> anyhow::Result<()> {
    let mut growth = serde_json::Map::new();
    for megabytes in MEGABYTES {
        let server = Server::start(["serve-index", &(megabytes * 1_000_000).to_string()])?;
        let took: Took = in_own_process(&["read", &server.url, "1"])?;
        let mebibytes = f64::from(u32::try_from(took.growth_kib)?) / 1_024.0;
        growth.insert(format!("{megabytes} MB"), mebibytes.into());
    }
    println!(
        "{}",
        serde_json::json!({ "figure": "P5", "growthMiB": growth })
    );
    Ok(())
}
