//! The steps of the demo, and the expected result of each.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use domain::cause::EvaluationCause;
use domain::decide::Candidate;
use domain::history::{Evaluation, Outcome};
use octopus_server::Release;

use crate::printer::{Printer, format_duration};
use crate::testbed::{Change, PACKAGES, Package, Testbed};
use crate::world::PROJECT;

/// A version to publish, and the expected result.
struct Step {
    title: &'static str,
    change: Change,
    expected: Expected,
}

/// The expected result of a step.
#[derive(Clone, Copy)]
enum Expected {
    /// A release with the new version; all other packages as in the previous release.
    Release,
    /// No release: the version is permitted, but a later one exists.
    NothingNewer,
    /// No release: the version is refused, for a reason that contains this text.
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

/// Runs the demo on a testbed, until the end or the first step with an unexpected result.
pub async fn run<W: Write>(testbed: &mut impl Testbed, out: &mut Printer<W>) -> anyhow::Result<()> {
    print_introduction(testbed, out)?;
    first_check(testbed, out)
        .await
        .context("in the first check")?;
    for step in &STEPS {
        run_step(step, testbed, out)
            .await
            .with_context(|| format!("after {} was published", step.change))?;
    }
    repeat(testbed, out)
        .await
        .context("after every message was redelivered")?;
    Ok(())
}

/// Prints the releases in Octopus.
pub fn print_releases<W: Write>(
    testbed: &impl Testbed,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.line("")?;
    out.title(&format!(
        "The releases of {PROJECT} in Octopus, newest first"
    ))?;
    for release in testbed.releases()? {
        let packages = PACKAGES.map(|package| {
            let version = release.package(package.action, "").unwrap_or("?");
            format!("{} {version}", package.id)
        });
        out.item(&release.version, &packages.join(", "))?;
    }
    Ok(())
}

fn print_introduction<W: Write>(
    testbed: &impl Testbed,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.title("External feed triggers: a new image or chart becomes a release")?;
    for (name, value) in testbed.addresses() {
        out.item(name, &value)?;
    }
    out.item(
        "Project",
        &format!("{PROJECT}: deploys the images acme/web and acme/api and the chart shop"),
    )?;
    out.item(
        "Channel",
        "Stable: images within [1.0,2.0), no pre-releases",
    )?;
    out.item(
        "Trigger",
        "watches all three; disabled in Octopus and marked #feed-triggers,",
    )?;
    out.item("", "so this program runs it")?;
    out.item(
        "Release",
        "1.0.0: acme/web 1.4.0, acme/api 1.2.0, shop 0.9.0",
    )?;
    Ok(())
}

async fn first_check<W: Write>(
    testbed: &mut impl Testbed,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("Every feed is checked for the first time")?;
    // An evaluation before every package was read is waiting.
    let is_decided = |all: &[Evaluation]| all.iter().any(|one| one.outcome == Outcome::Skipped);
    let evaluations = testbed.run_until(&is_decided).await?;
    let skipped = evaluations
        .iter()
        .rfind(|one| one.outcome == Outcome::Skipped);
    let Some(skipped) = skipped.filter(|_| testbed.releases().is_ok_and(|all| all.len() == 1))
    else {
        bail!(
            "expected no release in the first check: {}",
            describe(&evaluations)
        );
    };
    out.outcome(&format!("No release: {}", skipped.reason))?;
    Ok(())
}

async fn run_step<W: Write>(
    step: &Step,
    testbed: &mut impl Testbed,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    let change = step.change;
    out.step(&format!("{}: {change}", step.title))?;
    let before = testbed.releases()?;
    let start = Instant::now();
    out.note(testbed.publish(change).await?)?;
    let evaluations = testbed
        .run_until(&|all| all.iter().any(|one| is_about(one, change.package())))
        .await?;
    let took = start.elapsed();
    let after = testbed.releases()?;
    let created = evaluations
        .iter()
        .find(|one| one.outcome == Outcome::Created);
    match (step.expected, created) {
        (Expected::Release, Some(evaluation)) => {
            let release = new_release(&before, &after)?;
            expect_packages(release, change, &before[0])?;
            ensure!(
                is_release_of(evaluation, release),
                "the history refers to another release than {}",
                release.version
            );
            print_release(release, &before[0], took, out)?;
            out.note(&evaluation.reason)?;
        }
        (Expected::Release, None) => bail!("no release was created: {}", describe(&evaluations)),
        (_, Some(evaluation)) => bail!("a release was created: {}", evaluation.reason),
        (expected, None) => {
            ensure!(after == before, "Octopus has other releases than before");
            let evaluation = evaluations
                .iter()
                .rfind(|one| is_about(one, change.package()))
                .context("the trigger was not evaluated")?;
            let why = verdict(evaluation, change, expected)?;
            out.outcome(&format!("No release: {}", evaluation.reason))?;
            out.note(&why)?;
        }
    }
    Ok(())
}

fn print_release<W: Write>(
    release: &Release,
    before: &Release,
    took: Duration,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.outcome(&format!(
        "Release {} after {}",
        release.version,
        format_duration(took)
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
        out.line(&format!("       {:<10} {now}{change}", package.id))?;
    }
    Ok(())
}

fn is_release_of(evaluation: &Evaluation, release: &Release) -> bool {
    let made = evaluation.release.as_ref();
    made.is_some_and(|made| made.id.as_str() == release.id)
}

/// Whether a change of the package caused the evaluation.
fn is_about(evaluation: &Evaluation, package: Package) -> bool {
    matches!(
        &evaluation.cause,
        EvaluationCause::PackageChanged { package: changed, .. } if changed.as_str() == package.id
    )
}

/// The one release that was created since `before`.
fn new_release<'a>(before: &[Release], after: &'a [Release]) -> anyhow::Result<&'a Release> {
    ensure!(
        after.len() == before.len() + 1 && after[1..] == *before,
        "Octopus has {} releases, before the step {}",
        after.len(),
        before.len()
    );
    Ok(&after[0])
}

/// Checks that a release has the new version, and all other packages as in `before`.
///
/// # Errors
/// The first package with another version.
pub fn expect_packages(release: &Release, change: Change, before: &Release) -> anyhow::Result<()> {
    for package in PACKAGES {
        let expected = if package == change.package() {
            Some(change.version())
        } else {
            before.package(package.action, "")
        };
        let has = release.package(package.action, "");
        ensure!(
            has == expected,
            "release {} has {} {has:?}, not {expected:?}",
            release.version,
            package.id
        );
    }
    Ok(())
}

/// The recorded reason why the version led to no release.
fn verdict(evaluation: &Evaluation, change: Change, expected: Expected) -> anyhow::Result<String> {
    ensure!(
        evaluation.outcome == Outcome::Skipped,
        "the outcome of the evaluation is {}: {}",
        evaluation.outcome,
        evaluation.reason
    );
    let id = change.package().id;
    let finding = evaluation
        .findings
        .iter()
        .find(|one| one.package.as_deref() == Some(id));
    let finding = finding.with_context(|| format!("the history has no finding for {id}"))?;
    let candidate = finding
        .candidates
        .iter()
        .find(|one| one.version == change.version());
    let candidate = candidate.with_context(|| format!("the history has no candidate {change}"))?;
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
        ) if why.message.contains(words) => Ok(format!("{change}: {why}")),
        _ => bail!(
            "the recorded verdict on {change} is {:?}",
            candidate.refused
        ),
    }
}

async fn repeat<W: Write>(testbed: &mut impl Testbed, out: &mut Printer<W>) -> anyhow::Result<()> {
    out.step("Every message so far is redelivered")?;
    let before = testbed.releases()?;
    let start = Instant::now();
    let repeat = testbed.repeat().await?;
    let took = format_duration(start.elapsed());
    ensure!(
        testbed.releases()? == before,
        "Octopus has other releases than before"
    );
    ensure!(
        !repeat.evaluations.is_empty(),
        "the trigger was not evaluated again"
    );
    let evaluations = match repeat.evaluations.len() {
        1 => "1 evaluation".to_owned(),
        several => format!("{several} evaluations"),
    };
    out.outcome(&format!(
        "No second release: {} messages, {evaluations}, {took}",
        repeat.messages
    ))?;
    Ok(())
}

/// Evaluations as text, for an error.
fn describe(evaluations: &[Evaluation]) -> String {
    let one = |one: &Evaluation| format!("{} ({}): {}", one.outcome, one.cause, one.reason);
    evaluations.iter().map(one).collect::<Vec<_>>().join("; ")
}
