//! Who answers for a command: a session that runs it, or a check that what it names is there.

use crate::names;

/// Who answers for a command.
pub(crate) enum Claim {
    /// The session runs it.
    Run,
    /// The session runs it beside the emulator of AWS.
    RunBesideAws,
    /// Nobody runs it; what it names is looked for.
    LookedUp(&'static LookedUp),
}

/// A kind of command that is not run.
pub(crate) struct LookedUp {
    /// How such a command begins.
    start: &'static str,
    /// Why it is not run.
    why: &'static str,
    /// What of it is not there.
    look_up: fn(&str) -> Vec<String>,
}

impl LookedUp {
    /// What a command names and is not there.
    pub(crate) fn faults(&self, command: &str) -> Vec<String> {
        let faults = (self.look_up)(command).into_iter();
        let faults = faults.map(|fault| format!("{fault} (not run, as it {})", self.why));
        faults.collect()
    }
}

const LOOKED_UP: [LookedUp; 12] = [
    LookedUp {
        start: "cargo xtask ",
        why: "is part of `cargo xtask test`, or what that consists of",
        look_up: names::of_a_task,
    },
    LookedUp {
        start: "cargo install ",
        why: "builds for minutes what the tests have built already",
        look_up: names::of_a_program,
    },
    LookedUp {
        start: "cargo run ",
        why: "would build beside whoever runs the tests, and a million seeds take hours",
        look_up: names::of_a_program,
    },
    LookedUp {
        start: "cargo clippy ",
        why: "would build beside whoever runs the tests",
        look_up: names::of_a_package,
    },
    LookedUp {
        start: "cargo nextest ",
        why: "would build beside whoever runs the tests",
        look_up: names::of_a_package,
    },
    LookedUp {
        start: "cargo fmt ",
        why: "would change what is worked on",
        look_up: names::of_a_package,
    },
    LookedUp {
        start: "rustup ",
        why: "changes the machine",
        look_up: names::of_a_target,
    },
    LookedUp {
        start: "sam build",
        why: "builds for minutes; `cargo xtask test` does it for the local cloud",
        look_up: names::of_a_deployment,
    },
    LookedUp {
        start: "sam deploy",
        why: "asks, or needs AWS; `cargo xtask test` deploys the same template on the emulator",
        look_up: names::of_a_deployment,
    },
    LookedUp {
        start: "sam delete",
        why: "asks, and would need what was deployed",
        look_up: names::of_a_deployment,
    },
    LookedUp {
        start: "aws lambda invoke",
        why: "needs functions; the story on the local cloud invokes the scheduler so",
        look_up: names::of_an_invocation,
    },
    LookedUp {
        start: "aws cloudformation deploy --stack-name feed-triggers-slack",
        why: "needs API destinations, which the emulator has not; the template is linted",
        look_up: names::of_an_example,
    },
];

/// What a session knows how to run on this machine.
const RUN: [&str; 7] = [
    "cat ",
    "docker push ",
    "env ",
    "export ",
    "feedctl ",
    "printf ",
    "rm ",
];

/// Who answers for a command; nobody, if it is of a kind that no page had before.
pub(crate) fn claim(command: &str) -> Option<Claim> {
    let mut kinds = LOOKED_UP.iter();
    if let Some(kind) = kinds.find(|kind| command.starts_with(kind.start)) {
        return Some(Claim::LookedUp(kind));
    }
    let is_of_aws = command.starts_with("aws ") || command.contains("$(aws ");
    if is_of_aws || command.contains("--stack ") {
        return Some(Claim::RunBesideAws);
    }
    let is_run = RUN.iter().any(|start| command.starts_with(start));
    is_run.then_some(Claim::Run)
}
