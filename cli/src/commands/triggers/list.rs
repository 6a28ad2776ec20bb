//! `feedctl triggers list`: what Octopus and the file have, who runs it, and how it went last.

use store::Store;

use super::super::current::{USUAL_INTERVAL, look, settings};
use crate::args::Server;
use crate::exit::Exit;
use crate::output::{Output, TriggerRow};

pub(crate) async fn list(server: &Server, output: &Output) -> anyhow::Result<Exit> {
    let octopus = server.octopus()?;
    let store = server.known_state().await?.map(Store::new);
    let settings = settings(server, USUAL_INTERVAL);
    let look = look(&octopus, store.as_ref(), &settings);
    let current = look.current().await?;
    let states = look.triggers(&current).await?;
    let rows: Vec<_> = states
        .iter()
        .map(|one| TriggerRow::new(one, &octopus))
        .collect();
    output.triggers(&rows, &current.fresh.problems)?;
    Ok(Exit::Done)
}
