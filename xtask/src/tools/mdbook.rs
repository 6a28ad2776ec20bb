//! mdBook, which makes the book of `docs`.

use std::path::PathBuf;

use super::installed::installed;
use crate::workspace::Workspace;

const VERSION: &str = "0.5.4";

/// The program, with search and without what serves and watches, which is most of its dependencies.
pub(crate) fn mdbook(workspace: &Workspace) -> anyhow::Result<PathBuf> {
    let features = ["--no-default-features", "--features", "search"];
    installed(workspace, "mdbook", VERSION, &features)
}
