//! P3: how large the functions are as they are uploaded.

use std::path::Path;

use super::{Program, Row, Target};
use crate::command::run_program;
use crate::functions::OPTIONAL;
use crate::tools::Python;

const LARGEST: f64 = 2.5;
const SUM: f64 = 10.0;

/// Packs a file as small as zip can.
const ZIP: &str = "\
import sys, zipfile
with zipfile.ZipFile(sys.argv[2], 'w', zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
    archive.write(sys.argv[1], 'bootstrap')
";

/// The size of each function's zip, of the largest, and of all.
pub(crate) fn rows(
    python: &Python,
    shipped: &[Program],
    target: &Path,
) -> anyhow::Result<Vec<Row>> {
    let mut sizes = Vec::new();
    println!("\n| function | bootstrap | zip |\n|---|---:|---:|");
    for program in shipped {
        let zip = target
            .join("functions")
            .join(program.name)
            .with_extension("zip");
        let mut pack = python.command("python");
        run_program(pack.args(["-c", ZIP]).arg(&program.bootstrap).arg(&zip))?;
        let (plain, packed) = (megabytes(&program.bootstrap)?, megabytes(&zip)?);
        println!("| {} | {plain:.2} MB | {packed:.2} MB |", program.name);
        sizes.push((program.name, packed));
    }
    let row = |subject: &str, measured, at_most| Row {
        figure: "P3",
        subject: subject.to_owned(),
        measured,
        unit: " MB",
        target: Target::AtMost(at_most),
        beside: String::new(),
    };
    let always = sizes.iter().filter(|(name, _)| !OPTIONAL.contains(name));
    let always = always.map(|(_, size)| size);
    Ok(vec![
        row(
            "largest zip",
            sizes.iter().map(|(_, size)| *size).fold(0.0, f64::max),
            LARGEST,
        ),
        row("all zips that every stack has", always.sum(), SUM),
    ])
}

/// Decimal megabytes, as AWS counts them for a deployment package.
fn megabytes(file: &Path) -> anyhow::Result<f64> {
    let bytes = u32::try_from(std::fs::metadata(file)?.len())?;
    Ok(f64::from(bytes) / 1e6)
}
