//! Bills of materials: the components of each program, with versions and licences, in CycloneDX.

use std::fs;
use std::path::Path;

use anyhow::{Context, bail};

use super::{Tools, commit_time};
use crate::command::{command, run_program};
use crate::functions::FUNCTIONS;

/// How cargo-cyclonedx is to call its files, which it writes beside every crate's manifest.
const FILE: &str = "materials";

/// Writes one for each function and one for `feedctl`.
pub(super) fn write(
    tools: &Tools,
    source: &Path,
    architecture: &str,
    out: &Path,
) -> anyhow::Result<()> {
    let target = match architecture {
        "x86_64" => "x86_64-unknown-linux-gnu",
        "arm64" => "aarch64-unknown-linux-gnu",
        other => bail!("functions do not run on {other}"),
    };
    let mut cyclonedx = command(&tools.cyclonedx);
    cyclonedx
        .current_dir(source)
        .env("SOURCE_DATE_EPOCH", commit_time(source)?)
        .args([
            "cyclonedx",
            "--quiet",
            "--format",
            "json",
            "--spec-version",
            "1.5",
        ])
        .args([
            "--no-build-deps",
            "--target",
            target,
            "--override-filename",
            FILE,
        ]);
    run_program(&mut cyclonedx)?;
    let functions = FUNCTIONS.map(|(_, name)| (name, format!("functions/{name}")));
    let feedctl = ("feedctl", "cli".to_owned());
    for (name, crate_folder) in functions.into_iter().chain([feedctl]) {
        let file = source.join(crate_folder).join(FILE).with_extension("json");
        let text =
            fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
        // The path of the build differs from build to build, so it is left out.
        let text = text.replace(&format!("file://{}", source.display()), "file://");
        fs::write(out.join(format!("{name}-{architecture}.cdx.json")), text)?;
    }
    Ok(())
}
