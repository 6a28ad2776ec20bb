//! Every command of the guide is run, as it stands there, and prints what the guide says that it prints.
//!
//! Each document is one session: a shell with an Octopus and feeds of its own. Commands of AWS need the
//! emulator, beside which `cargo xtask test` runs the test that is ignored otherwise. What is run nowhere
//! stands in [`ELSEWHERE`], with the reason.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod chapter;
mod costs;
mod messages;
mod session;

use std::path::{Path, PathBuf};
use std::process::Command;

use chapter::{Step, steps};
use session::Session;

/// What is not run here, by how it begins, and why.
const ELSEWHERE: [(&str, &str); 7] = [
    (
        "cargo xtask",
        "`cargo xtask test` consists of these tasks' parts",
    ),
    (
        "cargo install",
        "builds for minutes what the tests have built already",
    ),
    ("rustup", "changes the machine"),
    (
        "sam build",
        "builds for minutes; `cargo xtask test` does it for the local cloud",
    ),
    (
        "sam deploy",
        "asks, or needs AWS; `cargo xtask test` deploys the same template on the emulator",
    ),
    ("sam delete", "asks, and would need what was deployed"),
    (
        "aws cloudformation deploy --stack-name feed-triggers-slack",
        "the emulator has no API destinations; the template is linted",
    ),
];

/// What the emulator holds when a document begins: a stack without functions.
const CLOUD: [&str; 2] = [
    "curl --silent --fail --request POST $AWS_ENDPOINT_URL/_ministack/reset",
    "aws cloudformation create-stack --stack-name feed-triggers --template-body file://stack.yaml",
];

/// The documents, from the root of the workspace.
fn documents() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let guide = std::fs::read_dir(root.join("docs/guide")).unwrap();
    let mut documents: Vec<_> = guide.map(|entry| entry.unwrap().path()).collect();
    documents.retain(|path| path.extension().is_some_and(|ending| ending == "md"));
    documents.extend(["README.md", "docs/TRIGGERS.md"].map(|path| root.join(path)));
    documents.sort();
    documents
}

/// Runs every document's commands, those of AWS only where there is an emulator. Gives how many were run,
/// and what was wrong with them.
async fn run_all(with_cloud: bool) -> (usize, Vec<String>) {
    let (mut run, mut faults) = (0, Vec::new());
    for document in documents() {
        let name = document.file_name().unwrap().to_string_lossy().into_owned();
        let session = Session::start().await.unwrap();
        for command in CLOUD.iter().filter(|_| with_cloud) {
            session.run(&Step::new(command, None)).await.unwrap();
        }
        for step in steps(&std::fs::read_to_string(&document).unwrap()) {
            let command = &step.command;
            let is_elsewhere = ELSEWHERE
                .iter()
                .any(|(start, _)| command.starts_with(start));
            let is_cloud = command.contains("aws ") || command.contains("--stack");
            if is_elsewhere && with_cloud && command.starts_with("sam ") {
                faults.extend(unknown_options(command));
            }
            if is_elsewhere || (is_cloud && !with_cloud) {
                continue;
            }
            run += 1;
            if let Err(fault) = session.run(&step).await {
                faults.push(format!("{name}: $ {command}\n{fault}"));
            }
        }
    }
    (run, faults)
}

/// The options of a command of SAM's that its help does not name.
fn unknown_options(command: &str) -> Vec<String> {
    let mut words = command.split_whitespace().skip(1);
    let task = words.next().unwrap();
    let help = Command::new(std::env::var("SAM_PROGRAM").unwrap())
        .args([task, "--help"])
        .output();
    let help = String::from_utf8(help.unwrap().stdout).unwrap();
    let options = words.filter(|word| word.starts_with("--") && !help.contains(word));
    let faults = options.map(|option| format!("sam {task} has no option {option}"));
    faults.collect()
}

#[tokio::test]
async fn every_command_does_what_the_guide_says() {
    let (run, faults) = run_all(false).await;
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    assert!(run >= 20, "only {run} commands were found");
}

#[tokio::test]
#[ignore = "needs the emulator of AWS, beside which `cargo xtask test` runs it"]
async fn so_does_every_command_of_aws() {
    let (_, faults) = run_all(true).await;
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
