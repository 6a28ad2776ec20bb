//! The program: reads a seed file and prints its URL.

use std::process::Stdio;

use anyhow::{Context, Result};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::process::Command;

const PROGRAM: &str = env!("CARGO_BIN_EXE_octopus-server");

#[tokio::test]
async fn program_prints_its_url() -> Result<()> {
    // Starting one in this process as well makes the HTTP client usable.
    let shop = crate::support::Shop::start().await?;
    let seed = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api/shop.yaml");
    let mut program = Command::new(PROGRAM)
        .args(["--listen", "127.0.0.1:0", "--seed", seed])
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let output = program.stdout.take().context("no output")?;
    let url = BufReader::new(output)
        .lines()
        .next_line()
        .await?
        .context("no line")?;
    assert!(url.starts_with("http://127.0.0.1:"), "{url}");
    let (status, root) = crate::support::answer(shop.http.get(format!("{url}/api"))).await?;
    assert_eq!((status, &root["Version"]), (200, &"2026.3.1001".into()));
    Ok(())
}

#[tokio::test]
async fn program_reports_seed_errors_with_their_position() -> Result<()> {
    let seed = std::env::temp_dir().join(format!("octopus-server-{}.yaml", std::process::id()));
    for (text, expected) in [
        (
            "spaces: [{ name: A, projects: [{ name: B, triggers: [{ name: C, channel: Nope }] }] }]",
            "there is no channel 'Nope'",
        ),
        ("spaces: [{ nmae: A }]", "nmae"),
    ] {
        std::fs::write(&seed, text)?;
        let mut program = Command::new(PROGRAM)
            .arg("--seed")
            .arg(&seed)
            .stderr(Stdio::piped())
            .spawn()?;
        let mut complaint = String::new();
        program
            .stderr
            .take()
            .context("no errors")?
            .read_to_string(&mut complaint)
            .await?;
        assert!(!program.wait().await?.success());
        assert!(complaint.contains(expected), "{complaint}");
    }
    std::fs::remove_file(&seed)?;
    Ok(())
}
