//! `feedctl triggers list`: the triggers of Octopus and of the file, with their last outcome.

use engine::ports::Clock;
use host::SystemClock;
use store::Store;

use super::super::current::look;
use crate::args::Server;
use crate::exit::Exit;
use crate::output::{Output, TriggerRow};
use crate::reach::Reach;

pub(crate) async fn list(server: &Server, output: &Output) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = reach.octopus()?;
    let store = reach.known_state()?.map(Store::new);
    let settings = reach.look(None);
    let look = look(&octopus, store.as_ref(), &settings);
    let current = look.current().await?;
    let states = look.triggers(&current).await?;
    let rows: Vec<_> = states
        .iter()
        .map(|one| TriggerRow::new(one, &octopus, SystemClock.now()))
        .collect();
    output.triggers(&rows, &current.fresh.problems)?;
    Ok(Exit::Done)
}
