//! The stack's console, as `feedctl console` on loopback and as the function behind its URL. Each shows the
//! last release and a message of a dead-letter queue, and redrives that message.

use std::io::Write;

use anyhow::{Context, ensure};

use crate::browser::Browser;
use crate::harness::{Harness, TIMEOUT};
use demo::printer::Printer;
use demo::testbed::is_request;
use local_cloud::deployment::STACK;
use local_cloud::scratch::until;

/// The user in the signed requests.
const SIGNED_BY: &str = "arn:aws:iam::000000000000:user/operator";

pub(crate) async fn pages<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("The console of the stack")?;
    let (mut process, address) = harness.feedctl.console().await?;
    let mut browser = Browser::on_loopback(&address).await?;
    look_and_redrive(harness, &mut browser).await?;
    let log = process.end().await?;
    ensure!(
        log.contains("action=\"redrive\""),
        "feedctl console logged {log}"
    );
    out.outcome("`feedctl console --stack` shows the release and redrives the message")?;

    let function = harness.testbed.deployment.output("ConsoleName")?.to_owned();
    let api = harness.testbed.api.clone();
    let mut unsigned = Browser::of_function(&api, &function, None);
    let refused = unsigned.get("/triggers").await?;
    ensure!(
        refused.status == 403,
        "an unsigned request was answered with {}",
        refused.status
    );
    let mut browser = Browser::of_function(&api, &function, Some(SIGNED_BY));
    look_and_redrive(harness, &mut browser).await?;
    until("the audit line", TIMEOUT, async || {
        let lines = api.log_lines(STACK, "console").await?;
        let is_it = |line: &String| line.contains("redrive") && line.contains(SIGNED_BY);
        Ok(lines.iter().any(is_it).then_some(()))
    })
    .await?;
    out.outcome("The function shows the same pages to signed requests, and refuses unsigned ones")?;
    Ok(())
}

/// Moves a handled message to the dead-letter queue, finds it on the health page and redrives it; no further
/// release follows.
async fn look_and_redrive(harness: &mut Harness<'_>, browser: &mut Browser) -> anyhow::Result<()> {
    harness.wait_until_drained().await?;
    let before = harness.releases()?;
    let received = harness.testbed.listener.received();
    let is_old = |(_, message): &&(String, _)| is_request(message) && is_for_the_creator(message);
    let (body, _) = received
        .iter()
        .find(is_old)
        .context("the bus delivered no message")?;
    let (body, deployment) = (body.clone(), &harness.testbed.deployment);
    let dead = deployment.output("ReleaseDeadLettersUrl")?.to_owned();
    harness.testbed.api.send(&dead, &[body]).await?;

    let triggers = browser.get("/triggers").await?.page;
    let version = &before[0].version;
    ensure!(
        triggers.contains(version.as_str()),
        "{version} is missing on {triggers}"
    );
    let health = browser.get("/health").await?.page;
    ensure!(
        health.contains("Dead-letter queue of releases"),
        "the health page shows {health}"
    );
    let token = health.split("name=\"token\" value=\"").nth(1);
    let token = token.and_then(|rest| rest.split('"').next());
    let token = token.context("the health page has no form")?;
    let answer = browser.post("/health/redrive/releases", token).await?;
    let expected = "/health?redriven=releases&done=1&left=0";
    ensure!(
        answer.status == 303 && answer.location == expected,
        "redrive answered {} {}: {}",
        answer.status,
        answer.location,
        answer.page
    );
    harness.wait_until_drained().await?;
    ensure!(
        harness.releases()? == before,
        "a second release was created"
    );
    Ok(())
}

fn is_for_the_creator(message: &engine::messages::Message) -> bool {
    !matches!(
        message.event,
        engine::messages::Event::FeedCheckRequested(_)
    )
}
