//! Reads the watch list from Octopus and from the applied trigger file: the triggers that this program
//! runs, and the packages that they watch.
//!
//! A problem of one trigger is stored with that trigger and affects no other trigger. Neither does a project, trigger or
//! space that cannot be read. Only an error that concerns the whole server (it cannot be reached, it refuses the key)
//! ends the read.

mod file_trigger;
mod names;
mod native_trigger;
mod package_details;
mod previous;
mod refresh;
mod resolver;

pub use file_trigger::feeds_of;
pub use names::{UnknownName, native_by_id, native_by_name, unknown_name};
pub use native_trigger::{OptionsEntries, action_name};
pub use previous::Previous;
pub use refresh::{FreshList, RefreshInput, SpaceFailure};
pub use resolver::{ChannelName, ChannelProcess, LookupError, ProjectName, Resolver, find_space};

use futures_util::future::{Either, select};

use crate::ports::{OctopusError, OctopusReader};
use refresh::Refresh;

/// Reads the triggers of the watched spaces and of the applied file, and resolves their sources. A trigger
/// that the previous list contains keeps the time since when it is watched.
///
/// # Errors
/// When a watched space cannot be seen, or Octopus as a whole cannot be read.
pub async fn read_watch_list<O: OctopusReader>(
    octopus: &O,
    input: RefreshInput<'_>,
) -> Result<FreshList, OctopusError> {
    let octopus = octopus.for_refresh();
    let mut refresh = Refresh::new(&input);
    refresh.run(&octopus).await?;
    Ok(refresh.into_list().unwrap_or_default())
}

/// As [`read_watch_list`], until the `deadline`. The list is `None` if nothing was read. It has a progress if the
/// deadline or the error ended the refresh early.
pub async fn read_watch_list_until<O: OctopusReader>(
    octopus: &O,
    input: RefreshInput<'_>,
    deadline: impl Future<Output = ()>,
) -> (Option<FreshList>, Option<OctopusError>) {
    let octopus = octopus.for_refresh();
    let mut refresh = Refresh::new(&input);
    let error = {
        let run = std::pin::pin!(refresh.run(&octopus));
        match select(run, std::pin::pin!(deadline)).await {
            Either::Left((read, _)) => read.err(),
            Either::Right(_) => None,
        }
    };
    (refresh.into_list(), error)
}
