//! The test that covers a command: a session that runs it, or a check that the names in it exist.

use crate::names;

/// The test that covers a command.
pub(crate) enum Claim {
    /// The session runs it.
    Run,
    /// The session runs it with the AWS emulator, where building is also possible.
    RunWithAws,
    /// The command is not run; the names in it are looked up.
    LookedUp(&'static LookedUp),
}

/// A kind of command that is not run.
pub(crate) struct LookedUp {
    /// The beginning of such a command.
    start: &'static str,
    /// The reason why it is not run.
    why: &'static str,
    /// Finds names in the command that do not exist.
    look_up: fn(&str) -> Vec<String>,
}

impl LookedUp {
    /// The names in a command that do not exist.
    pub(crate) fn faults(&self, command: &str) -> Vec<String> {
        let faults = (self.look_up)(command).into_iter();
        let faults = faults.map(|fault| format!("{fault} (not run, as it {})", self.why));
        faults.collect()
    }
}

const LOOKED_UP: [LookedUp; 6] = [
    LookedUp {
        start: "cargo xtask ",
        why: "is `cargo xtask test` itself, or a part of it, or takes as long",
        look_up: names::of_a_task,
    },
    LookedUp {
        start: "cargo run ",
        why: "is for developers; the tests run thousands of seeds, a million takes hours",
        look_up: names::of_a_program,
    },
    LookedUp {
        start: "cargo clippy ",
        why: "is for developers; `cargo xtask test` does it for all packages",
        look_up: names::of_a_package,
    },
    LookedUp {
        start: "cargo nextest ",
        why: "is for developers; `cargo xtask test` does it for all packages",
        look_up: names::of_a_package,
    },
    LookedUp {
        start: "cargo fmt ",
        why: "would change the sources; `cargo xtask test` checks the format of all packages",
        look_up: names::of_a_package,
    },
    LookedUp {
        start: TARGET_ADD,
        why: "would download a target",
        look_up: names::of_a_target,
    },
];

/// Commands that a session runs with the AWS emulator.
const RUN_WITH_AWS: [&str; 3] = ["aws ", "cargo install ", "sam "];

/// Commands that a session runs on this machine.
const RUN: [&str; 7] = [
    "cat ",
    "docker push ",
    "env ",
    "export ",
    "feedctl ",
    "printf ",
    "rm ",
];

/// Adds a target to the compiler; run only if it is installed already, so that nothing is downloaded.
const TARGET_ADD: &str = "rustup target add ";

/// The test that covers a command; `None` for an unknown kind of command.
pub(crate) fn claim(command: &str) -> Option<Claim> {
    let target = command.strip_prefix(TARGET_ADD);
    if target.is_some_and(names::is_installed) {
        return Some(Claim::Run);
    }
    let mut kinds = LOOKED_UP.iter();
    if let Some(kind) = kinds.find(|kind| command.starts_with(kind.start)) {
        return Some(Claim::LookedUp(kind));
    }
    let starts = |starts: &[&str]| starts.iter().any(|start| command.starts_with(start));
    let is_of_aws = command.contains("$(aws ") || command.contains("--stack ");
    if is_of_aws || starts(&RUN_WITH_AWS) {
        return Some(Claim::RunWithAws);
    }
    starts(&RUN).then_some(Claim::Run)
}
