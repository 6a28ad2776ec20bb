//! Every command of the guide is run, as it stands there, and prints what the guide says that it prints.
//!
//! Each page of the [`book`] is one session: a shell with an Octopus and feeds of its own. Commands that
//! build, deploy or speak to AWS need the emulator and what goes with it, beside which `cargo xtask test` runs
//! the test that is ignored otherwise; there a page that names a stack has one that `sam deploy` has made. Of
//! what is run nowhere, a [`claim`] says why, and that what it names is there.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod book;
mod chapter;
mod claim;
mod costs;
mod messages;
mod names;
mod programs;
mod session;

use chapter::{Step, steps};
use claim::{Claim, claim};
use session::Session;

/// Forgets what an earlier document has left in the emulator.
const RESET: &str = "curl --silent --fail --request POST $AWS_ENDPOINT_URL/_ministack/reset";

/// How the stack came to be that a page names and does not deploy: from a version whose scheduler was not
/// yet this one.
const DEPLOYED: [&str; 4] = [
    "mkdir .aws-sam && cp -r $FUNCTIONS_BUILT .aws-sam/build",
    "echo >> .aws-sam/build/Scheduler/bootstrap",
    "aws secretsmanager create-secret --name feed-triggers/octopus --secret-string file://key.txt",
    "sam deploy --guided",
];

/// What was done in the emulator before the commands of a document.
fn before(steps: &[Step]) -> Vec<&'static str> {
    let any = |part: &str| steps.iter().any(|step| step.command.contains(part));
    let is_deployed = any("--stack") && !any("sam deploy --guided");
    let deployed = DEPLOYED.iter().filter(|_| is_deployed);
    std::iter::once(&RESET).chain(deployed).copied().collect()
}

/// Runs the commands of every page but those that need the emulator; where there is one, all commands of the
/// pages that have some of those. Gives how many were run, and what was wrong with them.
async fn run_all(with_cloud: bool) -> (usize, Vec<String>) {
    let (mut run, mut faults) = (0, Vec::new());
    for page in book::pages() {
        let steps = steps(&std::fs::read_to_string(&page).unwrap());
        let mut claims = steps.iter().filter_map(|step| claim(&step.command));
        let is_of_aws = claims.any(|claim| matches!(claim, Claim::RunBesideAws));
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
            let (is_run, found) = carry_out(&session, &step, with_cloud).await;
            run += usize::from(is_run);
            faults.extend(found.iter().map(|fault| format!("{name}: {fault}")));
        }
    }
    (run, faults)
}

/// Runs a command, or looks it up. Gives whether it was run, and what is wrong with it.
async fn carry_out(session: &Session, step: &Step, with_cloud: bool) -> (bool, Vec<String>) {
    let command = &step.command;
    match claim(command) {
        Some(Claim::LookedUp(kind)) => (false, kind.faults(command)),
        Some(Claim::RunBesideAws) if !with_cloud => (false, Vec::new()),
        Some(Claim::Run | Claim::RunBesideAws) => {
            let fault = session.run(step).await.err();
            let fault = fault.map(|fault| format!("$ {command}\n{fault}"));
            (true, fault.into_iter().collect())
        }
        None => (false, vec![format!("nobody answers for `{command}`")]),
    }
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
