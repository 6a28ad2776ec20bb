//! Whoever operates the stack opens its console, in both ways that there are: `feedctl console` on loopback,
//! and the function behind its URL. Each shows the last release and a dead letter, and hands that back.

use std::io::Write;

use anyhow::{Context, ensure};

use super::super::deployment::STACK;
use super::super::scratch::until;
use super::browser::Browser;
use super::trial::{LONGEST, Trial};
use crate::narrator::Narrator;
use crate::stage::asks_for_work;

/// Whom the function is told to be asked by.
const SIGNED_BY: &str = "arn:aws:iam::000000000000:user/operator";

pub(super) async fn of_the_stack<W: Write>(
    trial: &mut Trial<'_>,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("The console of the stack")?;
    let (mut process, address) = trial.feedctl.console().await?;
    let mut browser = Browser::on_loopback(&address).await?;
    look_and_redrive(trial, &mut browser).await?;
    let said = process.end().await?;
    ensure!(
        said.contains("action=\"redrive\""),
        "feedctl console said {said}"
    );
    say.outcome("`feedctl console --stack`: the release, the dead letter, and what became of it")?;

    let function = trial.stage.deployment.output("ConsoleName")?.to_owned();
    let api = trial.stage.api.clone();
    let mut nobody = Browser::of_function(&api, &function, None);
    let refused = nobody.get("/triggers").await?;
    ensure!(
        refused.status == 403,
        "unsigned, it said {}",
        refused.status
    );
    let mut browser = Browser::of_function(&api, &function, Some(SIGNED_BY));
    look_and_redrive(trial, &mut browser).await?;
    until("the audit line", LONGEST, async || {
        let lines = api.logged(STACK, "console").await?;
        let is_it = |line: &String| line.contains("redrive") && line.contains(SIGNED_BY);
        Ok(lines.iter().any(is_it).then_some(()))
    })
    .await?;
    say.outcome("The function: the same pages for whoever signs, and nothing for anybody else")?;
    Ok(())
}

/// A message that was handled long ago lies among the dead letters: it is seen, handed back, and comes to
/// nothing once more.
async fn look_and_redrive(trial: &mut Trial<'_>, browser: &mut Browser) -> anyhow::Result<()> {
    trial.settle().await?;
    let before = trial.releases()?;
    let heard = trial.stage.listener.heard();
    let is_old =
        |(_, message): &&(String, _)| asks_for_work(message) && is_for_the_creator(message);
    let (body, _) = heard.iter().find(is_old).context("nothing was heard")?;
    let (body, deployment) = (body.clone(), &trial.stage.deployment);
    let dead = deployment.output("ReleaseDeadLettersUrl")?.to_owned();
    trial.stage.api.send(&dead, &[body]).await?;

    let triggers = browser.get("/triggers").await?.page;
    let version = &before[0].version;
    ensure!(
        triggers.contains(version.as_str()),
        "{version} is not on {triggers}"
    );
    let health = browser.get("/health").await?.page;
    ensure!(
        health.contains("Dead letters of releases"),
        "the health page shows {health}"
    );
    let token = health.split("name=\"token\" value=\"").nth(1);
    let token = token.and_then(|rest| rest.split('"').next());
    let token = token.context("the health page has no form")?;
    let answer = browser.post("/health/redrive/releases", token).await?;
    let told = "/health?redriven=releases&done=1&left=0";
    ensure!(
        answer.status == 303 && answer.location == told,
        "redrive answered {} {}: {}",
        answer.status,
        answer.location,
        answer.page
    );
    trial.settle().await?;
    ensure!(trial.releases()? == before, "a release was made once more");
    Ok(())
}

fn is_for_the_creator(message: &engine::messages::Message) -> bool {
    !matches!(
        message.event,
        engine::messages::Event::FeedCheckRequested(_)
    )
}
