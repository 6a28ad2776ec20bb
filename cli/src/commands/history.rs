//! `feedctl history`: recorded evaluations.

use anyhow::bail;
use domain::history::Evaluation;
use engine::ports::History as _;
use store::Store;

use crate::args::{History, Server};
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;

pub(super) async fn show(
    server: &Server,
    options: &History,
    output: &Output,
) -> anyhow::Result<Exit> {
    let store = Store::new(Reach::of(server).await?.existing_state()?);
    let mut latest = store.latest().await?;
    latest.sort_by_key(|one| std::cmp::Reverse(one.at));
    let Some(wanted) = &options.trigger else {
        output.history(&latest)?;
        return Ok(Exit::Done);
    };
    let is_wanted = |one: &&Evaluation| {
        one.trigger.as_str() == wanted || one.trigger_name.to_lowercase() == wanted.to_lowercase()
    };
    let found: Vec<_> = latest.iter().filter(is_wanted).collect();
    match found.as_slice() {
        [] => {
            let known: Vec<_> = latest.iter().map(|one| one.trigger_name.as_str()).collect();
            bail!(
                "cannot find an evaluation of trigger `{wanted}`; evaluations of these are recorded: {}",
                known.join(", ")
            )
        }
        [one] => {
            let limit = usize::from(options.limit);
            output.history(&store.recent(&one.space, &one.trigger, limit).await?)?;
            Ok(Exit::Done)
        }
        several => {
            let ids: Vec<_> = several.iter().map(|one| one.trigger.as_str()).collect();
            bail!(
                "cannot choose between several triggers named `{wanted}`; use the id: {}",
                ids.join(", ")
            )
        }
    }
}
