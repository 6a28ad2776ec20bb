//! `feedctl feeds`: lists feeds, and checks one now.

mod check;
mod keep;
mod list;

pub(super) use check::check;
pub(super) use list::list;
