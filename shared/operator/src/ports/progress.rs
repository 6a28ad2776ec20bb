//! Progress of a long operation.

/// Receives the progress of an operation. Steps are added when they become known, so the number of remaining steps
/// may grow.
pub trait Progress {
    /// Adds steps.
    fn ahead(&self, steps: usize);

    /// Completes one step.
    fn step(&self);
}

/// Ignores the progress.
impl Progress for () {
    fn ahead(&self, _: usize) {}

    fn step(&self) {}
}
