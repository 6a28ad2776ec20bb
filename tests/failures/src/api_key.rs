//! The API key is rotated in Octopus first, so that Octopus refuses the old key, and then in the secret.

use std::io::Write;

use anyhow::ensure;
use domain::history::Outcome;
use serde_json::json;

use crate::harness::Harness;
use demo::printer::Printer;
use demo::testbed::Change;
use local_cloud::deployment::SECRET;
use local_cloud::feedctl::Feedctl;

const NEW_KEY: &str = "API-FAILURES00000000000000000NEW";

pub(crate) async fn rotation<W: Write>(
    harness: &mut Harness<'_>,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("The API key is rotated, first in Octopus and then in the secret")?;
    harness.testbed.octopus.state().rotate_api_key(NEW_KEY);
    harness.change(Change::Web("1.8.0")).await?;
    let failed = harness
        .expect_outcome("a failed evaluation", Outcome::Failed)
        .await?;
    let reason = failed.reason;
    ensure!(
        reason.contains("API key"),
        "the evaluation failed for another reason: {reason}"
    );
    out.note(&reason)?;
    let secret = json!({ "SecretId": SECRET, "SecretString": NEW_KEY });
    harness
        .testbed
        .api
        .call("secretsmanager.PutSecretValue", &secret)
        .await?;
    let release = harness.expect_release(true).await?;
    let testbed = &harness.testbed;
    let url = testbed.octopus.url();
    harness.feedctl = Feedctl::new(harness.program.clone(), &testbed.emulator, &url, NEW_KEY);
    out.outcome(&format!(
        "Release {} is created without a deployment",
        release.version
    ))?;
    Ok(())
}
