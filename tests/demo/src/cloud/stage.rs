//! The stage on the local cloud.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use domain::history::Evaluation;
use engine::messages::{Event, Message};
use octopus_server::{OctopusServer, Release, Seed};
use registry_server::HelmRepository;
use serde_json::json;

use super::Places;
use super::api::Api;
use super::deployment::{Deployment, STACK};
use super::ecr::{self, Ecr};
use super::emulator::Emulator;
use super::listener::Listener;
use super::push;
use super::registry::Registry;
use super::scratch::Scratch;
use crate::narrator::{Narrator, shown};
use crate::stage::{Change, Enough, Repeat, Stage, asks_for_work};
use crate::world::{self, Feeds, HELD, PROJECT};

/// A step takes a second or two.
const LONGEST_STEP: Duration = Duration::from_secs(60);

const FUNCTIONS: [&str; 5] = [
    "scheduler",
    "feed-checker",
    "release-creator",
    "push-receiver",
    "console",
];

/// How the program comes to know of what is new.
#[derive(Clone, Copy, PartialEq, Eq)]
enum News {
    /// By the schedule, whose ticks are not waited for but started.
    Schedule,
    /// By ECR's event.
    Push,
}

/// The stage. What was started ends with it, the emulator with its functions first.
pub struct CloudStage {
    pub(super) api: Api,
    pub(super) deployment: Deployment,
    pub(super) listener: Listener,
    news: News,
    pub(super) octopus: OctopusServer,
    pub(super) charts: HelmRepository,
    pub(super) emulator: Emulator,
    pub(super) registry: Registry,
    ecr: Ecr,
    _scratch: Scratch,
}

impl CloudStage {
    /// Starts every program and deploys the stack.
    pub async fn open<W: Write>(places: &Places, say: &mut Narrator<W>) -> anyhow::Result<Self> {
        let start = Instant::now();
        say.line("Starting a registry, a stand-in for Octopus and an emulator of AWS")?;
        let scratch = Scratch::new()?;
        let registry = Registry::start(&places.registry, &scratch).await?;
        let charts = HelmRepository::start().await?;
        let emulator = Emulator::start(&places.python, &scratch).await?;
        let api = Api::new(emulator.url())?;
        let ecr = Ecr::with_repository(&api, Change::Api("").package().id).await?;
        for change in HELD {
            put(change, &registry, &ecr, &charts).await?;
        }
        let feeds = Feeds {
            images: registry.url().to_owned(),
            team_images: emulator.url().to_owned(),
            charts: charts.url(),
        };
        let octopus = world::octopus(&feeds, team_images_in_ecr).await?;
        say.line("Deploying template.yaml with sam deploy")?;
        let (url, key) = (octopus.url(), octopus.api_key());
        let deployment = Deployment::make(places, &emulator, &api, &url, key).await?;
        let listener = Listener::start(&api, deployment.output("BusName")?).await?;
        say.line(&format!("Deployed after {}\n", shown(start.elapsed())))?;
        Ok(Self {
            api,
            deployment,
            listener,
            news: News::Schedule,
            octopus,
            charts,
            emulator,
            registry,
            ecr,
            _scratch: scratch,
        })
    }

    /// What the functions have warned of, for whoever looks for the cause of a failure.
    pub async fn troubles(&self) -> String {
        let mut text = String::from("What the functions warned of:");
        for function in FUNCTIONS {
            let lines = self.api.logged(STACK, function).await.unwrap_or_default();
            let is_bad = |line: &&String| {
                ["\"WARN\"", "\"ERROR\"", "panicked"]
                    .iter()
                    .any(|word| line.contains(word))
            };
            for line in lines.iter().filter(is_bad) {
                text.push_str(&format!("\n  {function}: {}", line.trim_end()));
            }
        }
        text
    }

    /// One tick of the schedule; a full round, if everything is to be looked at.
    pub(super) async fn tick(&self, everything: bool) -> anyhow::Result<()> {
        let scheduler = self.deployment.output("SchedulerName")?;
        let tick = json!({ "everything": everything });
        self.api.invoke(scheduler, &tick).await.map(drop)
    }

    /// Whether what was heard contains the check that a push asked for.
    fn has_push(&self, heard: &[Message]) -> bool {
        heard.iter().any(|message| match &message.event {
            Event::FeedCheckRequested(check) => check.cause == "push",
            _ => false,
        })
    }
}

/// Puts something into a feed.
async fn put(
    change: Change,
    registry: &Registry,
    ecr: &Ecr,
    charts: &HelmRepository,
) -> anyhow::Result<String> {
    let (id, version) = (change.package().id, change.version());
    match change {
        Change::Web(_) => registry.push(id, version).await,
        Change::Api(_) => ecr.push(id, version).await,
        Change::Chart(_) => {
            charts.publish(id, version);
            Ok(String::new())
        }
    }
}

/// Makes the second registry one of ECR, to which Octopus logs in as the machine that it runs on. Whose it
/// is Octopus does not say then, so it is the stack's own account's.
fn team_images_in_ecr(seed: &mut Seed) -> anyhow::Result<()> {
    let feeds = seed.spaces.iter_mut().flat_map(|space| &mut space.feeds);
    let feed = feeds.into_iter().find(|feed| feed.name == "Team images");
    let feed = feed.context("the world has no feed Team images")?;
    feed.kind = "AwsElasticContainerRegistry".to_owned();
    feed.region = Some(ecr::REGION.to_owned());
    feed.use_machine_credentials = true;
    Ok(())
}

impl Stage for CloudStage {
    fn setting(&self) -> Vec<(&'static str, String)> {
        let registry = self.registry.url();
        vec![
            ("Octopus", format!("{} (a stand-in)", self.octopus.url())),
            (
                "AWS",
                format!("stack {STACK} from template.yaml (on an emulator)"),
            ),
            ("Images", format!("{registry} (docker-registry)")),
            (
                "",
                format!(
                    "ECR of {} in {} (on the emulator)",
                    ecr::ACCOUNT,
                    ecr::REGION
                ),
            ),
            (
                "Charts",
                format!("{} (a Helm repository)", self.charts.url()),
            ),
        ]
    }

    async fn publish(&mut self, change: Change) -> anyhow::Result<&'static str> {
        let digest = put(change, &self.registry, &self.ecr, &self.charts).await?;
        if let Change::Api(tag) = change {
            let event = push::event(change.package().id, tag, &digest);
            let queue = self.deployment.output("PushQueueUrl")?;
            push::deliver(&self.api, queue, &event).await?;
            self.news = News::Push;
            return Ok("ECR's event reaches the push receiver; the schedule is not waited for");
        }
        self.news = News::Schedule;
        Ok("the schedule's next tick is started at once")
    }

    async fn watch(&mut self, enough: Enough<'_>) -> anyhow::Result<Vec<Evaluation>> {
        let start = Instant::now();
        let mut evaluations = Vec::new();
        let mut pushed = false;
        while start.elapsed() < LONGEST_STEP {
            if self.news == News::Schedule {
                self.tick(false).await?;
            }
            let heard = self.listener.hear().await?;
            pushed |= self.has_push(&heard);
            evaluations.extend(evaluated(heard)?);
            if enough(&evaluations) && (pushed || self.news == News::Schedule) {
                return Ok(evaluations);
            }
        }
        bail!("nothing came of it in {} s", LONGEST_STEP.as_secs());
    }

    async fn repeat(&mut self) -> anyhow::Result<Repeat> {
        let (mut checks, mut changes) = (Vec::new(), Vec::new());
        for (body, message) in self.listener.heard() {
            match &message.event {
                Event::FeedCheckRequested(_) => checks.push(body.clone()),
                _ if asks_for_work(message) => changes.push(body.clone()),
                _ => {}
            }
        }
        let queues = [
            self.deployment.output("CheckQueueUrl")?,
            self.deployment.output("ReleaseQueueUrl")?,
        ];
        self.api.send(queues[0], &checks).await?;
        self.api.send(queues[1], &changes).await?;
        let mut evaluations = Vec::new();
        let start = Instant::now();
        let mut waiting = u32::MAX;
        // Each change is watched by the one trigger, so each leads to one evaluation.
        while waiting > 0 || evaluations.len() < changes.len() {
            ensure!(
                start.elapsed() < LONGEST_STEP,
                "{waiting} messages still wait"
            );
            evaluations.extend(evaluated(self.listener.hear().await?)?);
            waiting = self.api.waiting(queues[0]).await? + self.api.waiting(queues[1]).await?;
        }
        Ok(Repeat {
            messages: checks.len() + changes.len(),
            evaluations,
        })
    }

    fn releases(&self) -> anyhow::Result<Vec<Release>> {
        self.octopus.state().releases(PROJECT)
    }
}

/// The evaluations among messages, none of which tells of a failure.
fn evaluated(heard: Vec<Message>) -> anyhow::Result<Vec<Evaluation>> {
    let mut evaluations = Vec::new();
    for message in heard {
        match message.event {
            Event::ReleaseCreated(evaluation) | Event::ReleaseSkipped(evaluation) => {
                evaluations.push(*evaluation);
            }
            Event::FeedCheckFailed(failure) => bail!("{}: {}", failure.feed_name, failure.reason),
            _ => {}
        }
    }
    Ok(evaluations)
}
