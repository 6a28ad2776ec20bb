//! The API key is changed in Octopus first, so that the old one is refused, and then in the secret.

use std::io::Write;

use anyhow::ensure;
use domain::history::Outcome;
use serde_json::json;

use super::super::deployment::SECRET;
use super::super::feedctl::Feedctl;
use super::trial::Trial;
use crate::narrator::Narrator;
use crate::stage::Change;

const NEW_KEY: &str = "API-MISHAPS000000000000000000NEW";

pub(super) async fn is_changed<W: Write>(
    trial: &mut Trial<'_>,
    say: &mut Narrator<W>,
) -> anyhow::Result<()> {
    say.step("The API key is changed, first in Octopus and later in the secret")?;
    trial.stage.octopus.state().rotate_api_key(NEW_KEY);
    trial.change(Change::Web("1.8.0")).await?;
    let failed = trial.evaluated("one that fails", Outcome::Failed).await?;
    let reason = failed.reason;
    ensure!(
        reason.contains("API key"),
        "the evaluation failed for: {reason}"
    );
    say.aside(&reason)?;
    let secret = json!({ "SecretId": SECRET, "SecretString": NEW_KEY });
    trial
        .stage
        .api
        .call("secretsmanager.PutSecretValue", &secret)
        .await?;
    let release = trial.released(true).await?;
    let stage = &trial.stage;
    let url = stage.octopus.url();
    trial.feedctl = Feedctl::new(trial.program.clone(), &stage.emulator, &url, NEW_KEY);
    say.outcome(&format!(
        "Nothing is deployed anew, and there is release {}",
        release.version
    ))?;
    Ok(())
}
