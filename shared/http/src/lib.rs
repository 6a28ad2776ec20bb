//! The one HTTP client of this program: everything that goes out goes through it.
//!
//! Feed addresses come from Octopus's settings and from what registries answer, so they are not trusted.
//! [`OutboundClient`] reaches public addresses and those that the user has allowed ([`AllowedNetworks`]),
//! whether they come as a name, as a literal or as a redirect. A name is resolved once; every address is
//! judged and the connection is made to one that passed, so a second answer of the resolver is never used.
//! Redirects are followed at most five times, never from https to http, and an `Authorization` never
//! leaves the origin that it was meant for. Proxies in the environment are not used.
//!
//! Around it stand what every caller needs: [`read_capped`] for bodies, [`from_json`] for what is in them,
//! [`retry_after`] for pauses, [`rate_limit`] for quotas, [`shown`] for URLs in messages, [`Redactor`] for what
//! servers say, [`refusal`] to tell a refused address from a failed connection.
//! Nothing here knows registries or Octopus.

mod addresses;
mod body;
mod client;
mod json;
mod networks;
mod rate_limit;
mod reach;
mod redactor;
mod redirect;
mod resolver;
mod retry_after;
mod shown;
mod tls;

pub use body::{BodyError, read_capped};
pub use client::{
    ClientError, OutboundClient, Surroundings, USER_AGENT, check_named_server, named_server_client,
};
pub use json::{DEEPEST, LONGEST_TEXT, Outline, TooMuch, at_most, from_json};
pub use networks::{AllowedNetworks, NetworksError};
pub use rate_limit::{RateLimit, rate_limit};
pub use redactor::{HIDDEN, Redactor};
pub use redirect::{MAX_REDIRECTS, RedirectError};
pub use resolver::{LookUp, Names, Refused, SystemNames, refusal};
pub use retry_after::{LONGEST_PAUSE, retry_after, retry_after_in};
pub use shown::{same_origin, shown};
