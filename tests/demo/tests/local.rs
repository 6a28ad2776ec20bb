//! The demo as a test, and the picture of it in the README.

use anyhow::{Context, Result, ensure};
use demo::local::LocalTestbed;
use demo::printer::Printer;
use demo::script;
use demo::testbed::{Change, Testbed};
use domain::history::Outcome;
use tokio::process::Command;

const PICTURE: &str = include_str!("../../../docs/images/demo.svg");

#[tokio::test]
async fn demo_prints_the_lines_of_the_picture() -> Result<()> {
    let mut printed = Vec::new();
    let mut out = Printer::plain(&mut printed);
    let mut testbed = LocalTestbed::open().await?;
    script::run(&mut testbed, &mut out).await?;
    script::print_releases(&testbed, &mut out)?;

    let versions: Vec<_> = testbed
        .releases()?
        .into_iter()
        .map(|release| release.version)
        .collect();
    assert_eq!(versions, ["1.0.3", "1.0.2", "1.0.1", "1.0.0"]);
    let printed = String::from_utf8(printed)?;
    for part in [
        "✓ Release 1.0.1",
        "acme/web 1.5.0 is newer than 1.4.0 in the previous release",
        "acme/web 1.4.9 is permitted, but the latest is 1.5.0",
        "acme/web latest: ignored: it has no version number",
        "acme/web 2.0.0: refused by version range [1.0,2.0)",
        "✓ No second release",
        "1.0.3      acme/web 1.5.0, acme/api 1.3.0, shop 1.0.0",
    ] {
        assert!(printed.contains(part), "{part:?} is missing in:\n{printed}");
    }
    assert!(!printed.contains('\x1b'), "a plain printer prints colours");
    let printed = without_measurements(&printed);
    for line in lines_in_the_picture() {
        assert!(
            printed.contains(&line),
            "{line:?} is missing in:\n{printed}"
        );
    }
    Ok(())
}

/// The lines of the demo's output that the README's picture shows.
fn lines_in_the_picture() -> Vec<String> {
    let texts = PICTURE.lines().filter_map(|line| {
        let (_, text) = line.strip_suffix("</text>")?.split_once('>')?;
        Some(
            text.replace("&lt;", "<")
                .replace("&gt;", ">")
                .replace("&amp;", "&"),
        )
    });
    texts
        .filter(|text| !text.starts_with("$ ") && text != "[...]")
        .map(|text| without_measurements(&text))
        .collect()
}

/// A text without ports and durations, which differ in every run.
fn without_measurements(text: &str) -> String {
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

/// A release created with Octopus's TypeScript client becomes the previous release: its versions are not
/// released again, and later versions are compared with it.
///
/// Needs `node` and the client; `cargo xtask test` provides both.
#[tokio::test]
async fn release_of_another_client_becomes_the_previous_release() -> Result<()> {
    let mut testbed = LocalTestbed::open().await?;
    testbed.run_until(&|all| !all.is_empty()).await?;

    testbed.publish(Change::Web("1.5.0")).await?;
    create_with_typescript_client(&testbed).await?;
    let theirs = testbed.releases()?.remove(0);
    assert_eq!(
        (theirs.version.as_str(), theirs.package("Deploy web", "")),
        ("1.0.1", Some("1.5.0"))
    );

    let evaluations = testbed.run_until(&|all| !all.is_empty()).await?;
    let last = evaluations.last().context("no evaluation")?;
    assert_eq!(last.outcome, Outcome::Skipped);
    assert_eq!(
        last.reason,
        "no source is newer than in the previous release 1.0.1"
    );

    testbed.publish(Change::Web("1.6.0")).await?;
    let evaluations = testbed.run_until(&|all| !all.is_empty()).await?;
    let reasons: Vec<_> = evaluations.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(
        reasons,
        ["acme/web 1.6.0 is newer than 1.5.0 in the previous release"]
    );
    assert_eq!(testbed.releases()?.len(), 3);
    Ok(())
}

async fn create_with_typescript_client(testbed: &LocalTestbed) -> Result<()> {
    const CLIENT: &str = "OCTOPUS_TS_CLIENT";
    let folder = std::env::var(CLIENT).with_context(|| {
        format!("{CLIENT} must name a folder with client.mjs and its node_modules; `cargo xtask test` sets it")
    })?;
    let octopus = testbed.octopus();
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
        .context("cannot run node")?;
    ensure!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(())
}
