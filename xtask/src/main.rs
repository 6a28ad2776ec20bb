//! `cargo xtask`: what people do with this workspace besides building it.
//!
//! Each task sets up what it needs ([`tools`]) and leaves it in the target directory, so that the first
//! run on a machine takes longer than the next. Nothing here is part of what is shipped.
#![expect(
    clippy::print_stdout,
    reason = "what a task finds out is its standard output"
)]

mod bench;
mod book;
mod command;
mod demo;
mod functions;
mod fuzz;
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
    Tells what external feed triggers do, step by step, with everything it needs on this machine.
    --cloud    the same with the compiled functions, deployed from template.yaml on a local cloud
    --release  with the functions as they are shipped, which takes minutes longer to build
    --failures  on the local cloud, what can go wrong, done on purpose

cargo xtask test
    Everything that has to pass: format, lints, tests, the template's checks, the guide, the local cloud.

cargo xtask book [--open]
    Builds the documents as a book with search in the target directory, and follows its links.
    --open  shows it in the browser

cargo xtask package [--architecture arm64|x86_64] [--twice]
    What is shipped: a zip of each function and of feedctl, their bills of materials, and SHA256SUMS.
    --architecture  of the functions; this machine's, if it is not given
    --twice         made again in another folder, and compared

cargo xtask fuzz [TARGET] [--seconds N]
    Gives any bytes to what reads other people's, led by coverage, each target for N seconds.

cargo xtask mutants PACKAGE [OPTIONS]
    Changes the code of a crate place by place, and tells where no test notices.

cargo xtask bench [--runs N | --functions | --feeds | --picture]
    How fast the shipped functions start, how large they are, and what reading feeds takes, against the
    targets.
    --runs N     starts each function so often
    --functions  only the starts and sizes of functions
    --feeds      only what reading feeds takes
    --picture    only how that grows, drawn into docs/growth.svg
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
        ["test"] => test::run(&Workspace::find()?),
        ["book"] => {
            println!("{}", book::build(&Workspace::find()?)?.display());
            Ok(ExitCode::SUCCESS)
        }
        ["book", "--open"] => {
            book::open(&Workspace::find()?)?;
            Ok(ExitCode::SUCCESS)
        }
        ["package", options @ ..] => packaged(options),
        ["fuzz", options @ ..] => fuzzed(options),
        ["mutants", package, more @ ..] => mutants::run(&Workspace::find()?, package, more),
        ["bench"] => bench::run(&Workspace::find()?, bench::RUNS),
        ["bench", "--functions"] => bench::run_functions(&Workspace::find()?),
        ["bench", "--feeds"] => bench::run_feeds(&Workspace::find()?),
        ["bench", "--picture"] => bench::draw(&Workspace::find()?),
        ["bench", "--runs", runs] => bench::run(&Workspace::find()?, runs.parse()?),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => misunderstood(),
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
        _ => misunderstood(),
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
        _ => misunderstood(),
    }
}

fn misunderstood() -> anyhow::Result<ExitCode> {
    eprint!("{USAGE}");
    Ok(ExitCode::from(2))
}
