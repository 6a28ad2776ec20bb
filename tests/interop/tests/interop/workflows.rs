//! The workflows are valid for GitHub: their syntax, expressions, and the inputs of actions.

use crate::programs::{ACTIONLINT, output};

#[test]
#[ignore = "needs the programs of `cargo xtask interop`"]
fn workflows_pass_actionlint() {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
    let folder = format!("{root}/.github/workflows");
    let mut files = Vec::new();
    for entry in std::fs::read_dir(&folder).unwrap() {
        files.push(entry.unwrap().path());
    }
    assert!(files.len() >= 4, "{files:?}");
    let mut lint = ACTIONLINT.command();
    // It would use programs that this machine may have.
    lint.args(["-no-color", "-shellcheck", "", "-pyflakes", ""]);
    let printed = output(lint.args(files));
    assert_eq!(printed, "");
}
