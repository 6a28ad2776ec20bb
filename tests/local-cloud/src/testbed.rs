//! The demo's testbed on the local cloud.

use std::io::Write;
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use domain::cause::CheckCause;
use domain::history::Evaluation;
use engine::messages::{Event, Message};
use octopus_server::{OctopusServer, Release, Seed};
use registry_server::HelmRepository;
use serde_json::json;

use crate::Paths;
use crate::api::Api;
use crate::deployment::{Deployment, NewStack, STACK};
use crate::ecr::{self, Ecr};
use crate::emulator::Emulator;
use crate::listener::Listener;
use crate::push;
use crate::registry::Registry;
use crate::scratch::Scratch;
use demo::printer::{Printer, format_duration};
use demo::testbed::{Change, IsDone, Repeat, Testbed, is_request};
use demo::world::{self, Feeds, INITIAL, PROJECT};

/// A step takes one or two seconds.
const STEP_TIMEOUT: Duration = Duration::from_secs(60);

const FUNCTIONS: [&str; 6] = [
    "scheduler",
    "feed-checker",
    "release-creator",
    "push-receiver",
    "hook-receiver",
    "console",
];

/// How the program detects the new version.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Detection {
    /// By the schedule; the testbed invokes the scheduler instead of waiting for it.
    Schedule,
    /// By ECR's event.
    Push,
}

/// The local cloud. Dropping it stops every program, the emulator with its functions first.
pub struct CloudTestbed {
    pub api: Api,
    pub deployment: Deployment,
    pub listener: Listener,
    detection: Detection,
    pub octopus: OctopusServer,
    pub charts: HelmRepository,
    pub emulator: Emulator,
    pub registry: Registry,
    ecr: Ecr,
    /// The parameters that name the Octopus Server and its key.
    pub(crate) parameters: [String; 2],
    _scratch: Scratch,
}

impl CloudTestbed {
    /// Starts every program and deploys the stack.
    pub async fn open<W: Write>(paths: &Paths, out: &mut Printer<W>) -> anyhow::Result<Self> {
        let start = Instant::now();
        out.line("Starting a registry, a fake Octopus Server and an emulator of AWS")?;
        let scratch = Scratch::new()?;
        let registry = Registry::start(&paths.registry, &scratch).await?;
        let charts = HelmRepository::start().await?;
        let emulator = Emulator::start(&paths.python, &scratch).await?;
        let api = Api::new(emulator.url())?;
        let ecr = Ecr::with_repository(&api, Change::Api("").package().id).await?;
        for change in INITIAL {
            put(change, &registry, &ecr, &charts).await?;
        }
        let feeds = Feeds {
            images: registry.url().to_owned(),
            team_images: emulator.url().to_owned(),
            charts: charts.url(),
        };
        let octopus = world::octopus(&feeds, team_images_in_ecr).await?;
        out.line("Deploying template.yaml with sam deploy")?;
        let secret = Deployment::store_key(&api, octopus.api_key()).await?;
        let parameters = [
            format!("OctopusUrl={}", octopus.url()),
            format!("OctopusSecretArn={secret}"),
        ];
        let stack = NewStack {
            name: STACK,
            environment: "local",
            parameters: &parameters,
        };
        let deployment = Deployment::make(paths, &emulator, stack).await?;
        let listener = Listener::start(&api, deployment.output("BusName")?, STACK).await?;
        out.line(&format!(
            "Deployed after {}\n",
            format_duration(start.elapsed())
        ))?;
        Ok(Self {
            api,
            deployment,
            listener,
            detection: Detection::Schedule,
            octopus,
            charts,
            emulator,
            registry,
            ecr,
            parameters,
            _scratch: scratch,
        })
    }

    /// The warnings and errors in the functions' logs.
    pub async fn warnings(&self) -> String {
        let mut text = String::from("Warnings and errors of the functions:");
        for function in FUNCTIONS {
            let lines = self
                .api
                .log_lines(STACK, function)
                .await
                .unwrap_or_default();
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

    /// Invokes the scheduler. `everything` checks all feeds and triggers, whether or not they are due.
    pub async fn invoke_scheduler(&self, everything: bool) -> anyhow::Result<()> {
        let scheduler = self.deployment.output("SchedulerName")?;
        let event = json!({ "everything": everything });
        self.api.invoke(scheduler, &event).await.map(drop)
    }

    /// Whether the messages include a check that a push requested.
    fn has_push(&self, received: &[Message]) -> bool {
        received.iter().any(|message| match &message.event {
            Event::FeedCheckRequested(check) => check.cause == CheckCause::Push,
            _ => false,
        })
    }
}

/// Publishes a version to its feed. Returns the image's digest; empty for a chart.
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

/// Changes the second registry's feed to ECR with the credentials of Octopus's host. The feed then has no
/// account, so the account of the stack applies.
fn team_images_in_ecr(seed: &mut Seed) -> anyhow::Result<()> {
    let feeds = seed.spaces.iter_mut().flat_map(|space| &mut space.feeds);
    let feed = feeds.into_iter().find(|feed| feed.name == "Team images");
    let feed = feed.context("the world has no feed Team images")?;
    feed.kind = "AwsElasticContainerRegistry".to_owned();
    feed.region = Some(ecr::REGION.to_owned());
    feed.use_machine_credentials = true;
    Ok(())
}

impl Testbed for CloudTestbed {
    fn addresses(&self) -> Vec<(&'static str, String)> {
        let registry = self.registry.url();
        vec![
            ("Octopus", format!("{} (a fake server)", self.octopus.url())),
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
            self.detection = Detection::Push;
            return Ok("ECR's event reaches the push receiver, without the schedule");
        }
        self.detection = Detection::Schedule;
        Ok("the scheduler runs at once")
    }

    async fn run_until(&mut self, is_done: IsDone<'_>) -> anyhow::Result<Vec<Evaluation>> {
        let start = Instant::now();
        let mut evaluations = Vec::new();
        let mut pushed = false;
        while start.elapsed() < STEP_TIMEOUT {
            if self.detection == Detection::Schedule {
                self.invoke_scheduler(false).await?;
            }
            let received = self.listener.receive().await?;
            pushed |= self.has_push(&received);
            evaluations.extend(evaluations_of(received)?);
            if is_done(&evaluations) && (pushed || self.detection == Detection::Schedule) {
                return Ok(evaluations);
            }
        }
        bail!(
            "the expected evaluation is missing after {} s",
            STEP_TIMEOUT.as_secs()
        );
    }

    async fn repeat(&mut self) -> anyhow::Result<Repeat> {
        let (mut checks, mut changes) = (Vec::new(), Vec::new());
        for (body, message) in self.listener.received() {
            match &message.event {
                Event::FeedCheckRequested(_) => checks.push(body.clone()),
                _ if is_request(message) => changes.push(body.clone()),
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
        let mut message_count = u32::MAX;
        // A change that an evaluation has considered causes no other one; a requested evaluation is carried out.
        while message_count > 0 || evaluations.is_empty() {
            ensure!(
                start.elapsed() < STEP_TIMEOUT,
                "{message_count} messages are still in the queues"
            );
            evaluations.extend(evaluations_of(self.listener.receive().await?)?);
            message_count = self.api.message_count(queues[0]).await?
                + self.api.message_count(queues[1]).await?;
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

/// The evaluations among messages. A failed check is an error.
pub(crate) fn evaluations_of(received: Vec<Message>) -> anyhow::Result<Vec<Evaluation>> {
    let mut evaluations = Vec::new();
    for message in received {
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
