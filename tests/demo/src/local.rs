//! The demo in one process: the machine that `feedctl run` runs, with a temporary SQLite file and
//! in-process servers: a registry, a Helm repository and a fake Octopus Server.

use anyhow::bail;
use domain::history::Evaluation;
use domain::time::Span;
use domain::trigger::NativeTriggers;
use engine::messages::Message;
use engine::schedule::RunScope;
use machine::{Logins, Machine, MachineOptions, RunReport};
use octopus_server::{OctopusServer, Release};
use registry_server::{HelmRepository, Registry};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::testbed::{Change, IsDone, Repeat, Testbed, is_request};
use crate::world::{self, Feeds, INITIAL, PROJECT};

/// The most scheduler runs until a change is detected. Usually one is enough.
const MAX_RUNS: usize = 3;

/// Everything in one process.
pub struct LocalTestbed {
    images: Registry,
    charts: HelmRepository,
    octopus: OctopusServer,
    machine: Machine,
    /// Every message so far that requested work.
    messages: Vec<Message>,
    _scratch: TempDir,
}

impl LocalTestbed {
    /// Starts the servers and opens the machine.
    pub async fn open() -> anyhow::Result<Self> {
        let scratch = tempfile::tempdir()?;
        let images = Registry::start().await?;
        let charts = HelmRepository::start().await?;
        let feeds = Feeds {
            images: images.url(),
            team_images: images.url(),
            charts: charts.url(),
        };
        let octopus = world::octopus(&feeds, |_| Ok(())).await?;
        let machine = Machine::open(MachineOptions {
            octopus_url: octopus.url(),
            api_key: SecretString::from(octopus.api_key().to_owned()),
            spaces: vec!["Default".to_owned()],
            native: NativeTriggers::Marked,
            state: scratch.path().join("state.sqlite"),
            observe: false,
            allowed_networks: "127.0.0.0/8".parse()?,
            logins: Logins::none(),
            limits: feeds::Limits::default(),
            // Every feed is due in every scheduler run.
            check_every: Span::from_millis(1),
            refresh_every: Span::from_minutes(5),
        })
        .await?;
        let testbed = Self {
            images,
            charts,
            octopus,
            machine,
            messages: Vec::new(),
            _scratch: scratch,
        };
        INITIAL.iter().for_each(|change| testbed.put(*change));
        Ok(testbed)
    }

    /// The fake Octopus Server.
    pub fn octopus(&self) -> &OctopusServer {
        &self.octopus
    }

    fn put(&self, change: Change) {
        let (id, version) = (change.package().id, change.version());
        match change {
            Change::Web(_) | Change::Api(_) => {
                self.images.push(id, version, version);
            }
            Change::Chart(_) => self.charts.publish(id, version),
        }
    }
}

impl Testbed for LocalTestbed {
    fn addresses(&self) -> Vec<(&'static str, String)> {
        vec![
            ("Octopus", format!("{} (a fake server)", self.octopus.url())),
            ("Images", format!("{} (an OCI registry)", self.images.url())),
            (
                "Charts",
                format!("{} (a Helm repository)", self.charts.url()),
            ),
        ]
    }

    async fn publish(&mut self, change: Change) -> anyhow::Result<&'static str> {
        self.put(change);
        Ok("the feed's next check is due")
    }

    async fn run_until(&mut self, is_done: IsDone<'_>) -> anyhow::Result<Vec<Evaluation>> {
        let mut evaluations = Vec::new();
        for _ in 0..MAX_RUNS {
            let report = self.machine.run(RunScope::Due, &()).await?;
            expect_success(&report)?;
            self.messages
                .extend(report.messages.into_iter().filter(is_request));
            evaluations.extend(report.evaluations);
            if is_done(&evaluations) {
                return Ok(evaluations);
            }
        }
        bail!("the expected evaluation is missing after {MAX_RUNS} scheduler runs");
    }

    async fn repeat(&mut self) -> anyhow::Result<Repeat> {
        let messages = self.messages.len();
        let report = self.machine.deliver_again(self.messages.clone()).await;
        expect_success(&report)?;
        Ok(Repeat {
            messages,
            evaluations: report.evaluations,
        })
    }

    fn releases(&self) -> anyhow::Result<Vec<Release>> {
        self.octopus.state().releases(PROJECT)
    }
}

/// Returns the first failure of a scheduler run as an error.
fn expect_success(report: &RunReport) -> anyhow::Result<()> {
    if let Some((package, error)) = report.unread.first() {
        let error = anyhow::Error::new(error.clone());
        return Err(error.context(format!("cannot read {}", package.package)));
    }
    if let Some(problem) = report.stale.as_ref().or(report.broken.first()) {
        bail!(problem.clone());
    }
    Ok(())
}
