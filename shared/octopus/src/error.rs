//! Errors of calls that got no answer, or none that can be used.

use engine::ports::{OctopusError, OctopusErrorKind};
use http_client::BodyError;

use crate::address::Address;
use crate::client::Call;
use crate::http::Lost;

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
    let message = "no connection to Octopus can be made from here".to_owned();
    caused(OctopusErrorKind::Invalid, message, source)
}

/// A read that got no answer. Reading changes nothing, so it is never [`OctopusErrorKind::Unknown`].
pub(crate) fn of_read(server: &Address, call: &Call, lost: Lost) -> OctopusError {
    let doing = &call.doing;
    match lost {
        Lost::Unready(error) => error,
        Lost::NotConnected(source) => not_connected(server, call, source),
        Lost::NoAnswer(source) => caused(
            OctopusErrorKind::Unavailable,
            no_answer(server, call, &source),
            source,
        ),
        Lost::NotRead(BodyError::Broken { source, .. }) => caused(
            OctopusErrorKind::Unavailable,
            no_answer(server, call, &source),
            source,
        ),
        Lost::NotRead(source @ BodyError::TooLong { .. }) => {
            let message = format!("{server} answered more than can be read when {doing}");
            caused(OctopusErrorKind::Malformed, message, source)
        }
    }
}

/// A request to create or change that got no answer. Once it was sent, what became of it is unknown;
/// `suspect` says what that means.
pub(crate) fn of_write(server: &Address, call: &Call, lost: Lost, suspect: &str) -> OctopusError {
    let (message, source): (_, Source) = match lost {
        Lost::Unready(error) => return error,
        Lost::NotConnected(source) => return not_connected(server, call, source),
        Lost::NoAnswer(source) => (no_answer(server, call, &source), source.into()),
        Lost::NotRead(source) => (
            format!("{server} did not answer to the end when {}", call.doing),
            source.into(),
        ),
    };
    let message = format!("{message}; {suspect}");
    caused(OctopusErrorKind::Unknown, message, source)
}

fn not_connected(server: &Address, call: &Call, source: reqwest::Error) -> OctopusError {
    let message = format!(
        "{server} could not be reached when {}; check the address, and that it can be reached from here",
        call.doing
    );
    caused(OctopusErrorKind::Unavailable, message, source)
}

fn no_answer(server: &Address, call: &Call, source: &reqwest::Error) -> String {
    if source.is_timeout() {
        let seconds = call.timeout.as_secs_f32();
        format!(
            "{server} did not answer within {seconds} s when {}",
            call.doing
        )
    } else {
        format!("{server} broke off when {}", call.doing)
    }
}

/// An answer that is not what Octopus answers.
pub(crate) fn malformed(
    server: &Address,
    call: &Call,
    what: &str,
    source: impl Into<Source>,
) -> OctopusError {
    let message = format!(
        "{server} answered with something that is {what} when {}; check that this is an Octopus Server's \
         address",
        call.doing
    );
    caused(OctopusErrorKind::Malformed, message, source)
}

/// A redirect to another server, which would have to be given the key.
pub(crate) fn leads_elsewhere(server: &Address, call: &Call, elsewhere: &str) -> OctopusError {
    error(
        OctopusErrorKind::Invalid,
        format!(
            "{server} redirects to {elsewhere} when {}; if that is your Octopus Server, set OCTOPUS_URL to \
             it, for the API key is sent nowhere else",
            call.doing
        ),
    )
}

/// Redirects without end.
pub(crate) fn circles(server: &Address, call: &Call) -> OctopusError {
    let message = format!(
        "{server} redirects in circles when {}; check the address",
        call.doing
    );
    error(OctopusErrorKind::Malformed, message)
}

/// A key that no server would take.
pub(crate) fn unusable_key(server: &Address, call: &Call) -> OctopusError {
    error(
        OctopusErrorKind::Unauthorized,
        format!(
            "the API key for {server} is empty or holds characters that no key has, so {} was not tried; \
             set OCTOPUS_API_KEY or the secret to a valid key",
            call.doing
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
