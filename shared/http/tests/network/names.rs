//! A name resolver with fixed addresses.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr};

use http_client::{LookUp, Names};

/// The addresses of names. Other names do not exist.
#[derive(Clone, Debug)]
pub(crate) struct Addresses(HashMap<String, Vec<SocketAddr>>);

impl Addresses {
    pub(crate) fn new(names: &[(&str, &[&str])]) -> Self {
        let address = |text: &&str| (text.parse::<IpAddr>().unwrap(), 0).into();
        let entry = |(name, addresses): &(&str, &[&str])| {
            ((*name).to_owned(), addresses.iter().map(address).collect())
        };
        Self(names.iter().map(entry).collect())
    }
}

impl Names for Addresses {
    fn look_up(&self, name: &str) -> LookUp {
        let found = self.0.get(name).cloned();
        Box::pin(async move { found.ok_or_else(|| std::io::ErrorKind::NotFound.into()) })
    }
}
