//! `cargo xtask`: the tasks of this workspace other than building it.
//!
//! Each task installs the tools that it needs ([`tools`]) in the target directory, so the first run takes
//! longer. Nothing here is part of the release.
#![expect(
    clippy::print_stdout,
    reason = "a task prints its result to standard output"
)]

mod bench;
mod book;
mod command;
mod demo;
mod functions;
mod fuzz;
mod interop;
mod mutants;
mod package;
mod tally;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use functions::Profile;
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask demo [--cloud [--release] | --failures]
    Show step by step what external feed triggers do. It needs nothing outside this machine.
    --cloud     Use the compiled functions, deployed from template.yaml to a local cloud
    --release   Use the functions as they are shipped; the build takes minutes longer
    --failures  Run the failure scenarios on the local cloud

cargo xtask test [--only NAME]
    Run everything that must pass: format, lints, tests, template checks, the guide, the local cloud.
    --only NAME  Run only the steps whose name contains NAME, such as template

cargo xtask book [--open]
    Build the documents as a book with search in the target directory, and check its links.
    --open  Open it in the browser

cargo xtask package [--architecture arm64|x86_64] [--twice]
    Make the packages: a zip of each function and of feedctl, their bills of materials,
    template-prebuilt.yaml, and SHA256SUMS.
    --architecture  Architecture of the functions [default: this machine's]
    --twice         Make them again in another folder, and compare

cargo xtask interop [NAME]
    Run third-party registries and clients against feedctl and the fake Octopus Server.
    NAME  Run only the tests whose name contains NAME

cargo xtask fuzz [TARGET] [--seconds N]
    Run the fuzz targets under libFuzzer, each for N seconds [default: 60].

cargo xtask mutants PACKAGE [OPTIONS]
    Mutate the code of a crate, and print the mutations that no test notices.

cargo xtask bench [--runs N | --functions | --feeds | --peers | --picture]
    Measure the start and size of the functions and the cost of reading feeds, and compare with the targets.
    --runs N     Start each function N times [default: 100]
    --functions  Measure only the starts and sizes of functions
    --feeds      Measure only the reading of feeds
    --peers      Measure checks beside go-containerregistry and Helm's index loader; draw docs/peers.svg
    --picture    Measure only the growth, and draw it into docs/growth.svg
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> anyhow::Result<ExitCode> {
    match arguments {
        ["demo"] => match demo::local(&Workspace::find()?)? {},
        ["demo", "--cloud"] => match demo::cloud(&Workspace::find()?, Profile::Quick)? {},
        ["demo", "--cloud", "--release"] | ["demo", "--release", "--cloud"] => {
            match demo::cloud(&Workspace::find()?, Profile::Shipped)? {}
        }
        ["demo", "--failures"] => match demo::failures(&Workspace::find()?)? {},
        ["test"] => test::run(&Workspace::find()?, None),
        ["test", "--only", name] => test::run(&Workspace::find()?, Some(name)),
        ["book"] => {
            println!("{}", book::build(&Workspace::find()?)?.display());
            Ok(ExitCode::SUCCESS)
        }
        ["book", "--open"] => {
            book::open(&Workspace::find()?)?;
            Ok(ExitCode::SUCCESS)
        }
        ["package", options @ ..] => packaged(options),
        ["interop"] => interop::run(&Workspace::find()?, None),
        ["interop", name] => interop::run(&Workspace::find()?, Some(name)),
        ["fuzz", options @ ..] => fuzzed(options),
        ["mutants", package, more @ ..] => mutants::run(&Workspace::find()?, package, more),
        ["bench"] => bench::run(&Workspace::find()?, bench::RUNS),
        ["bench", "--functions"] => bench::run_functions(&Workspace::find()?),
        ["bench", "--feeds"] => bench::run_feeds(&Workspace::find()?),
        ["bench", "--peers"] => bench::peers::run(&Workspace::find()?),
        ["bench", "--picture"] => bench::draw(&Workspace::find()?),
        ["bench", "--runs", runs] => bench::run(&Workspace::find()?, runs.parse()?),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => print_usage(),
    }
}

fn packaged(options: &[&str]) -> anyhow::Result<ExitCode> {
    let (architecture, rest) = match options {
        ["--architecture", architecture, rest @ ..] => (*architecture, rest),
        rest => (package::of_this_machine()?, rest),
    };
    match rest {
        [] => package::run(&Workspace::find()?, architecture, false),
        ["--twice"] => package::run(&Workspace::find()?, architecture, true),
        _ => print_usage(),
    }
}

fn fuzzed(options: &[&str]) -> anyhow::Result<ExitCode> {
    let (only, rest) = match options {
        [name, rest @ ..] if !name.starts_with("--") => (Some(*name), rest),
        rest => (None, rest),
    };
    match rest {
        [] => fuzz::run(&Workspace::find()?, only, fuzz::SECONDS),
        ["--seconds", seconds] => fuzz::run(&Workspace::find()?, only, seconds.parse()?),
        _ => print_usage(),
    }
}

fn print_usage() -> anyhow::Result<ExitCode> {
    eprint!("{USAGE}");
    Ok(ExitCode::from(2))
}
