//! `feedctl triggers list` and `add`.

mod add;
mod list;
mod prompts;

pub(super) use add::add;
pub(super) use list::list;
