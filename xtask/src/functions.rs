//! The functions, built by `sam build` from `template.yaml`.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::command::run_program;
use crate::tools::Python;
use crate::workspace::Workspace;

/// The functions of the template: logical id and program.
pub(crate) const FUNCTIONS: [(&str, &str); 6] = [
    ("Scheduler", "scheduler"),
    ("FeedChecker", "feed-checker"),
    ("ReleaseCreator", "release-creator"),
    ("PushReceiver", "push-receiver"),
    ("HookReceiver", "hook-receiver"),
    ("ConsolePages", "console"),
];

/// The functions that are in a stack only if a parameter enables them.
pub(crate) const OPTIONAL: [&str; 2] = ["console", "hook-receiver"];

/// How the functions are compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Profile {
    /// As they are shipped.
    Shipped,
    /// The same code, compiled in a tenth of the time, for tests.
    Quick,
}

/// Overrides of the release profile, the only one that `sam build` uses, for a quick build.
const QUICK: [(&str, &str); 5] = [
    ("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_RELEASE_LTO", "off"),
    ("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"),
    ("CARGO_PROFILE_RELEASE_PANIC", "unwind"),
    ("CARGO_PROFILE_RELEASE_STRIP", "debuginfo"),
];

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Shipped => "shipped",
            Self::Quick => "quick",
        }
    }

    /// A program that builds with this profile, in a target directory of its own.
    pub(crate) fn set(self, workspace: &Workspace, command: &mut Command) {
        let target = workspace.target.join("functions").join(self.name());
        command.env("CARGO_TARGET_DIR", target);
        if self == Self::Quick {
            command.envs(QUICK);
        }
    }
}

/// Builds the functions for this machine's processor. Returns the folder with the template to deploy
/// and a folder with its `bootstrap` for each function.
pub(crate) fn build(
    workspace: &Workspace,
    python: &Python,
    profile: Profile,
) -> anyhow::Result<PathBuf> {
    let built = workspace.target.join("sam").join(profile.name());
    let mut sam = python.command("sam");
    profile.set(workspace, &mut sam);
    sam.stdout(Stdio::null()) // Advice on what to do next, which is done already.
        .current_dir(&workspace.root)
        .args(["build", "--config-env", "local", "--build-dir"])
        .arg(&built);
    eprintln!("Compiling the functions with sam build; from scratch, it takes minutes");
    run_program(&mut sam)?;
    Ok(built)
}
