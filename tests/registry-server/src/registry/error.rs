//! Errors in the protocol's form.

use hyper::StatusCode;
use serde_json::json;

use crate::exchange::Answer;

/// An error in the protocol's form.
pub(super) fn error(status: StatusCode, code: &str, message: &str) -> Answer {
    let body = json!({ "errors": [{ "code": code, "message": message, "detail": null }] });
    Answer::json(&body).status(status)
}
