//! The story as a test, and what only a test asks.

use anyhow::{Context, Result, ensure};
use demo::local::LocalStage;
use demo::narrator::Narrator;
use demo::stage::{Change, Stage};
use demo::story;
use domain::history::Outcome;
use tokio::process::Command;

const README: &str = include_str!("../../../README.md");

#[tokio::test]
async fn the_story_goes_as_written() -> Result<()> {
    let mut told = Vec::new();
    let mut say = Narrator::plain(&mut told);
    let mut stage = LocalStage::open().await?;
    story::tell(&mut stage, &mut say).await?;
    story::conclude(&stage, &mut say)?;

    let versions: Vec<_> = stage
        .releases()?
        .into_iter()
        .map(|release| release.version)
        .collect();
    assert_eq!(versions, ["1.0.3", "1.0.2", "1.0.1", "1.0.0"]);
    let told = String::from_utf8(told)?;
    for part in [
        "✓ Release 1.0.1",
        "acme/web 1.5.0 is newer than 1.4.0 in the previous release",
        "acme/web 1.4.9 is permitted, but the latest is 1.5.0",
        "acme/web latest: ignored: it has no version number",
        "acme/web 2.0.0: refused by version range [1.0,2.0)",
        "✓ No second release",
        "1.0.3      acme/web 1.5.0, acme/api 1.3.0, shop 1.0.0",
    ] {
        assert!(told.contains(part), "{part:?} is missing in:\n{told}");
    }
    assert!(!told.contains('\x1b'), "a pipe gets colours");
    let told = unmeasured(&told);
    for quoted in quoted_in_the_readme()? {
        assert!(told.contains(&quoted), "{quoted}\nis missing in:\n{told}");
    }
    Ok(())
}

/// What the README shows of the story, piece by piece.
fn quoted_in_the_readme() -> Result<Vec<String>> {
    let block = README.split_once("$ cargo xtask demo\n");
    let (_, block) = block.context("the README tells no story")?;
    let (block, _) = block.split_once("\nTold in ").context("it has no end")?;
    Ok(block.split("[...]\n").map(unmeasured).collect())
}

/// A text without what is another each time: ports, and how long something took.
fn unmeasured(text: &str) -> String {
    let lines = text.lines().map(|line| {
        let mut words: Vec<_> = line.split(' ').map(without_port).collect();
        for at in 1..words.len() {
            if words[at] == "ms" || words[at] == "s" {
                words[at - 1] = "some".to_owned();
                words[at] = "time".to_owned();
            }
        }
        words.join(" ") + "\n"
    });
    lines.collect()
}

fn without_port(word: &str) -> String {
    const HERE: &str = "http://127.0.0.1:";
    match word.strip_prefix(HERE) {
        Some(rest) => HERE.to_owned() + rest.trim_start_matches(|port: char| port.is_ascii_digit()),
        None => word.to_owned(),
    }
}

/// A release that somebody makes with Octopus's own client is the previous release from then on: what it
/// holds is not released again, and what is newer is compared with it.
///
/// Needs `node` and the client; `cargo xtask test` sees to both.
#[tokio::test]
async fn a_release_of_octopus_s_own_client_counts() -> Result<()> {
    let mut stage = LocalStage::open().await?;
    stage.watch(&|all| !all.is_empty()).await?;

    stage.publish(Change::Web("1.5.0")).await?;
    create_with_typescript_client(&stage).await?;
    let theirs = stage.releases()?.remove(0);
    assert_eq!(
        (theirs.version.as_str(), theirs.package("Deploy web", "")),
        ("1.0.1", Some("1.5.0"))
    );

    let evaluations = stage.watch(&|all| !all.is_empty()).await?;
    let last = evaluations.last().context("no evaluation")?;
    assert_eq!(last.outcome, Outcome::Skipped);
    assert_eq!(
        last.reason,
        "no source is newer than in the previous release 1.0.1"
    );

    stage.publish(Change::Web("1.6.0")).await?;
    let evaluations = stage.watch(&|all| !all.is_empty()).await?;
    let reasons: Vec<_> = evaluations.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["acme/web 1.6.0 is newer than 1.5.0 in the previous release"]
    );
    assert_eq!(stage.releases()?.len(), 3);
    Ok(())
}

async fn create_with_typescript_client(stage: &LocalStage) -> Result<()> {
    const CLIENT: &str = "OCTOPUS_TS_CLIENT";
    let folder = std::env::var(CLIENT).with_context(|| {
        format!("{CLIENT} must name a folder with client.mjs and its node_modules; `cargo xtask test` sets it")
    })?;
    let octopus = stage.octopus();
    let output = Command::new("node")
        .args(["client.mjs", "Shop", "{}"])
        .current_dir(folder)
        .env("OCTOPUS_URL", octopus.url())
        .env("OCTOPUS_API_KEY", octopus.api_key())
        .env("OCTOPUS_SPACE", "Default")
        .env_remove("http_proxy")
        .env_remove("HTTP_PROXY")
        .output()
        .await
        .context("running node")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
