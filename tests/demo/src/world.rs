//! The initial state of the demo: `world.yaml` and the packages in the feeds.

use anyhow::Context;
use octopus_server::{OctopusServer, Seed, StateHandle};

use crate::testbed::Change;

/// The demo's project.
pub const PROJECT: &str = "Shop";

const WORLD: &str = include_str!("../world.yaml");

/// The packages in the feeds before the first step.
pub const INITIAL: [Change; 6] = [
    Change::Web("1.3.0"),
    Change::Web("1.4.0"),
    Change::Api("1.1.0"),
    Change::Api("1.2.0"),
    Change::Chart("0.8.0"),
    Change::Chart("0.9.0"),
];

/// The addresses of the feeds.
pub struct Feeds {
    /// The registry of `acme/web`.
    pub images: String,
    /// The registry of `acme/api`.
    pub team_images: String,
    /// The Helm repository.
    pub charts: String,
}

/// Starts a fake Octopus Server. `change` may modify the seed first.
pub async fn octopus(
    feeds: &Feeds,
    change: impl FnOnce(&mut Seed) -> anyhow::Result<()>,
) -> anyhow::Result<OctopusServer> {
    let mut seed = Seed::from_yaml(WORLD).context("world.yaml")?;
    change(&mut seed)?;
    let server = OctopusServer::start(seed).await?;
    place(&server.state(), feeds)?;
    Ok(server)
}

fn place(octopus: &StateHandle, feeds: &Feeds) -> anyhow::Result<()> {
    octopus.set_feed_uri("Images", &feeds.images)?;
    octopus.set_feed_uri("Team images", &feeds.team_images)?;
    octopus.set_feed_uri("Charts", &feeds.charts)
}
