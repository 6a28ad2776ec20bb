//! Headers of responses.

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Response};

/// Sets a header. A value that is invalid in a header is omitted; all values come from this crate.
pub(crate) fn put(response: &mut Response<Bytes>, name: HeaderName, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response.headers_mut().insert(name, value);
    }
}
