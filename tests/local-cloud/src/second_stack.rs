//! Two stacks in one account and region: the second one observes, and creates no releases.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::ensure;
use demo::printer::Printer;
use demo::testbed::{Change, Testbed};
use domain::history::{Evaluation, Outcome};
use serde_json::json;

use crate::Paths;
use crate::api::text;
use crate::deployment::{Deployment, NewStack};
use crate::listener::Listener;
use crate::testbed::{CloudTestbed, evaluations_of};

/// The stack's name in the environment `observe` of `samconfig.toml`.
const STACK: &str = "feed-triggers-observe";

/// The second stack reads each feed for the first time, and then the change.
const TIMEOUT: Duration = Duration::from_secs(60);

const CHANGE: Change = Change::Web("1.6.0");

/// The certificate of a private certificate authority, as PEM text.
fn private_ca() -> anyhow::Result<String> {
    let key = rcgen::KeyPair::generate()?;
    let mut parameters = rcgen::CertificateParams::default();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    Ok(parameters.self_signed(&key)?.pem())
}

/// Deploys the second stack. Publishes a version that both stacks detect, and expects one release, by the first.
pub async fn run<W: Write>(
    testbed: &mut CloudTestbed,
    paths: &Paths,
    out: &mut Printer<W>,
) -> anyhow::Result<()> {
    out.step("A second stack in the same account, which only observes")?;
    let mut parameters = testbed.parameters.to_vec();
    parameters.push("Mode=observe".to_owned());
    // Its functions read the certificates when they start, and fail if they cannot.
    let certificates = json!({ "Name": "private-ca", "SecretString": private_ca()? });
    let secret = testbed
        .api
        .call("secretsmanager.CreateSecret", &certificates);
    let secret = text(&secret.await?, "ARN")?;
    parameters.push(format!("CaBundleSecretArn={secret}"));
    let stack = NewStack {
        name: STACK,
        environment: "observe",
        parameters: &parameters,
    };
    let second = Deployment::make(paths, &testbed.emulator, stack).await?;
    let mut listener = Listener::start(&testbed.api, second.output("BusName")?, STACK).await?;
    let before = testbed.releases()?;
    out.note(testbed.publish(CHANGE).await?)?;
    let start = Instant::now();
    let observed = loop {
        ensure!(
            start.elapsed() < TIMEOUT,
            "the second stack observed no release within {} s",
            TIMEOUT.as_secs()
        );
        let scheduler = second.output("SchedulerName")?;
        testbed.api.invoke(scheduler, &json!({})).await?;
        let evaluations = evaluations_of(listener.receive().await?)?;
        if let Some(one) = evaluations
            .into_iter()
            .find(|one| one.outcome == Outcome::Observed)
        {
            break one;
        }
    };
    ensure!(
        testbed.releases()? == before,
        "the observing stack created a release"
    );
    out.outcome(&format!("Observed, no release: {}", observed.reason))?;
    let is_created = |one: &Evaluation| one.outcome == Outcome::Created;
    testbed.run_until(&|all| all.iter().any(is_created)).await?;
    let after = testbed.releases()?;
    ensure!(
        after.len() == before.len() + 1,
        "Octopus has {} releases, before the step {}",
        after.len(),
        before.len()
    );
    out.outcome(&format!("The first stack created {}", after[0].version))?;
    Ok(())
}
