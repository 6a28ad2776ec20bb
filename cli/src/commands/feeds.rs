//! `feedctl feeds`: how each feed is read, how its last check ended, and what it holds now.

mod check;
mod list;

pub(super) use check::check;
pub(super) use list::list;
