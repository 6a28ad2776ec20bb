//! The world: the servers, the program, and the time.

use std::future::pending;

use domain::ledger::{Claimant, Owner};
use domain::time::Span;
use domain::trigger::NativeTriggers;
use engine::StepError;
use engine::messages::{Event, Message};
use engine::schedule::{RunScope, ScheduleReport};
use feeds::OutboundClient;
use octopus_server::{OctopusServer, Seed, StrictModes};
use registry_server::{HelmRepository, Registry};
use serde_json::Value;
use store::memory::MemoryTable;

use crate::bus::{FusedBus, Queue};
use crate::clock::TestClock;
use crate::ecr::Ecr;
use crate::fuse::{Crashed, Fuse};
use crate::fused::FusedTable;
use crate::program::{Program, Settings};
use crate::seed::seed;

/// More scheduler runs than any test needs to settle.
const MOST_RUNS: usize = 12;

/// The servers, the program, and its ports.
pub struct World {
    pub octopus: OctopusServer,
    /// The feed Images.
    pub images: Registry,
    /// The feed Mirror.
    pub mirror: Registry,
    /// The feed Charts.
    pub charts: HelmRepository,
    /// The scans of the feed Ecr, which contains the images of the feed Images.
    pub ecr: Ecr,
    pub clock: TestClock,
    pub table: MemoryTable,
    pub queue: Queue,
    pub fuse: Fuse,
    pub program: Program,
    settings: Settings,
}

impl World {
    /// A world in which every package is at 1.0.0 and every trigger has been evaluated.
    pub async fn start() -> Self {
        let mut world = Self::before_the_first_run(|_| {}).await;
        world.until_quiet().await.unwrap();
        world
    }

    /// As [`Self::start`], after a change of the data of Octopus.
    pub async fn with(change: impl FnOnce(&mut Seed)) -> Self {
        let mut world = Self::before_the_first_run(change).await;
        world.until_quiet().await.unwrap();
        world
    }

    /// As [`Self::with`], before the first scheduler run.
    pub async fn before_the_first_run(change: impl FnOnce(&mut Seed)) -> Self {
        let images = Registry::start().await.unwrap();
        let mirror = Registry::start().await.unwrap();
        let charts = HelmRepository::start().await.unwrap();
        for image in ["acme/web", "acme/cart", "acme/api"] {
            images.push(image, "1.0.0", image);
        }
        mirror.push("acme/site", "1.0.0", "site");
        charts.publish("shop", "1.0.0");
        let mut seed = seed(&images.url(), &mirror.url(), &charts.url());
        change(&mut seed);
        let octopus = OctopusServer::start(seed).await.unwrap();
        let ecr = Ecr::of(images.url());
        let loopback = "127.0.0.1/32".parse().unwrap();
        let settings = Settings {
            http: OutboundClient::new(loopback).unwrap(),
            server: octopus.url(),
            ecr: ecr.clone(),
            api_key: octopus.api_key().to_owned(),
            spaces: vec!["Default".to_owned()],
            observe: false,
            native: NativeTriggers::Marked,
            check_every: Span::from_minutes(1),
            claimant: Claimant {
                owner: Owner("a test".to_owned()),
                is_alone: false,
            },
            is_rate_limited: false,
        };
        let (clock, table) = (TestClock::default(), MemoryTable::default());
        let (queue, fuse) = (Queue::default(), Fuse::default());
        let program = program(&settings, &table, &queue, &fuse, &clock);
        Self {
            octopus,
            images,
            mirror,
            charts,
            ecr,
            clock,
            table,
            queue,
            fuse,
            program,
            settings,
        }
    }

    /// Pushes an image to the feed Images.
    pub fn push(&self, image: &str, tag: &str) {
        self.images.push(image, tag, &format!("{image}:{tag}"));
    }

    /// Posts a document to a collection of the space, as another client of Octopus does.
    pub async fn post(&self, collection: &str, document: &Value) {
        let url = format!("{}/api/Spaces-1/{collection}", self.octopus.url());
        let request = self.settings.http.http().post(&url);
        let request = request.header("X-Octopus-ApiKey", self.octopus.api_key());
        let answer = request.json(document).send().await.unwrap();
        assert!(answer.status().is_success(), "{}", answer.status());
    }

    /// Edits a trigger in Octopus, as a user does.
    pub async fn edit_trigger(&self, trigger: &str, edit: impl FnOnce(&mut Value)) {
        let url = format!(
            "{}/api/Spaces-1/projecttriggers/{trigger}",
            self.octopus.url()
        );
        let http = self.settings.http.http();
        let key = ("X-Octopus-ApiKey", self.octopus.api_key());
        let read = http.get(&url).header(key.0, key.1).send().await.unwrap();
        let mut document: Value = read.json().await.unwrap();
        edit(&mut document);
        let written = http
            .put(&url)
            .header(key.0, key.1)
            .json(&document)
            .send()
            .await
            .unwrap();
        assert!(written.status().is_success(), "{}", written.status());
    }

    /// Starts another process; the memory of the last one is lost.
    pub fn restart(&mut self) {
        let Self {
            settings,
            table,
            queue,
            fuse,
            clock,
            ..
        } = &*self;
        self.program = program(settings, table, queue, fuse, clock);
    }

    /// Restarts as a process on one machine, which knows that the last one ended.
    pub fn restart_on_one_machine(&mut self) {
        let Claimant { owner, .. } = &self.settings.claimant;
        self.settings.claimant = Claimant {
            owner: Owner(format!("{owner} and another", owner = owner.0)),
            is_alone: true,
        };
        self.restart();
    }

    /// Restarts as an observer, which creates no release.
    pub fn observe(&mut self) {
        self.settings.observe = true;
        self.restart();
    }

    /// Restarts with another check interval.
    pub fn check_every(&mut self, span: Span) {
        self.settings.check_every = span;
        self.restart();
    }

    /// Restarts with the client's rate limiter, and sets limits of the server. The runtime's time must be paused.
    pub fn limit_octopus(&mut self, modes: StrictModes) {
        self.octopus.state().set_strict(modes);
        self.settings.is_rate_limited = true;
        self.restart();
    }

    /// Restarts with another API key.
    pub fn use_api_key(&mut self, key: &str) {
        self.settings.api_key = key.to_owned();
        self.restart();
    }

    /// Restarts with other spaces.
    pub fn use_spaces(&mut self, spaces: &[&str]) {
        self.settings.spaces = spaces.iter().map(|&name| name.to_owned()).collect();
        self.restart();
    }

    /// Carries out a scheduler run without handling its messages.
    pub async fn schedule(&self, run: RunScope) -> Result<ScheduleReport, StepError> {
        self.program.schedule(run, pending()).await
    }

    /// As [`Self::schedule`], with a deadline of the refresh.
    pub async fn schedule_until(
        &self,
        deadline: impl Future<Output = ()>,
    ) -> Result<ScheduleReport, StepError> {
        self.program.schedule(RunScope::Due, deadline).await
    }

    /// Handles messages until none waits. A message that failed stays.
    pub async fn deliver(&mut self) -> Result<(), Crashed> {
        while self.deliver_next().await? {}
        Ok(())
    }

    /// Handles the next message. Returns false if none waits.
    pub async fn deliver_next(&mut self) -> Result<bool, Crashed> {
        let Some(message) = self.queue.next() else {
            return Ok(false);
        };
        let handled = self.fuse.live(self.program.handle(&message)).await?;
        if let Err(error) = handled {
            panic!("{}: {error:?}", message.event.detail_type());
        }
        self.queue.done();
        Ok(true)
    }

    /// Advances a minute, carries out a scheduler run, and handles every message.
    pub async fn run(&mut self) -> Result<(), Crashed> {
        self.clock.advance(Span::from_minutes(1));
        let scheduled = self.program.schedule(RunScope::Due, pending());
        if let Err(error) = self.fuse.live(scheduled).await? {
            panic!("schedule: {error:?}");
        }
        self.deliver().await
    }

    /// Advances some minutes, one by one.
    pub async fn minutes(&mut self, minutes: usize) {
        for _ in 0..minutes {
            self.run().await.unwrap();
        }
    }

    /// Advances minutes until only checks without changes happen.
    pub async fn until_quiet(&mut self) -> Result<(), Crashed> {
        for _ in 0..MOST_RUNS {
            let before = self.queue.log().len();
            self.run().await?;
            if self.queue.log()[before..].iter().all(is_check) {
                return Ok(());
            }
        }
        panic!("still not quiet: {:?}", self.queue.log().last());
    }
}

fn program(
    settings: &Settings,
    table: &MemoryTable,
    queue: &Queue,
    fuse: &Fuse,
    clock: &TestClock,
) -> Program {
    let table = FusedTable {
        table: table.clone(),
        fuse: fuse.clone(),
    };
    let bus = FusedBus {
        queue: queue.clone(),
        fuse: fuse.clone(),
    };
    Program::new(settings, table, bus, clock.clone())
}

fn is_check(message: &Message) -> bool {
    matches!(message.event, Event::FeedCheckRequested(_))
}
