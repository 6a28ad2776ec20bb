//! The clients by which this program goes out, each as it is shipped but for loopback, which is allowed.

use feeds::OutboundClient;

/// Made once and used by many cases: to make one takes longer than most cases.
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
