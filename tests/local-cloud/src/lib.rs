//! The local cloud: `template.yaml` deployed to an emulator of AWS, with the functions that `sam build`
//! compiled, a real registry, the emulator's ECR, and a fake Octopus Server.
//!
//! The programs here observe the stack as any subscriber can: by a rule on its event bus.

pub mod api;
pub mod cloud_only;
pub mod deployment;
pub mod ecr;
pub mod emulator;
pub mod feedctl;
pub mod functions;
pub mod listener;
mod process;
pub mod push;
pub mod registry;
pub mod scratch;
pub mod second_stack;
pub mod testbed;

use std::path::PathBuf;

pub use testbed::CloudTestbed;

/// The paths that a local cloud needs, as command line options.
#[derive(Clone, Debug, clap::Args)]
pub struct Paths {
    /// The workspace, with `samconfig.toml` and `infra`.
    #[arg(long)]
    pub workspace: PathBuf,
    /// The folder of the programs `sam` and `python`, with the emulator installed.
    #[arg(long)]
    pub python: PathBuf,
    /// The program `docker-registry`.
    #[arg(long)]
    pub registry: PathBuf,
    /// The template to deploy: that of `sam build`, or a prebuilt one.
    #[arg(long)]
    pub template: PathBuf,
}
