//! P5: by how much the peak of memory grows while an index is read, for indexes of three sizes.
//!
//! The first read also loads the code into memory, so the program reads an index of 20 KB first. The output has
//! the growth with and without that, and the growth of `serde_yaml_ng` without the text.

use serde_json::{Map, Value, json};

use crate::reader::{Took, in_own_process};
use crate::server::Server;
use crate::time::parsed_elsewhere;

const MEGABYTES: [usize; 3] = [1, 23, 140];

/// The size of the index that is read first.
const SMALL_BYTES: usize = 20_000;

/// Prints the growth for each size, in MiB, reading one chart of the index.
pub(crate) fn measure() -> anyhow::Result<()> {
    let small = serve(SMALL_BYTES)?;
    let (mut growth, mut with_code) = (Map::new(), Map::new());
    for megabytes in MEGABYTES {
        let large = serve(megabytes * 1_000_000)?;
        let size = format!("{megabytes} MB");
        growth.insert(size.clone(), growth_over(&[&small.url, &large.url])?);
        with_code.insert(size, growth_over(&[&large.url])?);
    }
    let line = json!({
        "figure": "P5",
        "growthMiB": growth,
        "growthWithCodeMiB": with_code,
        "smallWithCodeMiB": growth_over(&[&small.url])?,
        "serdeYamlGrowthMiB": mebibytes(parsed_elsewhere(23_000_000)?.growth_kib)?,
    });
    println!("{line}");
    Ok(())
}

fn serve(bytes: usize) -> anyhow::Result<Server> {
    Server::start(["serve-index", &bytes.to_string()])
}

/// While the last of these indexes is read.
fn growth_over(urls: &[&str]) -> anyhow::Result<Value> {
    let took: Took = in_own_process(&[&["read", "1"], urls].concat())?;
    mebibytes(took.growth_kib)
}

fn mebibytes(kib: u64) -> anyhow::Result<Value> {
    Ok(Value::from(f64::from(u32::try_from(kib)?) / 1_024.0))
}
