//! The story on a local cloud: `template.yaml` deployed on an emulator of AWS, with the functions that
//! `sam build` compiled, a real registry, the emulator's ECR, and a stand-in for Octopus.
//!
//! What happens inside is seen as any user of the stack can see it: by a rule on its event bus.

mod api;
mod beyond;
mod deployment;
mod ecr;
mod emulator;
mod failures;
mod feedctl;
mod functions;
mod listener;
mod process;
mod push;
mod registry;
mod scratch;
mod stage;

use std::ffi::OsString;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;

pub use failures::live_through;
pub use stage::CloudStage;

use crate::narrator::Narrator;
use crate::story;
use emulator::Emulator;
use scratch::Scratch;

/// Where everything is.
pub struct Places {
    /// The workspace, with `samconfig.toml` and `infra`.
    pub workspace: PathBuf,
    /// The folder of sam's and the emulator's programs.
    pub python: PathBuf,
    /// The program `docker-registry`.
    pub registry: PathBuf,
    /// What `sam build` has built: the template and the functions.
    pub built: PathBuf,
}

/// The story, and what can be seen on a cloud alone.
pub async fn tell<W: Write>(stage: &mut CloudStage, say: &mut Narrator<W>) -> anyhow::Result<()> {
    story::tell(stage, say).await?;
    beyond::tell(stage, say).await?;
    story::conclude(stage, say)
}

/// Runs a program with an emulator in its environment. Gives the program's exit code.
pub async fn beside_emulator(python: &Path, command: &[OsString]) -> anyhow::Result<ExitCode> {
    let scratch = Scratch::new()?;
    let emulator = Emulator::start(python, &scratch).await?;
    let (program, arguments) = command.split_first().context("no program was named")?;
    let status = tokio::process::Command::new(program)
        .args(arguments)
        .envs(emulator.environment())
        .kill_on_drop(true)
        .status()
        .await
        .with_context(|| format!("starting {}", program.display()))?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Ok(code.map_or(ExitCode::FAILURE, ExitCode::from))
}
