//! The decoded watch list, kept by the name of its body, so that a process reads only the head row of an unchanged list.
//!
//! A body never changes under its name, which contains its hash. The cache therefore needs no expiry and affects no
//! result.

use std::sync::{Arc, Mutex, PoisonError};

use wire::rows::watch_list::WatchListBody;

use crate::body::BodyName;

/// The last decoded body. Clones share it.
#[derive(Clone, Debug, Default)]
pub struct ListCache {
    last: Arc<Mutex<Option<(BodyName, WatchListBody)>>>,
}

impl ListCache {
    /// The body of this name, if it was the last one.
    pub(crate) fn get(&self, name: &BodyName) -> Option<WatchListBody> {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, body) = last.as_ref().filter(|(last, _)| last == name)?;
        Some(body.clone())
    }

    /// Replaces the last body.
    pub(crate) fn set(&self, name: BodyName, body: WatchListBody) {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        *last = Some((name, body));
    }
}
