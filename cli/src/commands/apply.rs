//! `feedctl apply` and `diff`: compares a trigger file with the applied one, and applies it.

use domain::definition::Definitions;
use engine::ports::{AppliedFile, SaveError, TriggerFiles};
use store::{Store, Table};
use trigger_file::Difference;

use super::source::checked;
use crate::args::{Apply, FileSource, Server};
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;

/// Applies the file, replacing the previous one.
pub(super) async fn apply(
    server: &Server,
    options: &Apply,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let Some(file) = checked(&reach, &options.source, output).await? else {
        return Ok(Exit::Failed);
    };
    let store = if options.dry_run {
        reach.known_state()?.map(Store::new)
    } else {
        Some(Store::new(reach.state().await?))
    };
    let before = applied(store.as_ref()).await?;
    let difference = difference(before.as_ref(), &file.definitions);
    let store = store.filter(|_| !options.dry_run && !difference.is_empty());
    if let Some(store) = &store {
        let revision = before.map(|before| before.revision);
        store
            .apply_trigger_file(&file.definitions, revision)
            .await
            .map_err(save_error)?;
    }
    output.difference(&difference, Some(store.is_some()))?;
    Ok(Exit::Done)
}

/// Prints what applying the file would change.
pub(super) async fn diff(
    server: &Server,
    source: &FileSource,
    output: &Output,
) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let Some(file) = checked(&reach, source, output).await? else {
        return Ok(Exit::Failed);
    };
    let store = reach.known_state()?.map(Store::new);
    let before = applied(store.as_ref()).await?;
    let difference = difference(before.as_ref(), &file.definitions);
    output.difference(&difference, None)?;
    Ok(if difference.is_empty() {
        Exit::Done
    } else {
        Exit::Different
    })
}

/// The applied file; `None` without a store or an applied file.
async fn applied<T: Table>(store: Option<&Store<T>>) -> anyhow::Result<Option<AppliedFile>> {
    match store {
        Some(store) => Ok(store.trigger_file().await?),
        None => Ok(None),
    }
}

fn difference(before: Option<&AppliedFile>, after: &Definitions) -> Difference {
    let nothing = Definitions::default();
    let before = before.map_or(&nothing, |file| &file.definitions);
    Difference::between(before, after)
}

fn save_error(error: SaveError) -> anyhow::Error {
    match error {
        SaveError::Conflict(_) => anyhow::Error::from(error).context(
            "cannot apply the file: another file was applied meanwhile; compare with `feedctl diff`, then apply again",
        ),
        other => other.into(),
    }
}
