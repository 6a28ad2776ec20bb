//! The line numbers of a filtered text in the original text.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::rc::Rc;

/// The number of segments that are kept. A parser reports an error close to the end of what it has read.
const MAX_SEGMENTS: usize = 4_096;

/// Where segments of the filtered text start in the original one. Clones share their content.
#[derive(Clone, Default)]
pub(super) struct Lines(Rc<RefCell<VecDeque<Segment>>>);

/// A number of adjacent lines. Line numbers start at 1.
#[derive(Clone, Copy)]
struct Segment {
    filtered: usize,
    original: usize,
}

impl Lines {
    /// Records that the filtered line has this number in the original.
    pub(super) fn record(&self, filtered: usize, original: usize) {
        let mut segments = self.0.borrow_mut();
        let is_adjacent = segments.back().is_some_and(|last| {
            filtered >= last.filtered && filtered - last.filtered + last.original == original
        });
        if is_adjacent {
            return;
        }
        if segments.len() == MAX_SEGMENTS {
            segments.pop_front();
        }
        segments.push_back(Segment { filtered, original });
    }

    /// The number of a filtered line in the original; `None` if it is not known any more.
    pub(super) fn original(&self, filtered: usize) -> Option<usize> {
        let segments = self.0.borrow();
        if segments.is_empty() {
            return Some(filtered);
        }
        let mut segments = segments.iter().rev();
        let segment = segments.find(|segment| segment.filtered <= filtered)?;
        Some(filtered - segment.filtered + segment.original)
    }
}
