//! The environment that a demo runs in: feeds to push to, an Octopus Server that receives the releases,
//! and the program in between.

use std::fmt;

use domain::history::Evaluation;
use engine::messages::{Event, Message};
use octopus_server::Release;

/// A new version in a feed.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// An image pushed to the feed `Images`.
    Web(&'static str),
    /// An image pushed to the feed `Team images`.
    Api(&'static str),
    /// A published chart.
    Chart(&'static str),
}

/// A package of the demo's project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// The package id in its feed.
    pub id: &'static str,
    /// The deployment action that uses it.
    pub action: &'static str,
}

/// The project's packages, in the order of its process.
pub const PACKAGES: [Package; 3] = [
    Package {
        id: "acme/web",
        action: "Deploy web",
    },
    Package {
        id: "acme/api",
        action: "Deploy api",
    },
    Package {
        id: "shop",
        action: "Install chart",
    },
];

impl Change {
    /// The changed package.
    pub fn package(self) -> Package {
        match self {
            Self::Web(_) => PACKAGES[0],
            Self::Api(_) => PACKAGES[1],
            Self::Chart(_) => PACKAGES[2],
        }
    }

    /// The new version.
    pub fn version(self) -> &'static str {
        match self {
            Self::Web(version) | Self::Api(version) | Self::Chart(version) => version,
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.package().id, self.version())
    }
}

/// Whether the message requests work from a step; the other messages only inform subscribers.
pub fn is_request(message: &Message) -> bool {
    matches!(
        message.event,
        Event::FeedCheckRequested(_)
            | Event::PackageVersionsChanged(_)
            | Event::TriggerEvaluationRequested(_)
    )
}

/// The result of redelivering every message.
#[derive(Debug)]
pub struct Repeat {
    /// The number of redelivered messages.
    pub messages: usize,
    /// The evaluations that the messages caused.
    pub evaluations: Vec<Evaluation>,
}

/// Decides from the evaluations so far whether a step is complete.
pub type IsDone<'a> = &'a dyn Fn(&[Evaluation]) -> bool;

/// A testbed. It starts with the state of `world.yaml` and the packages of the first release.
pub trait Testbed {
    /// Names and addresses of the servers, for display.
    fn addresses(&self) -> Vec<(&'static str, String)>;

    /// Publishes a version to its feed. Returns a description of how the program detects it.
    async fn publish(&mut self, change: Change) -> anyhow::Result<&'static str>;

    /// Lets the program work until `is_done` accepts the evaluations since the last call, and returns
    /// them. It is an error if that takes too long, or if something fails on the way.
    async fn run_until(&mut self, is_done: IsDone<'_>) -> anyhow::Result<Vec<Evaluation>>;

    /// Redelivers every message that requested work, and waits for the evaluations.
    async fn repeat(&mut self) -> anyhow::Result<Repeat>;

    /// The project's releases in Octopus, newest first.
    fn releases(&self) -> anyhow::Result<Vec<Release>>;
}
