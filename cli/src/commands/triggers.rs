//! `feedctl triggers list`, `add`, `enable`, `disable` and `remove`.

mod add;
mod change;
mod list;
mod prompts;

pub(super) use add::add;
pub(super) use change::{disable, enable, remove};
pub(super) use list::list;
