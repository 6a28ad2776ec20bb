//! Who answers for a command: a session that runs it, or a check that what it names is there.

use crate::names;

/// Who answers for a command.
pub(crate) enum Claim {
    /// The session runs it.
    Run,
    /// The session runs it beside the emulator of AWS, where there is also time to build.
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

const LOOKED_UP: [LookedUp; 6] = [
    LookedUp {
        start: "cargo xtask ",
        why: "is `cargo xtask test` itself, or what that consists of, or takes as long",
        look_up: names::of_a_task,
    },
    LookedUp {
        start: "cargo run ",
        why: "is for changing the program; the tests live through thousands of seeds, a million takes hours",
        look_up: names::of_a_program,
    },
    LookedUp {
        start: "cargo clippy ",
        why: "is for changing the program; `cargo xtask test` does it with all packages",
        look_up: names::of_a_package,
    },
    LookedUp {
        start: "cargo nextest ",
        why: "is for changing the program; `cargo xtask test` does it with all packages",
        look_up: names::of_a_package,
    },
    LookedUp {
        start: "cargo fmt ",
        why: "would change what is worked on; `cargo xtask test` looks at the format of all packages",
        look_up: names::of_a_package,
    },
    LookedUp {
        start: TARGET_ADD,
        why: "would fetch what this machine does not have",
        look_up: names::of_a_target,
    },
];

/// What a session knows how to run beside the emulator. What is installed there is built.
const RUN_BESIDE_AWS: [&str; 3] = ["aws ", "cargo install ", "sam "];

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

/// Adds a target to the compiler; run where it is there already, so that nothing is fetched.
const TARGET_ADD: &str = "rustup target add ";

/// Who answers for a command; nobody, if it is of a kind that no page had before.
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
    if is_of_aws || starts(&RUN_BESIDE_AWS) {
        return Some(Claim::RunBesideAws);
    }
    starts(&RUN).then_some(Claim::Run)
}
