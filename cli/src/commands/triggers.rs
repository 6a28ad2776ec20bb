//! `feedctl triggers`: which there are, and one more.

mod add;
mod ask;
mod list;

pub(super) use add::add;
pub(super) use list::list;
