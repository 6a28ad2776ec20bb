//! The stack: deployed by `sam deploy`, and its outputs.

use std::collections::BTreeMap;
use std::ffi::OsString;

use anyhow::{Context, bail};
use serde::Deserialize;
use serde_json::json;
use tokio::process::Command;

use crate::Paths;
use crate::api::{Api, text};
use crate::ecr::REGION;
use crate::emulator::Emulator;

/// The stack's name in the local environment of `samconfig.toml`.
pub const STACK: &str = "feed-triggers";

/// The name of the secret with the API key.
pub const SECRET: &str = "octopus-api-key";

/// A stack that is to be deployed.
#[derive(Clone, Copy)]
pub struct NewStack<'a> {
    pub name: &'a str,
    /// The environment in `samconfig.toml`.
    pub environment: &'a str,
    /// Parameters in addition to those of the local cloud.
    pub parameters: &'a [String],
}

/// The deployed stack.
pub struct Deployment {
    outputs: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    output_key: String,
    output_value: String,
}

impl Deployment {
    /// Stores the API key as a secret. Returns its ARN.
    pub async fn store_key(api: &Api, octopus_key: &str) -> anyhow::Result<String> {
        let secret = json!({ "Name": SECRET, "SecretString": octopus_key });
        let secret = api.call("secretsmanager.CreateSecret", &secret).await?;
        text(&secret, "ARN")
    }

    /// Deploys the template.
    pub async fn make(
        paths: &Paths,
        emulator: &Emulator,
        stack: NewStack<'_>,
    ) -> anyhow::Result<Self> {
        let config = paths.workspace.join("samconfig.toml");
        let parameters = paths.workspace.join("infra/local/parameters.yaml");
        let mut deploy = sam(paths, emulator);
        deploy
            .args(["deploy", "--no-confirm-changeset", "--region", REGION])
            .args(["--config-env", stack.environment, "--config-file"])
            .arg(config)
            .arg("--template-file")
            .arg(&paths.template)
            .arg("--parameter-overrides")
            .arg(format!("file://{}", parameters.display()))
            .args(stack.parameters);
        finish(&mut deploy).await.context("sam deploy")?;
        let mut list = sam(paths, emulator);
        list.args([
            "list",
            "stack-outputs",
            "--output",
            "json",
            "--region",
            REGION,
            "--stack-name",
            stack.name,
        ]);
        let outputs = finish(&mut list).await.context("sam list stack-outputs")?;
        let outputs: Vec<Output> = serde_json::from_str(&outputs)
            .with_context(|| format!("cannot read the stack's outputs: {outputs}"))?;
        let outputs = outputs
            .into_iter()
            .map(|output| (output.output_key, output.output_value));
        Ok(Self {
            outputs: outputs.collect(),
        })
    }

    /// An output of the stack.
    pub fn output(&self, name: &str) -> anyhow::Result<&str> {
        let value = self.outputs.get(name).map(String::as_str);
        value.with_context(|| format!("the stack has no output {name}"))
    }
}

fn sam(paths: &Paths, emulator: &Emulator) -> Command {
    let mut path = OsString::from(&paths.python);
    if let Some(rest) = std::env::var_os("PATH") {
        path.push(":");
        path.push(rest);
    }
    let mut sam = Command::new(paths.python.join("sam"));
    sam.current_dir(&paths.workspace)
        .env("PATH", path)
        .env("SAM_CLI_TELEMETRY", "0")
        .envs(emulator.environment())
        .kill_on_drop(true);
    sam
}

/// Runs a program to its end and returns its standard output; an error contains all output.
async fn finish(command: &mut Command) -> anyhow::Result<String> {
    let output = command.output().await?;
    let printed = String::from_utf8_lossy(&output.stdout);
    if !output.status.success() {
        let complaints = String::from_utf8_lossy(&output.stderr);
        bail!("{}\n{printed}\n{complaints}", output.status);
    }
    Ok(printed.into_owned())
}
