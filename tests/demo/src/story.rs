//! The script: what is pushed, and what has to come of it.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use domain::decide::Candidate;
use domain::history::{Evaluation, Outcome};
use octopus_server::Release;

use crate::narrator::{Narrator, shown};
use crate::stage::{Change, PACKAGES, Package, Stage};
use crate::world::PROJECT;

/// One step.
struct Step {
    title: &'static str,
    change: Change,
    expected: Expected,
}

/// What has to come of it.
#[derive(Clone, Copy)]
enum Expected {
    /// A release with the new version; every other package as in the release before.
    Release,
    /// Nothing: the version is permitted, but there is a later one already.
    NothingNewer,
    /// Nothing: the verdict on the version contains this.
    Refused(&'static str),
}

const STEPS: [Step; 7] = [
    Step {
        title: "A newer image is pushed",
        change: Change::Web("1.5.0"),
        expected: Expected::Release,
    },
    Step {
        title: "A chart is published",
        change: Change::Chart("1.0.0"),
        expected: Expected::Release,
    },
    Step {
        title: "The other image is pushed",
        change: Change::Api("1.3.0"),
        expected: Expected::Release,
    },
    Step {
        title: "An older version is pushed",
        change: Change::Web("1.4.9"),
        expected: Expected::NothingNewer,
    },
    Step {
        title: "A tag without a number is pushed",
        change: Change::Web("latest"),
        expected: Expected::Refused("no version number"),
    },
    Step {
        title: "A version outside the channel's range is pushed",
        change: Change::Web("2.0.0"),
        expected: Expected::Refused("[1.0,2.0)"),
    },
    Step {
        title: "A pre-release is pushed, which the channel's rule excludes",
        change: Change::Api("1.4.0-rc.1"),
        expected: Expected::Refused("pre-release"),
    },
];

/// Tells the story on a stage, to its end or to the first step that goes wrong.
pub async fn tell<W: Write>(stage: &mut impl Stage, say: &mut Narrator<W>) -> anyhow::Result<()> {
    introduce(stage, say)?;
    first_look(stage, say).await.context("at the first look")?;
    for step in &STEPS {
        play(step, stage, say)
            .await
            .with_context(|| format!("when {} is new", step.change))?;
    }
    repeat(stage, say)
        .await
        .context("when every message is delivered again")?;
    Ok(())
}

/// The releases that Octopus has in the end.
pub fn conclude<W: Write>(stage: &impl Stage, say: &mut Narrator<W>) -> anyhow::Result<()> {
    say.line("")?;
    say.title(&format!(
        "The releases of {PROJECT} in Octopus, newest first"
    ))?;
    for release in stage.releases()? {
        let packages = PACKAGES.map(|package| {
            let version = release.package(package.action, "").unwrap_or("?");
            format!("{} {version}", package.id)
        });
        say.item(&release.version, &packages.join(", "))?;
    }
    Ok(())
}

fn introduce<W: Write>(stage: &impl Stage, say: &mut Narrator<W>) -> anyhow::Result<()> {
    say.title("External feed triggers: a new image or chart becomes a release")?;
    for (name, value) in stage.setting() {
        say.item(name, &value)?;
    }
    say.item(
        "Project",
        &format!("{PROJECT}: deploys the images acme/web and acme/api and the chart shop"),
    )?;
    say.item(
        "Channel",
        "Stable: images within [1.0,2.0), no pre-releases",
    )?;
    say.item(
        "Trigger",
        "watches all three; switched off in Octopus and marked #feed-triggers,",
    )?;
    say.item("", "so this program runs it")?;
    say.item(
        "Release",
        "1.0.0: acme/web 1.4.0, acme/api 1.2.0, shop 0.9.0",
    )?;
    Ok(())
}

async fn first_look<W: Write>(stage: &mut impl Stage, say: &mut Narrator<W>) -> anyhow::Result<()> {
    say.step("A first look at every feed")?;
    let all_new = |all: &[Evaluation]| {
        PACKAGES
            .iter()
            .all(|package| all.iter().any(|one| is_about(one, *package)))
    };
    let evaluations = stage.watch(&all_new).await?;
    let skipped = evaluations
        .iter()
        .rfind(|one| one.outcome == Outcome::Skipped);
    let Some(skipped) = skipped.filter(|_| stage.releases().is_ok_and(|all| all.len() == 1)) else {
        bail!("nothing is new, but: {}", told(&evaluations));
    };
    say.outcome(&format!("No release: {}", skipped.reason))?;
    Ok(())
}

async fn play<W: Write>(
    step: &Step,
    stage: &mut impl Stage,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    let change = step.change;
    say.step(&format!("{}: {change}", step.title))?;
    let before = stage.releases()?;
    let start = Instant::now();
    say.aside(stage.publish(change).await?)?;
    let evaluations = stage
        .watch(&|all| all.iter().any(|one| is_about(one, change.package())))
        .await?;
    let took = start.elapsed();
    let after = stage.releases()?;
    let created = evaluations
        .iter()
        .find(|one| one.outcome == Outcome::Created);
    match (step.expected, created) {
        (Expected::Release, Some(evaluation)) => {
            let release = the_new_one(&before, &after)?;
            holds(release, change, &before[0])?;
            ensure!(
                is_of(evaluation, release),
                "the history names another release than {}",
                release.version
            );
            tell_release(release, &before[0], took, say)?;
            say.aside(&evaluation.reason)?;
        }
        (Expected::Release, None) => bail!("no release was created: {}", told(&evaluations)),
        (_, Some(evaluation)) => bail!("a release was created: {}", evaluation.reason),
        (expected, None) => {
            ensure!(after == before, "Octopus has other releases than before");
            let evaluation = evaluations
                .iter()
                .rfind(|one| is_about(one, change.package()))
                .context("the trigger was not evaluated")?;
            let why = verdict(evaluation, change, expected)?;
            say.outcome(&format!("No release: {}", evaluation.reason))?;
            say.aside(&why)?;
        }
    }
    Ok(())
}

fn tell_release<W: Write>(
    release: &Release,
    before: &Release,
    took: Duration,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.outcome(&format!(
        "Release {} after {}",
        release.version,
        shown(took)
    ))?;
    for package in PACKAGES {
        let version = |release: &Release| {
            let version = release.package(package.action, "");
            version.unwrap_or("nothing").to_owned()
        };
        let (now, was) = (version(release), version(before));
        let change = if now == was {
            String::new()
        } else {
            format!("  was {was}")
        };
        say.line(&format!("       {:<10} {now}{change}", package.id))?;
    }
    Ok(())
}

fn is_of(evaluation: &Evaluation, release: &Release) -> bool {
    let made = evaluation.release.as_ref();
    made.is_some_and(|made| made.id.as_str() == release.id)
}

/// Whether a change of the package led to the evaluation.
fn is_about(evaluation: &Evaluation, package: Package) -> bool {
    evaluation
        .cause
        .starts_with(&format!("{} changed", package.id))
}

/// The one release that is there now and was not before.
fn the_new_one<'a>(before: &[Release], after: &'a [Release]) -> anyhow::Result<&'a Release> {
    ensure!(
        after.len() == before.len() + 1 && after[1..] == *before,
        "Octopus has {} releases now, after {}",
        after.len(),
        before.len()
    );
    Ok(&after[0])
}

/// The release has the new version, and every other package as before.
pub(crate) fn holds(release: &Release, change: Change, before: &Release) -> anyhow::Result<()> {
    for package in PACKAGES {
        let wanted = if package == change.package() {
            Some(change.version())
        } else {
            before.package(package.action, "")
        };
        let has = release.package(package.action, "");
        ensure!(
            has == wanted,
            "release {} has {} {has:?}, not {wanted:?}",
            release.version,
            package.id
        );
    }
    Ok(())
}

/// Why there is no release, from what the history says of the version itself.
fn verdict(evaluation: &Evaluation, change: Change, expected: Expected) -> anyhow::Result<String> {
    ensure!(
        evaluation.outcome == Outcome::Skipped,
        "the evaluation ended as {}: {}",
        evaluation.outcome,
        evaluation.reason
    );
    let id = change.package().id;
    let finding = evaluation
        .findings
        .iter()
        .find(|one| one.package.as_deref() == Some(id));
    let finding = finding.with_context(|| format!("the history has no finding on {id}"))?;
    let candidate = finding
        .candidates
        .iter()
        .find(|one| one.version == change.version());
    let candidate = candidate.with_context(|| format!("the history does not know {change}"))?;
    let latest = finding.latest.as_deref().unwrap_or("none");
    match (expected, candidate) {
        (Expected::NothingNewer, Candidate { refused: None, .. }) => {
            Ok(format!("{change} is permitted, but the latest is {latest}"))
        }
        (
            Expected::Refused(words),
            Candidate {
                refused: Some(why), ..
            },
        ) if why.contains(words) => Ok(format!("{change}: {why}")),
        _ => bail!(
            "the history's verdict on {change} is {:?}",
            candidate.refused
        ),
    }
}

async fn repeat<W: Write>(stage: &mut impl Stage, say: &mut Narrator<W>) -> anyhow::Result<()> {
    say.step("Every message so far is delivered once more")?;
    let before = stage.releases()?;
    let start = Instant::now();
    let repeat = stage.repeat().await?;
    let took = shown(start.elapsed());
    ensure!(
        stage.releases()? == before,
        "Octopus has other releases than before"
    );
    ensure!(
        !repeat.evaluations.is_empty(),
        "the trigger was not evaluated again"
    );
    say.outcome(&format!(
        "No second release: {} messages, {} evaluations, {took}",
        repeat.messages,
        repeat.evaluations.len()
    ))?;
    Ok(())
}

/// Evaluations, for a message about what should not be.
fn told(evaluations: &[Evaluation]) -> String {
    let one = |one: &Evaluation| format!("{} ({}): {}", one.outcome, one.cause, one.reason);
    evaluations.iter().map(one).collect::<Vec<_>>().join("; ")
}
