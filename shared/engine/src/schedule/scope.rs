//! The scope of a scheduler run, and the interval of evaluations.

use domain::time::Span;

/// Every trigger is evaluated at least this often, whether or not a change was published.
pub const EVALUATE_EVERY: Span = Span::from_hours(1);

/// The scope of a scheduler run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunScope {
    /// Feeds and triggers that are due.
    Due,
    /// All feeds and triggers, after a refresh of the watch list.
    Everything,
}
