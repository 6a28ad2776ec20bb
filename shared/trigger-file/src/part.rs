//! Options of the file on their own, for forms: the value of `window` or `require`, as YAML.

use domain::options::Requirements;
use domain::window::ReleaseWindow;

use crate::fault::FileErrors;
use crate::fields::{REQUIRE, WINDOW};
use crate::form::{self, Form, WriteError};
use crate::read;
use crate::shape::{Record, Shape};
use crate::tree::{self, Node};

/// Reads the value of `window`: `open: [{ days: [friday], from: "09:00" }]`.
///
/// # Errors
/// All errors of its form, each with its line and column. Values are checked by [`ReleaseWindow::check`].
pub fn read_window(text: &str) -> Result<ReleaseWindow, FileErrors> {
    part("window", text, &WINDOW, read::window)
}

/// Reads the value of `require`: `platforms: [linux/arm64]`.
///
/// # Errors
/// As [`read_window`]'s. Values are checked by [`Requirements::check`].
pub fn read_requirements(text: &str) -> Result<Requirements, FileErrors> {
    part("require", text, &REQUIRE, read::requirements)
}

/// Writes the value of `window`, which [`read_window`] reads.
///
/// # Errors
/// As [`crate::write`]'s.
pub fn write_window(window: &ReleaseWindow) -> Result<String, WriteError> {
    form::yaml(&form::window(window))
}

/// Writes the value of `require`, which [`read_requirements`] reads.
///
/// # Errors
/// As [`crate::write`]'s.
pub fn write_requirements(require: &Requirements) -> Result<String, WriteError> {
    form::yaml(&Form::Fields(form::requirements(require)))
}

fn part<T>(
    name: &str,
    text: &str,
    record: &'static Record,
    read: impl FnOnce(&Node) -> T,
) -> Result<T, FileErrors> {
    let (tree, mut faults) = tree::parse(text).map_err(|faults| FileErrors::new(name, faults))?;
    Shape::Record(record).check(&tree, &mut faults);
    match faults.is_empty() {
        true => Ok(read(&tree)),
        false => Err(FileErrors::new(name, faults)),
    }
}
