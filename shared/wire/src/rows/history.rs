//! One evaluation in a trigger's history, compressed.

use domain::history::Evaluation;

use super::{inflate, read, write_compressed};
use crate::WireError;
use crate::data::{Cut, EvaluationData};

const WHAT: &str = "the history row";

/// Writes the row in at most `limit` bytes. As in a message, candidates are cut first and counts stay.
///
/// # Errors
/// [`WireError::TooLarge`] if it does not fit even so.
pub fn encode(evaluation: &Evaluation, limit: usize) -> Result<Vec<u8>, WireError> {
    Cut::until_it_fits(WHAT, limit, |cut| {
        write_compressed(WHAT, EvaluationData::new(evaluation, cut))
    })
}

/// Reads the row.
///
/// # Errors
/// As for every row, and [`WireError::Compression`].
pub fn decode(bytes: &[u8]) -> Result<Evaluation, WireError> {
    let data: EvaluationData = read(WHAT, &inflate(WHAT, bytes)?)?;
    Ok(data.into())
}
