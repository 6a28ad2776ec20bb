//! Responses, and the headers that every one of them has.

use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, LOCATION, REFERRER_POLICY,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use http::{HeaderName, HeaderValue, Response, StatusCode};

use crate::guard::Refusal;
use crate::layout::bare;

/// What the browser may do with a page: nothing but show it with the console's own style and script.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

pub(super) fn refused(refusal: Refusal) -> Response<Bytes> {
    let (status, title, text) = match refusal {
        Refusal::OtherHost => {
            return plain(
                StatusCode::MISDIRECTED_REQUEST,
                "This console answers at the address that it was started with, and at no other name.",
            );
        }
        Refusal::Unknown => (
            StatusCode::UNAUTHORIZED,
            "This browser is not known here",
            "Open the address that `feedctl console` printed when it was started. It holds a key, which is a \
             new one each time.",
        ),
        Refusal::ForeignForm => (
            StatusCode::FORBIDDEN,
            "Nothing was done",
            "The form does not come from one of this console's pages, or the page is older than the console. \
             Go back, load the page anew and try again.",
        ),
        Refusal::NoPass => (
            StatusCode::SERVICE_UNAVAILABLE,
            "The console cannot be used now",
            "The system gave it no random numbers to know this browser by. Try again.",
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

/// The headers that every answer has. A stricter referrer policy would have browsers hide where forms come
/// from, even from us. Pages are never kept: they hold what is so now.
pub(super) fn secure(response: &mut Response<Bytes>) {
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

/// Every value is one that this crate made; one that could not stand in a header is left out.
pub(crate) fn put(response: &mut Response<Bytes>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
