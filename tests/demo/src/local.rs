//! The story in one process: the engine as `feedctl run` has it, on an SQLite file of its own, between
//! an in-process registry, Helm repository and Octopus.

use anyhow::bail;
use domain::history::Evaluation;
use domain::time::Span;
use domain::trigger::NativeTriggers;
use engine::messages::Message;
use engine::schedule::RunScope;
use machine::{Machine, MachineOptions, RunReport};
use octopus_server::{OctopusServer, Release};
use registry_server::{HelmRepository, Registry};
use secrecy::SecretString;
use tempfile::TempDir;

use crate::stage::{Change, Enough, Repeat, Stage, asks_for_work};
use crate::world::{self, Feeds, HELD, PROJECT};

/// So many rounds may pass until something is noticed. The first one should do.
const ROUNDS: usize = 3;

/// The stage.
pub struct LocalStage {
    images: Registry,
    charts: HelmRepository,
    octopus: OctopusServer,
    machine: Machine,
    /// Every message so far.
    messages: Vec<Message>,
    _scratch: TempDir,
}

impl LocalStage {
    /// Sets everything up.
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
            limits: feeds::Limits::default(),
            // Whenever there is a round, every feed is due.
            check_every: Span::from_millis(1),
            refresh_every: Span::from_minutes(5),
        })
        .await?;
        let stage = Self {
            images,
            charts,
            octopus,
            machine,
            messages: Vec::new(),
            _scratch: scratch,
        };
        HELD.iter().for_each(|change| stage.put(*change));
        Ok(stage)
    }

    /// The stand-in for Octopus.
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

impl Stage for LocalStage {
    fn setting(&self) -> Vec<(&'static str, String)> {
        vec![
            ("Octopus", format!("{} (a stand-in)", self.octopus.url())),
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

    async fn watch(&mut self, enough: Enough<'_>) -> anyhow::Result<Vec<Evaluation>> {
        let mut evaluations = Vec::new();
        for _ in 0..ROUNDS {
            let report = self.machine.round(RunScope::Due, &()).await?;
            expect_sound(&report)?;
            self.messages
                .extend(report.messages.into_iter().filter(asks_for_work));
            evaluations.extend(report.evaluations);
            if enough(&evaluations) {
                return Ok(evaluations);
            }
        }
        bail!("nothing came of it in {ROUNDS} rounds");
    }

    async fn repeat(&mut self) -> anyhow::Result<Repeat> {
        let messages = self.messages.len();
        let report = self.machine.deliver_again(self.messages.clone()).await;
        expect_sound(&report)?;
        Ok(Repeat {
            messages,
            evaluations: report.evaluations,
        })
    }

    fn releases(&self) -> anyhow::Result<Vec<Release>> {
        self.octopus.state().releases(PROJECT)
    }
}

/// Nothing failed in the round.
fn expect_sound(report: &RunReport) -> anyhow::Result<()> {
    if let Some((package, error)) = report.unread.first() {
        let error = anyhow::Error::new(error.clone());
        return Err(error.context(format!("{} could not be read", package.package)));
    }
    if let Some(problem) = report.stale.as_ref().or(report.broken.first()) {
        bail!(problem.clone());
    }
    Ok(())
}
