//! The costs of two programs for feeds of one size.

/// The cost of the checks of one program for one size.
pub(crate) struct Cost {
    /// CPU time in milliseconds: of the process with its first check, and of a check of an unchanged feed.
    pub(crate) cpu: [f64; 2],
    /// Elapsed time in milliseconds, of the same.
    pub(crate) wall: [f64; 2],
    pub(crate) requests: [f64; 2],
    /// Peak of memory, in MiB.
    pub(crate) peak: f64,
}

/// The costs for one size: of this program, and of its peer.
pub(crate) struct Pair {
    /// `tags` or `index`.
    pub(crate) kind: String,
    /// The number of tags, or megabytes.
    pub(crate) size: f64,
    pub(crate) ours: Cost,
    pub(crate) theirs: Cost,
}
