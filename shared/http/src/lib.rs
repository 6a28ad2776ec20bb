//! The HTTP client for servers whose addresses are not trusted.
//!
//! Feed addresses come from Octopus's settings and from the answers of registries, so they are not trusted.
//! [`OutboundClient`] connects to public addresses and to networks that the user has allowed
//! ([`AllowedNetworks`]), for host names, IP addresses and redirects. A name is resolved once and all its addresses
//! are checked; the connection is made to a checked address, so a later answer of the resolver is never used.
//! At most five redirects are followed, never from https to http, and an `Authorization` is never sent to another
//! origin.
//!
//! The proxies of the environment ([`Proxies`]) are used for all requests except those in plain http to allowed
//! networks. A proxy resolves names itself, so a name is resolved and checked here before a proxy is asked for it.
//!
//! The crate also has what every caller needs: [`read_capped`] for bodies, [`from_json`] for JSON,
//! [`retry_after`] for pauses, [`rate_limit`] for quotas, [`shown`] for URLs in messages, [`Redactor`] for secrets
//! that servers echo, [`refusal`] to distinguish a refused address from a failed connection.
//! The crate has no code about registries or Octopus.

mod addresses;
mod approval;
mod body;
mod certificates;
mod client;
mod client_error;
mod json;
mod metadata;
mod named_certificate;
mod networks;
mod proxies;
mod rate_limit;
mod reach;
mod redactor;
mod redirect;
mod resolver;
mod retry_after;
mod shown;
mod surroundings;
mod tls;

pub use approval::NotApproved;
pub use body::{BodyError, read_capped};
pub use certificates::Certificates;
pub use client::{OutboundClient, check_named_server};
pub use client_error::ClientError;
pub use json::{
    DEEPEST, FromScalar, LONGEST_TEXT, Outline, Scalar, TooMuch, at_most, from_json, lenient,
    lenient_object,
};
pub use networks::{AllowedNetworks, NetworksError};
pub use proxies::Proxies;
pub use rate_limit::{RateLimit, rate_limit};
pub use redactor::{HIDDEN, Redactor};
pub use redirect::{MAX_REDIRECTS, RedirectError};
pub use resolver::{LookUp, Names, Refused, SystemNames, refusal};
pub use retry_after::{LONGEST_PAUSE, retry_after, retry_after_in};
pub use shown::{same_origin, shown};
pub use surroundings::{Surroundings, USER_AGENT, named_server_client};
pub use tls::certificate_problem;
