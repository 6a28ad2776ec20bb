//! Somebody who waits for something that takes long.

/// Is told how far a thing is. Steps that become known on the way are added as they do, so what is left may
/// grow.
pub trait Progress {
    /// So many more steps lie ahead.
    fn ahead(&self, steps: usize);

    /// One of them is done.
    fn step(&self);
}

/// Nobody waits.
impl Progress for () {
    fn ahead(&self, _: usize) {}

    fn step(&self) {}
}
