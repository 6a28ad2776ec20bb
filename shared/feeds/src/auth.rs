//! How a registry is satisfied about who we are: challenges, token servers, tokens.
//!
//! `session` drives it: a 401 brings a [`challenge`]; a Bearer challenge names a token server, which
//! [`realm`] judges; [`token`] says what to ask it and reads what it gives, which [`tokens`] keeps; [`grant`] is the other form of asking, for
//! credentials that are tokens themselves; [`memory`] lasts from read to read.

pub(crate) mod challenge;
pub(crate) mod grant;
pub(crate) mod memory;
pub(crate) mod realm;
pub(crate) mod token;
pub(crate) mod tokens;
