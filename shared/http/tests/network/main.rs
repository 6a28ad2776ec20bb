//! Networks of users: proxies, private certificate authorities and self-signed certificates. Over real connections
//! to a proxy and to servers with TLS.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

mod certificates;
mod names;
mod proxied;
mod proxy;
mod server;

use std::sync::Arc;

use http_client::{Certificates, Proxies, Surroundings};

use names::Addresses;

/// The surroundings with these names, PEM text and proxy.
fn surroundings(names: &Addresses, pem: Option<String>, proxies: Proxies) -> Surroundings {
    Surroundings {
        names: Arc::new(names.clone()),
        certificates: pem.map(|pem| Certificates::Text {
            origin: "the test's text".to_owned(),
            pem,
        }),
        proxies,
    }
}
