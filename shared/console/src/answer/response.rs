//! Responses and their common headers.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, Response, StatusCode};

use crate::guard::Refusal;
use crate::header::put;
use crate::layout::bare;

/// Pages load only the console's own style, script and icon, and cannot be framed.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

pub(super) fn refused(refusal: Refusal) -> Response<Bytes> {
    let (status, title, text) = match refusal {
        Refusal::WrongHost => {
            return plain(
                StatusCode::MISDIRECTED_REQUEST,
                "The console answers only requests for the address that it was started with.",
            );
        }
        Refusal::Unauthenticated => (
            StatusCode::UNAUTHORIZED,
            "Sign in to the console",
            "Open the address that `feedctl console` printed at its start. It contains a key, which is new at \
             each start. If the browser asks for a password, enter the key.",
        ),
        Refusal::ForeignForm => (
            StatusCode::FORBIDDEN,
            "No action taken",
            "The form does not come from a page of this console, or the console was restarted since. Go back, \
             reload the page and try again.",
        ),
        Refusal::NoRandomNumbers => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The console is unavailable",
            "The operating system returned no random numbers, which protect the console's forms. Try again.",
        ),
    };
    html(status, bare(title, text))
}

pub(super) fn plain(status: StatusCode, text: &'static str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from_static(text.as_bytes()));
    *response.status_mut() = status;
    put(&mut response, CONTENT_TYPE, "text/plain; charset=utf-8");
    response
}

pub(super) fn html(status: StatusCode, text: String) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(text));
    *response.status_mut() = status;
    put(&mut response, CONTENT_TYPE, "text/html; charset=utf-8");
    response
}

pub(super) fn see_other(place: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::SEE_OTHER;
    put(&mut response, LOCATION, place);
    response
}

/// Sets the headers of every response. A stricter referrer policy would remove the `Origin` of the console's own
/// forms. Pages are not cached, as they show the current state.
pub(super) fn set_security_headers(response: &mut Response<Bytes>) {
    put(response, CONTENT_SECURITY_POLICY, POLICY);
    put(response, X_CONTENT_TYPE_OPTIONS, "nosniff");
    put(response, X_FRAME_OPTIONS, "DENY");
    put(response, REFERRER_POLICY, "same-origin");
    for (name, value) in [
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        (
            "permissions-policy",
            "camera=(), geolocation=(), microphone=()",
        ),
    ] {
        put(response, HeaderName::from_static(name), value);
    }
    if !response.headers().contains_key(CACHE_CONTROL) {
        put(response, CACHE_CONTROL, "no-store");
    }
}
