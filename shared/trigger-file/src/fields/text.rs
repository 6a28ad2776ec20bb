//! The shape of a text.

use crate::shape::Shape;

/// Any text. The crate that uses a range, pattern or template checks it.
pub(super) const TEXT: Shape = Shape::Text(None);
