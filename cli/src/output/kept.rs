//! The result of `feeds check --keep`.

use std::io;

use domain::feed::Feed;
use domain::history::Evaluation;
use serde_json::json;

use super::evaluation::evaluation_json;
use super::{Output, count, print};
use crate::args::OutputFormat;

/// A check whose result is stored.
#[derive(Debug)]
pub struct KeptCheck {
    /// The feed's id.
    pub feed_id: String,
    /// The feed's name.
    pub feed_name: String,
    /// The number of packages that were read; 0 if a stack was requested to read them.
    pub checked: usize,
    /// The evaluations that followed.
    pub evaluations: Vec<Evaluation>,
    /// Packages and steps that failed.
    pub errors: Vec<String>,
    /// Whether another process evaluates the triggers.
    pub is_left_to_run: bool,
}

impl KeptCheck {
    /// A check that was requested and has no result yet.
    pub fn requested(feed: &Feed) -> Self {
        Self {
            feed_id: feed.id.to_string(),
            feed_name: feed.name.clone(),
            checked: 0,
            evaluations: Vec::new(),
            errors: Vec::new(),
            is_left_to_run: false,
        }
    }
}

impl Output {
    /// The result of `feeds check --keep`.
    ///
    /// # Errors
    /// When standard output cannot be written.
    pub fn kept_check(&self, kept: &KeptCheck) -> io::Result<()> {
        if self.format == OutputFormat::Json {
            let evaluations = kept.evaluations.iter().map(evaluation_json);
            return print(format_args!(
                "{:#}",
                json!({
                    "FeedId": kept.feed_id,
                    "FeedName": kept.feed_name,
                    "PackagesRead": kept.checked,
                    "Evaluations": evaluations.collect::<Vec<_>>(),
                    "Errors": kept.errors,
                    "EvaluatedByRun": kept.is_left_to_run,
                })
            ));
        }
        self.evaluations(&kept.evaluations)?;
        for error in &kept.errors {
            print(error)?;
        }
        let name = &kept.feed_name;
        let packages = count(kept.checked, "package");
        if kept.is_left_to_run {
            return print(format_args!(
                "{name}: stored {packages}; `feedctl run` evaluates the triggers of changed packages within a minute"
            ));
        }
        if kept.checked == 0 && kept.errors.is_empty() {
            return print(format_args!(
                "{name}: check requested; `feedctl feeds list` shows its result"
            ));
        }
        let evaluations = count(kept.evaluations.len(), "evaluation");
        print(format_args!("{name}: stored {packages}, {evaluations}"))
    }
}
