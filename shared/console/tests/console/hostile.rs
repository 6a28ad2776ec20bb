//! Hostile text.

/// A name that executes a script unless it is escaped.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script>\"'&<img src=x onerror=y>";
