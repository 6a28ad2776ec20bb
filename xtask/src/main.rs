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
mod tally;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use functions::Profile;
use workspace::Workspace;

const USAGE: &str = "\
cargo xtask demo [--cloud [--release]]
    Tells what external feed triggers do, step by step, with everything it needs on this machine.
    --cloud    the same with the compiled functions, deployed from template.yaml on a local cloud
    --release  with the functions as they are shipped, which takes minutes longer to build

cargo xtask test
    Everything that has to pass: format, lints, tests, the template's checks, the guide, the local cloud.

cargo xtask book [--open]
    Builds the documents as a book with search in the target directory, and follows its links.
    --open  shows it in the browser

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
        ["test"] => test::run(&Workspace::find()?),
        ["book"] => {
            println!("{}", book::build(&Workspace::find()?)?.display());
            Ok(ExitCode::SUCCESS)
        }
        ["book", "--open"] => {
            book::open(&Workspace::find()?)?;
            Ok(ExitCode::SUCCESS)
        }
        ["bench"] => bench::run(&Workspace::find()?, bench::RUNS),
        ["bench", "--functions"] => bench::run_functions(&Workspace::find()?),
        ["bench", "--feeds"] => bench::run_feeds(&Workspace::find()?),
        ["bench", "--picture"] => bench::draw(&Workspace::find()?),
        ["bench", "--runs", runs] => bench::run(&Workspace::find()?, runs.parse()?),
        ["help" | "--help" | "-h"] => {
            print!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        _ => {
            eprint!("{USAGE}");
            Ok(ExitCode::from(2))
        }
    }
}
