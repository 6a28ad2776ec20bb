//! Runs every command of the guide and compares the output with the guide.
//!
//! Each page of the [`book`] is one session: a shell with a fake Octopus Server and feeds. Commands that build,
//! deploy or call AWS require the emulator; `cargo xtask test` starts it and runs the test that is otherwise
//! ignored. There, a page that names a stack has one from `sam deploy`. For commands that no session runs, a
//! [`claim`] states the reason and looks up the names in them.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod book;
mod chapter;
mod claim;
mod costs;
mod messages;
mod names;
mod programs;
mod recording;
mod session;

use chapter::{Step, steps};
use claim::{Claim, claim};
use session::Session;

/// Resets the emulator.
const RESET: &str = "curl --silent --fail --request POST $AWS_ENDPOINT_URL/_ministack/reset";

/// Deploys the stack for a page that names one and does not deploy it, with another version of the scheduler.
const DEPLOYED: [&str; 4] = [
    "mkdir .aws-sam && cp -r $FUNCTIONS_BUILT .aws-sam/build",
    "echo >> .aws-sam/build/Scheduler/bootstrap",
    "aws secretsmanager create-secret --name feed-triggers/octopus --secret-string file://key.txt",
    "sam deploy --guided",
];

/// The commands that prepare the emulator for a document. A document that uses the stack before it deploys one
/// expects a deployed stack.
fn before(steps: &[Step]) -> Vec<&'static str> {
    let first = |part: &str| steps.iter().position(|step| step.command.contains(part));
    let is_deployed = match (first("--stack"), first("sam deploy --guided")) {
        (Some(used), Some(deployed)) => used < deployed,
        (used, _) => used.is_some(),
    };
    let deployed = DEPLOYED.iter().filter(|_| is_deployed);
    std::iter::once(&RESET).chain(deployed).copied().collect()
}

/// Runs the commands of all pages that do not require the emulator; with it, all commands of the pages that do.
/// Returns the number of commands run, and the failures.
async fn run_all(with_cloud: bool) -> (usize, Vec<String>) {
    let (mut run, mut faults) = (0, Vec::new());
    for page in book::pages() {
        let steps = steps(&std::fs::read_to_string(&page).unwrap());
        let mut claims = steps.iter().filter_map(|step| claim(&step.command));
        let is_of_aws = claims.any(|claim| matches!(claim, Claim::RunWithAws));
        if steps.is_empty() || (with_cloud && !is_of_aws) {
            continue;
        }
        let session = Session::start().await.unwrap();
        if with_cloud {
            for command in before(&steps) {
                session.run(&Step::new(command, None)).await.unwrap();
            }
        }
        let name = page.file_name().unwrap().to_string_lossy();
        for step in steps {
            let (is_run, found) = check_step(&session, &step, with_cloud).await;
            run += usize::from(is_run);
            faults.extend(found.iter().map(|fault| format!("{name}: {fault}")));
        }
    }
    (run, faults)
}

/// Runs a command, or looks it up. Returns whether it was run, and its failures.
async fn check_step(session: &Session, step: &Step, with_cloud: bool) -> (bool, Vec<String>) {
    let command = &step.command;
    match claim(command) {
        Some(Claim::LookedUp(kind)) => (false, kind.faults(command)),
        Some(Claim::RunWithAws) if !with_cloud => (false, Vec::new()),
        Some(Claim::Run | Claim::RunWithAws) => {
            let fault = session.run(step).await.err();
            let fault = fault.map(|fault| format!("$ {command}\n{fault}"));
            (true, fault.into_iter().collect())
        }
        None => (false, vec![format!("no test covers `{command}`")]),
    }
}

#[tokio::test]
async fn guide_commands_print_the_documented_output() {
    let (run, faults) = run_all(false).await;
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
    assert!(run >= 20, "only {run} commands were found");
}

#[tokio::test]
#[ignore = "requires the AWS emulator; `cargo xtask test` runs it"]
async fn guide_commands_with_aws_print_the_documented_output() {
    let (_, faults) = run_all(true).await;
    assert!(faults.is_empty(), "{}", faults.join("\n\n"));
}
