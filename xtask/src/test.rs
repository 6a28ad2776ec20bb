//! `cargo xtask test`: everything that has to pass, one step after another.
//!
//! A step that fails does not keep the others from running. At the end stands how long each took, and
//! as the last line how many tests and checks passed and failed.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::book;
use crate::command::{command, exists, run_program, shown};
use crate::demo::{cloud_arguments, feedctl, program};
use crate::functions::{self, Profile};
use crate::tally::Tally;
use crate::tools::{self, Python};
use crate::workspace::Workspace;

struct Step {
    name: &'static str,
    run: fn(&Workspace) -> anyhow::Result<Tally>,
}

/// In the order of how soon a mistake is told.
const STEPS: [Step; 10] = [
    Step {
        name: "format",
        run: format,
    },
    Step {
        name: "lints",
        run: lints,
    },
    Step {
        name: "tests",
        run: tests,
    },
    Step {
        name: "doc tests",
        run: doc_tests,
    },
    Step {
        name: "dependencies",
        run: dependencies,
    },
    Step {
        name: "template",
        run: template,
    },
    Step {
        name: "the guide",
        run: guide,
    },
    Step {
        name: "local cloud: the story",
        run: cloud_demo,
    },
    Step {
        name: "local cloud: mishaps",
        run: cloud_mishaps,
    },
    Step {
        name: "local cloud: the table",
        run: cloud_table,
    },
];

struct Done {
    name: &'static str,
    took: Duration,
    result: anyhow::Result<Tally>,
}

/// Runs all steps.
pub(crate) fn run(workspace: &Workspace) -> anyhow::Result<ExitCode> {
    let done: Vec<Done> = STEPS.iter().map(|step| step.carry_out(workspace)).collect();
    Ok(summary(&done))
}

impl Step {
    fn carry_out(&self, workspace: &Workspace) -> Done {
        eprintln!("\n==> {}", self.name);
        let start = Instant::now();
        let result = (self.run)(workspace);
        if let Err(error) = &result {
            eprintln!("error: {error:#}");
        }
        let (name, took) = (self.name, start.elapsed());
        Done { name, took, result }
    }
}

impl Done {
    /// A step that failed without a test that did counts as one.
    fn tally(&self) -> Tally {
        match &self.result {
            Ok(tally) => *tally,
            Err(_) => Tally::one(false),
        }
    }
}

fn summary(done: &[Done]) -> ExitCode {
    println!();
    let mut sum = Tally::default();
    for step in done {
        let tally = step.tally();
        let verdict = if tally.failed == 0 {
            "passed"
        } else {
            "FAILED"
        };
        println!(
            "{verdict}  {:>7.1} s  {}",
            step.took.as_secs_f64(),
            step.name
        );
        sum += tally;
    }
    let took: Duration = done.iter().map(|step| step.took).sum();
    println!("        {:>7.1} s", took.as_secs_f64());
    println!("{} passed, {} failed", sum.passed, sum.failed);
    if sum.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn format(workspace: &Workspace) -> anyhow::Result<Tally> {
    run_program(workspace.cargo().args(["fmt", "--all", "--check"]))?;
    Ok(Tally::one(true))
}

fn lints(workspace: &Workspace) -> anyhow::Result<Tally> {
    let clippy = ["clippy", "--locked", "--workspace", "--all-targets"];
    run_program(
        workspace
            .cargo()
            .args(clippy)
            .args(["--", "--deny", "warnings"]),
    )?;
    Ok(Tally::one(true))
}

fn tests(workspace: &Workspace) -> anyhow::Result<Tally> {
    let mut cargo = workspace.cargo();
    if exists("cargo-nextest", "--version") {
        cargo.args(["nextest", "run", "--locked", "--workspace"]);
    } else {
        let all = [
            "test",
            "--locked",
            "--workspace",
            "--all-targets",
            "--no-fail-fast",
        ];
        cargo.args(all);
    }
    cargo
        .env("DOCKER_REGISTRY", tools::docker_registry(workspace)?)
        .env("OCTOPUS_TS_CLIENT", tools::typescript_client(workspace)?)
        .env("CONSOLE_BROWSER", tools::console_browser(workspace)?)
        .env("CHROMIUM", tools::chromium()?);
    count(&mut cargo)
}

fn doc_tests(workspace: &Workspace) -> anyhow::Result<Tally> {
    count(
        workspace
            .cargo()
            .args(["test", "--locked", "--workspace", "--doc"]),
    )
}

/// What comes into the tree: crates that are banned, licences, sources. Advisories need a database that
/// is fetched; the workflow for public machines holds the tree against it.
fn dependencies(workspace: &Workspace) -> anyhow::Result<Tally> {
    let mut deny = command(tools::cargo_deny(workspace)?);
    deny.current_dir(&workspace.root)
        .args(["--locked", "check", "bans", "licenses", "sources"]);
    run_program(&mut deny)?;
    Ok(Tally::one(true))
}

/// The templates of the deployment, and the guide's examples.
const TEMPLATES: [&str; 7] = [
    "template.yaml",
    "infra/alarms.yaml",
    "infra/dashboard.yaml",
    "infra/examples/forward-pushes.yaml",
    "infra/examples/notify-chat.yaml",
    "infra/examples/notify-email.yaml",
    "infra/examples/notify-slack.yaml",
];

fn template(workspace: &Workspace) -> anyhow::Result<Tally> {
    let python = tools::python(workspace)?;
    let mut sam = python.command("sam");
    run_program(
        sam.current_dir(&workspace.root)
            .args(["validate", "--lint"]),
    )?;
    let mut lint = python.command("cfn-lint");
    lint.current_dir(&workspace.root)
        .args(["--append-rules", "cfn_lint_serverless.rules", "--"])
        .args(TEMPLATES);
    run_program(&mut lint)?;
    let mut checkov = tools::checkov(workspace)?.command("checkov");
    checkov
        .current_dir(&workspace.root)
        .args(["--config-file", "infra/checkov/checkov.yaml"])
        .args(TEMPLATES.iter().flat_map(|template| ["--file", template]));
    run_program(&mut checkov)?;
    Ok(Tally::one(true))
}

/// The book of the documents can be built, no link in it is broken, and its commands that build, deploy or
/// speak to AWS do what it says. Its other commands are among the tests.
fn guide(workspace: &Workspace) -> anyhow::Result<Tally> {
    book::build(workspace)?;
    let python = tools::python(workspace)?;
    let aws = tools::aws(workspace)?;
    // Built beforehand, so that the guide's commands find it so: beside the emulator time is short.
    let built = functions::build(workspace, &python, Profile::Quick)?;
    let feedctl = ["build", "--locked", "--package", "feedctl"];
    run_program(workspace.cargo().args(feedctl))?;
    let mut tests = beside_emulator(workspace, &python, "guide")?;
    tests
        .env("AWS_PROGRAM", aws.programs.join("aws"))
        .env("SAM_PROGRAM", python.programs.join("sam"))
        .env("SAM_CLI_TELEMETRY", "0")
        .env("FUNCTIONS_BUILT", built);
    Profile::Quick.set(workspace, &mut tests);
    count(&mut tests)
}

fn cloud_demo(workspace: &Workspace) -> anyhow::Result<Tally> {
    let python = tools::python(workspace)?;
    let registry = tools::docker_registry(workspace)?;
    let built = functions::build(workspace, &python, Profile::Quick)?;
    let mut demo = demo(workspace)?;
    cloud_arguments(demo.arg("cloud"), workspace, &python, &registry, &built);
    run_program(&mut demo)?;
    Ok(Tally::one(true))
}

/// What can go wrong, on a cloud of its own; the functions are those that the story was told with.
fn cloud_mishaps(workspace: &Workspace) -> anyhow::Result<Tally> {
    let python = tools::python(workspace)?;
    let registry = tools::docker_registry(workspace)?;
    let built = functions::build(workspace, &python, Profile::Quick)?;
    let mut demo = demo(workspace)?;
    cloud_arguments(demo.arg("mishaps"), workspace, &python, &registry, &built);
    run_program(demo.arg("--feedctl").arg(feedctl(workspace)))?;
    Ok(Tally::one(true))
}

fn cloud_table(workspace: &Workspace) -> anyhow::Result<Tally> {
    let python = tools::python(workspace)?;
    count(&mut beside_emulator(workspace, &python, "local_cloud")?)
}

/// Tests that want the emulator of AWS are marked ignored, and run here alone.
fn beside_emulator(workspace: &Workspace, python: &Python, name: &str) -> anyhow::Result<Command> {
    let cargo = workspace.cargo();
    let mut demo = demo(workspace)?;
    demo.arg("emulator").arg("--python").arg(&python.programs);
    demo.arg("--").arg(cargo.get_program());
    demo.args(["test", "--locked", "--workspace", "--test", name]);
    demo.arg("--target-dir").arg(&workspace.target);
    demo.args(["--", "--ignored"]);
    Ok(demo)
}

/// The demo as it was built with the tests: by itself, it would choose other features for what it
/// depends on, and all of that would be built once more.
fn demo(workspace: &Workspace) -> anyhow::Result<Command> {
    program(workspace, &["--workspace"])
}

/// Runs a test program, passes on what it prints, and adds up the closing lines in it.
fn count(tests: &mut Command) -> anyhow::Result<Tally> {
    let line = shown(tests);
    let mut child = tests
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("`{line}` cannot be started"))?;
    let stdout = child.stdout.take().map(BufReader::new);
    let stderr = child.stderr.take().map(BufReader::new);
    let mut tally = Tally::default();
    std::thread::scope(|scope| {
        let other = scope.spawn(|| pass_on(stdout, std::io::stdout()));
        tally += pass_on(stderr, std::io::stderr());
        tally += other.join().unwrap_or_default();
    });
    let status = child.wait()?;
    if !status.success() && tally.failed == 0 {
        anyhow::bail!("`{line}` failed: {status}");
    }
    Ok(tally)
}

fn pass_on(from: Option<impl BufRead>, mut to: impl Write) -> Tally {
    let mut tally = Tally::default();
    let lines = from.into_iter().flat_map(|from| from.split(b'\n'));
    for line in lines.map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        tally += Tally::read(&line).unwrap_or_default();
        let _ = writeln!(to, "{line}"); // Whoever listened is gone; the tests are not.
    }
    tally
}
