//! Errors of calls without an answer, or with an answer that cannot be used.

use domain::time::Span;
use engine::ports::{OctopusError, OctopusErrorKind};
use http_client::{BodyError, certificate_problem};

use crate::address::Address;
use crate::call::Call;
use crate::http::NoAnswer;

type Source = Box<dyn std::error::Error + Send + Sync>;

pub(crate) fn error(kind: OctopusErrorKind, message: String) -> OctopusError {
    OctopusError {
        message,
        kind,
        source: None,
    }
}

/// The HTTP client cannot be set up.
pub(crate) fn no_client(source: http_client::ClientError) -> OctopusError {
    let message = "cannot set up the HTTP client for Octopus".to_owned();
    caused(OctopusErrorKind::Invalid, message, source)
}

/// A request that was not sent because the server's `Retry-After` has not passed.
pub(crate) fn throttled(server: &Address, call: &Call, wait: std::time::Duration) -> OctopusError {
    let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
    let pause = Span::from_millis(millis);
    error(
        OctopusErrorKind::Throttled(Some(pause)),
        format!(
            "cannot {}: {server} throttles the API key's user for {pause}; no request sent",
            call.action
        ),
    )
}

/// A read without an answer. Reads change nothing, so the kind is never [`OctopusErrorKind::Unknown`].
pub(crate) fn of_read(server: &Address, call: &Call, failed: NoAnswer) -> OctopusError {
    match failed {
        NoAnswer::NotSent(error) => error,
        NoAnswer::NotConnected(source) => not_connected(server, call, source),
        NoAnswer::Interrupted(source) | NoAnswer::Body(BodyError::Broken { source, .. }) => caused(
            OctopusErrorKind::Unavailable,
            interrupted(server, call, &source),
            source,
        ),
        NoAnswer::Body(source @ BodyError::TooLong { .. }) => {
            let message = format!(
                "cannot {}: the answer of {server} exceeds the size limit",
                call.action
            );
            caused(OctopusErrorKind::Malformed, message, source)
        }
    }
}

/// A write without an answer. Once the request was sent, the outcome is unknown; `remedy` is the caller's next
/// step.
pub(crate) fn of_write(
    server: &Address,
    call: &Call,
    failed: NoAnswer,
    remedy: &str,
) -> OctopusError {
    let (message, source): (_, Source) = match failed {
        NoAnswer::NotSent(error) => return error,
        NoAnswer::NotConnected(source) => return not_connected(server, call, source),
        NoAnswer::Interrupted(source) => (interrupted(server, call, &source), source.into()),
        NoAnswer::Body(source) => (
            format!(
                "cannot {}: the answer of {server} is incomplete",
                call.action
            ),
            source.into(),
        ),
    };
    let message = format!("{message}; {remedy}");
    caused(OctopusErrorKind::Unknown, message, source)
}

fn not_connected(server: &Address, call: &Call, source: reqwest::Error) -> OctopusError {
    let action = &call.action;
    let message = match certificate_problem(&source) {
        Some(problem) => format!("cannot {action}: {server} {problem}"),
        None => format!(
            "cannot {action}: no connection to {server}; check the address and the network between here and there"
        ),
    };
    caused(OctopusErrorKind::Unavailable, message, source)
}

fn interrupted(server: &Address, call: &Call, source: &reqwest::Error) -> String {
    let action = &call.action;
    if source.is_timeout() {
        let seconds = call.timeout.as_secs_f32();
        format!("cannot {action}: {server} did not answer within {seconds} s")
    } else {
        format!("cannot {action}: {server} closed the connection")
    }
}

/// An answer that is not a document of Octopus.
pub(crate) fn malformed(
    server: &Address,
    call: &Call,
    what: &str,
    source: impl Into<Source>,
) -> OctopusError {
    let message = format!(
        "cannot {}: the answer of {server} is {what}; check that this is the address of an Octopus Server",
        call.action
    );
    caused(OctopusErrorKind::Malformed, message, source)
}

/// A redirect to another server, which must not receive the key.
pub(crate) fn redirects_elsewhere(server: &Address, call: &Call, elsewhere: &str) -> OctopusError {
    error(
        OctopusErrorKind::Invalid,
        format!(
            "cannot {}: {server} redirects to {elsewhere}, and the API key is sent to no other server; if that \
             is your Octopus Server, set OCTOPUS_URL to it",
            call.action
        ),
    )
}

pub(crate) fn redirect_loop(server: &Address, call: &Call) -> OctopusError {
    let message = format!(
        "cannot {}: {server} redirects in a loop; check the address",
        call.action
    );
    error(OctopusErrorKind::Malformed, message)
}

/// A key that is empty or cannot be sent in a header.
pub(crate) fn unusable_key(server: &Address, call: &Call) -> OctopusError {
    error(
        OctopusErrorKind::Unauthorized,
        format!(
            "cannot {}: the API key for {server} is empty or contains invalid characters; set OCTOPUS_API_KEY \
             or the secret to a valid key",
            call.action
        ),
    )
}

fn caused(kind: OctopusErrorKind, message: String, source: impl Into<Source>) -> OctopusError {
    OctopusError {
        message,
        kind,
        source: Some(source.into()),
    }
}
