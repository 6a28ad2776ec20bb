//! `cargo xtask test`: everything that has to pass, one step after another.
//!
//! All steps run, even after one fails. The summary lists the duration of each step; its last line counts the
//! passed and failed tests and checks.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;

use crate::book;
use crate::command::{command, exists, run_program, shown};
use crate::demo::{CloudPaths, feedctl, program};
use crate::functions::{self, Profile};
use crate::interop;
use crate::tally::Tally;
use crate::tools::{self, Python};
use crate::workspace::Workspace;

struct Step {
    name: &'static str,
    run: fn(&Workspace) -> anyhow::Result<Tally>,
}

/// The quickest steps first.
const STEPS: [Step; 11] = [
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
        name: "third-party programs",
        run: third_party,
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
        name: "guide",
        run: guide,
    },
    Step {
        name: "local cloud: demo",
        run: cloud_demo,
    },
    Step {
        name: "local cloud: failure scenarios",
        run: cloud_failures,
    },
    Step {
        name: "local cloud: table",
        run: cloud_table,
    },
];

struct Done {
    name: &'static str,
    took: Duration,
    result: anyhow::Result<Tally>,
}

/// Runs all steps, or only those whose name contains `only`.
///
/// # Errors
/// No step has such a name.
pub(crate) fn run(workspace: &Workspace, only: Option<&str>) -> anyhow::Result<ExitCode> {
    let steps = STEPS
        .iter()
        .filter(|step| only.is_none_or(|only| step.name.contains(only)));
    let done: Vec<Done> = steps.map(|step| step.run(workspace)).collect();
    if done.is_empty() {
        let names = STEPS.map(|step| step.name).join(", ");
        anyhow::bail!("cannot find a step of this name; the steps are {names}");
    }
    Ok(summary(&done))
}

impl Step {
    fn run(&self, workspace: &Workspace) -> Done {
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
    /// A step that failed without a failed test counts as one failure.
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
        .env("NGINX", tools::nginx(workspace)?)
        .env("OCTOPUS_TS_CLIENT", tools::typescript_client(workspace)?)
        .env("CONSOLE_BROWSER", tools::console_browser(workspace)?)
        .env("CHROMIUM", tools::chromium()?);
    count(&mut cargo)
}

fn third_party(workspace: &Workspace) -> anyhow::Result<Tally> {
    count(&mut interop::tests(workspace)?)
}

fn doc_tests(workspace: &Workspace) -> anyhow::Result<Tally> {
    count(
        workspace
            .cargo()
            .args(["test", "--locked", "--workspace", "--doc"]),
    )
}

/// Checks dependencies for banned crates, licences and sources. Advisories need a database from the network,
/// so only the public workflow checks them.
fn dependencies(workspace: &Workspace) -> anyhow::Result<Tally> {
    let mut deny = command(tools::cargo_deny(workspace)?);
    deny.current_dir(&workspace.root)
        .args(["--locked", "check", "bans", "licenses", "sources"]);
    run_program(&mut deny)?;
    Ok(Tally::one(true))
}

/// The templates of the deployment and of the guide's examples.
const TEMPLATES: [&str; 8] = [
    "template.yaml",
    "infra/alarms.yaml",
    "infra/dashboard.yaml",
    "infra/examples/forward-pushes.yaml",
    "infra/examples/key.yaml",
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
    let mut names = python.command("python");
    names
        .current_dir(&workspace.root)
        .arg("infra/checks/physical_names.py")
        .args(TEMPLATES);
    run_program(&mut names)?;
    let mut permissions = python.command("python");
    permissions
        .current_dir(&workspace.root)
        .args(["infra/checks/deployer_permissions.py", "--check"]);
    run_program(&mut permissions)?;
    Ok(Tally::one(true))
}

/// Builds the book, checks its links, and runs the guide's commands that build, deploy or call AWS. The step
/// "tests" runs the other commands.
fn guide(workspace: &Workspace) -> anyhow::Result<Tally> {
    book::build(workspace)?;
    let python = tools::python(workspace)?;
    let aws = tools::aws(workspace)?;
    // Built first, because the commands next to the emulator have a time limit.
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

/// The demo with the prebuilt template, and a second stack beside it.
fn cloud_demo(workspace: &Workspace) -> anyhow::Result<Tally> {
    let paths = CloudPaths::prepare(workspace, Profile::Quick)?.prebuilt(workspace)?;
    let mut stacks = workspace_program(workspace, "local-cloud")?;
    run_program(paths.arguments(stacks.arg("stacks"), workspace))?;
    Ok(Tally::one(true))
}

fn cloud_failures(workspace: &Workspace) -> anyhow::Result<Tally> {
    let paths = CloudPaths::prepare(workspace, Profile::Quick)?;
    let mut failures = workspace_program(workspace, "failures")?;
    paths.arguments(&mut failures, workspace);
    run_program(failures.arg("--feedctl").arg(feedctl(workspace)))?;
    Ok(Tally::one(true))
}

fn cloud_table(workspace: &Workspace) -> anyhow::Result<Tally> {
    let python = tools::python(workspace)?;
    count(&mut beside_emulator(workspace, &python, "local_cloud")?)
}

/// Runs tests that need the emulator of AWS. They are marked as ignored, so only this function runs them.
fn beside_emulator(workspace: &Workspace, python: &Python, name: &str) -> anyhow::Result<Command> {
    let cargo = workspace.cargo();
    let mut emulator = workspace_program(workspace, "local-cloud")?;
    emulator
        .arg("emulator")
        .arg("--python")
        .arg(&python.programs);
    emulator.arg("--").arg(cargo.get_program());
    emulator.args(["test", "--locked", "--workspace", "--test", name]);
    emulator.arg("--target-dir").arg(&workspace.target);
    emulator.args(["--", "--ignored"]);
    Ok(emulator)
}

/// A program built together with the whole workspace. Building its package alone would select other features
/// of its dependencies and compile them again.
fn workspace_program(workspace: &Workspace, name: &str) -> anyhow::Result<Command> {
    program(workspace, name, &["--workspace"])
}

/// Runs a test program, prints its output, and adds up the summary lines in it.
fn count(tests: &mut Command) -> anyhow::Result<Tally> {
    let line = shown(tests);
    let mut child = tests
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("cannot start `{line}`"))?;
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
        let _ = writeln!(to, "{line}"); // A closed pipe must not stop the tests.
    }
    tally
}
