//! The shape of a text.

use crate::shape::Shape;

/// Any text. The crate that uses a range, pattern or template checks it.
pub(super) const TEXT: Shape = Shape::Text(None);

/// A platform, as `os/architecture` or `os/architecture/variant`.
pub(super) const PLATFORM: Shape = Shape::Text(Some((
    "^[a-z0-9]+/[a-z0-9_]+(/[a-z0-9.]+)?$",
    "a platform like linux/arm64",
)));
