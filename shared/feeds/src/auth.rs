//! Authentication to registries.
//!
//! A 401 contains a [`challenge`]. A Bearer challenge names a token server; [`realm`] decides whether the
//! credential may be sent to it. [`token_request`] builds the request for a token and parses the answer.
//! [`token_cache`] keeps tokens until they expire. [`grant`] recognises credentials that are tokens
//! themselves. [`memory`] is what is kept between reads. `session` sends the requests.

pub(crate) mod challenge;
pub(crate) mod grant;
pub(crate) mod memory;
pub(crate) mod realm;
pub(crate) mod token_cache;
pub(crate) mod token_request;
