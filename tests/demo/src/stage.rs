//! Where the story is played: feeds to push to, an Octopus that gets the releases, and the program in
//! between.

use std::fmt;

use domain::history::Evaluation;
use engine::messages::{Event, Message};
use octopus_server::Release;

/// Something new in a feed.
#[derive(Clone, Copy, Debug)]
pub enum Change {
    /// An image is pushed to [`Feed::Images`].
    Web(&'static str),
    /// An image is pushed to [`Feed::TeamImages`].
    Api(&'static str),
    /// A chart is published.
    Chart(&'static str),
}

/// A package of the story's project.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Package {
    /// Its id in its feed.
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
    /// The package that it is in.
    pub fn package(self) -> Package {
        match self {
            Self::Web(_) => PACKAGES[0],
            Self::Api(_) => PACKAGES[1],
            Self::Chart(_) => PACKAGES[2],
        }
    }

    /// The version that is new.
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

/// Whether the message asks a step for something; the others only tell whoever listens.
pub fn asks_for_work(message: &Message) -> bool {
    matches!(
        message.event,
        Event::FeedCheckRequested(_)
            | Event::PackageVersionsChanged(_)
            | Event::TriggerEvaluationRequested(_)
    )
}

/// What delivering every message once more led to.
#[derive(Debug)]
pub struct Repeat {
    /// How many messages were delivered again.
    pub messages: usize,
    /// The evaluations that followed.
    pub evaluations: Vec<Evaluation>,
}

/// When a stage has seen enough.
pub type Enough<'a> = &'a dyn Fn(&[Evaluation]) -> bool;

/// A stage. It starts with the world of `world.yaml`, and with the packages of its first release.
pub trait Stage {
    /// Where everything is, for people: what and address.
    fn setting(&self) -> Vec<(&'static str, String)>;

    /// Puts something new into a feed. Gives in words how the program comes to know of it.
    async fn publish(&mut self, change: Change) -> anyhow::Result<&'static str>;

    /// Lets the program work until `enough` says so of the evaluations since the last call, and gives
    /// them. It is an error if that takes too long, or if something fails on the way.
    async fn watch(&mut self, enough: Enough<'_>) -> anyhow::Result<Vec<Evaluation>>;

    /// Delivers every message that asked for work once more, and waits for what follows.
    async fn repeat(&mut self) -> anyhow::Result<Repeat>;

    /// The project's releases as Octopus has them, newest first.
    fn releases(&self) -> anyhow::Result<Vec<Release>>;
}
