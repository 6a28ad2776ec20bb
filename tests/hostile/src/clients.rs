//! The HTTP clients as shipped, except that loopback addresses are allowed.

use feeds::OutboundClient;

/// Created once and shared by many cases, because creating a client takes longer than most cases.
pub struct Clients {
    /// To feeds.
    pub feeds: OutboundClient,
    /// To the Octopus Server.
    pub octopus: reqwest::Client,
}

impl Clients {
    /// Both.
    pub fn new() -> Self {
        Self {
            feeds: OutboundClient::new("127.0.0.0/8".parse().unwrap()).unwrap(),
            octopus: http_client::named_server_client().unwrap(),
        }
    }
}

impl Default for Clients {
    fn default() -> Self {
        Self::new()
    }
}
