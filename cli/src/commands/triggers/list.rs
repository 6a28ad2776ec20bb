//! `feedctl triggers list`: the triggers of Octopus and of the file, with their last outcome.

use domain::coded::CodedText;
use engine::ports::Clock;
use host::SystemClock;
use store::Store;

use super::super::current::look;
use crate::args::{Server, TriggerFilter};
use crate::exit::Exit;
use crate::output::{Output, TriggerRow};
use crate::reach::Reach;

pub(crate) async fn list(
    server: &Server,
    filter: &TriggerFilter,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = reach.octopus()?;
    let store = reach.known_state()?.map(Store::new);
    let settings = reach.look(None);
    let look = look(&octopus, store.as_ref(), &settings);
    let current = look.current().await?;
    let states = look.triggers(&current).await?;
    let now = SystemClock.now();
    let rows = states.iter().map(|one| TriggerRow::new(one, &octopus, now));
    let rows: Vec<_> = rows.filter(|row| row.matches(filter, now)).collect();
    let is_filtered = rows.len() < states.len();
    let failures = current.fresh.failures.iter();
    let failures = failures.map(|failure| {
        let message = format!("{}: {}", failure.space, failure.problem);
        failure.problem.clone().with_message(message)
    });
    let problems = failures.chain(current.fresh.problems.iter().cloned());
    let problems: Vec<_> = problems.map(CodedText::from).collect();
    output.triggers(&rows, &problems, is_filtered)?;
    Ok(Exit::Done)
}
