//! Resolves names and returns only addresses that may be reached.

use std::error::Error;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::reach::{Border, Reach};

/// A host whose address may not be reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{host} has the address {address}, {}", why(*.reach, *.address))]
pub struct Refused {
    /// The host in the URL.
    pub host: String,
    /// Its address.
    pub address: IpAddr,
    reach: Border,
}

fn why(border: Border, address: IpAddr) -> String {
    match border {
        Border::Public => {
            let bits = if address.is_ipv4() { 32 } else { 128 };
            format!(
                "which is not public, so it is not reached; if that is meant, allow it with \
                 --allow-network {address}/{bits} or the stack parameter AllowedNetworks"
            )
        }
        Border::Inside => {
            "which is in none of the networks that --allow-network or AllowedNetworks names, \
                           so requests that could be overheard are not sent to it; use https"
                .to_owned()
        }
        Border::Named => "which is the metadata address of a cloud; correct the address".to_owned(),
    }
}

/// A name resolver. The addresses have port 0, unless the resolver chooses the port for a URL without one.
pub trait Names: fmt::Debug + Send + Sync {
    /// Resolves a name.
    fn look_up(&self, name: &str) -> LookUp;
}

/// A pending look-up.
pub type LookUp = Pin<Box<dyn Future<Output = std::io::Result<Vec<SocketAddr>>> + Send>>;

/// The system's resolver.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemNames;

impl Names for SystemNames {
    fn look_up(&self, name: &str) -> LookUp {
        let name = name.to_owned();
        Box::pin(async move { Ok(tokio::net::lookup_host((name, 0)).await?.collect()) })
    }
}

/// The refusal that made a request fail, if there is one.
pub fn refusal<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a Refused> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(refused) = error.downcast_ref() {
            return Some(refused);
        }
        cause = error.source();
    }
    None
}

/// A resolver that removes addresses outside of a [`Reach`].
#[derive(Clone, Debug)]
pub(crate) struct GuardedResolver {
    pub(crate) names: Arc<dyn Names>,
    pub(crate) reach: Reach,
    /// The host names of proxies, which the user configured.
    pub(crate) proxies: Vec<String>,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let Self {
            names,
            reach,
            proxies,
        } = self.clone();
        Box::pin(async move {
            let addresses = names.look_up(name.as_str()).await?;
            let is_proxy = proxies.iter().any(|proxy| proxy == name.as_str());
            let reach = if is_proxy { Reach::Named } else { reach };
            let permitted = permitted(name.as_str(), addresses, &reach)?;
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// The addresses that may be reached; an error if there are addresses and none may be reached.
pub(crate) fn permitted(
    host: &str,
    addresses: Vec<SocketAddr>,
    reach: &Reach,
) -> Result<Vec<SocketAddr>, Refused> {
    let (permitted, refused): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| reach.permits(address.ip()));
    match refused.first() {
        Some(first) if permitted.is_empty() => Err(Refused {
            host: host.to_owned(),
            address: first.ip(),
            reach: reach.border(first.ip()),
        }),
        _ => Ok(permitted),
    }
}

/// Checks a URL whose host is an IP address, for which the resolver is not called.
pub(crate) fn check_literal(url: &Url, reach: &Reach) -> Result<(), Refused> {
    let Some(address) = literal(url) else {
        return Ok(());
    };
    if reach.permits(address) {
        return Ok(());
    }
    Err(Refused {
        host: url.host_str().unwrap_or_default().to_owned(),
        address,
        reach: reach.border(address),
    })
}

/// The IP address that is the host of a URL.
pub(crate) fn literal(url: &Url) -> Option<IpAddr> {
    match url.host()? {
        Host::Ipv4(address) => Some(address.into()),
        Host::Ipv6(address) => Some(address.into()),
        Host::Domain(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{Reach, Url, check_literal, permitted};

    fn addresses(texts: &[&str]) -> Vec<std::net::SocketAddr> {
        let address = |text: &&str| (text.parse::<std::net::IpAddr>().unwrap(), 0).into();
        texts.iter().map(address).collect()
    }

    fn public(allowed: &str) -> Reach {
        Reach::Public(allowed.parse().unwrap())
    }

    #[test]
    fn forbidden_addresses_of_name_are_removed() {
        let none = public("");
        let mixed = permitted("a", addresses(&["127.0.0.1", "8.8.8.8", "::1"]), &none).unwrap();
        assert_eq!(mixed, ["8.8.8.8:0".parse().unwrap()]);
        let error = permitted("intra", addresses(&["10.1.2.3", "::1"]), &none).unwrap_err();
        assert_eq!(
            error.to_string(),
            "intra has the address 10.1.2.3, which is not public, so it is not reached; if that is meant, \
             allow it with --allow-network 10.1.2.3/32 or the stack parameter AllowedNetworks"
        );
        assert_eq!(permitted("no-host", addresses(&[]), &none).unwrap(), []);
    }

    /// All spellings of a forbidden address in a URL.
    #[test]
    fn literal_address_is_checked_in_every_spelling() {
        let hostile = [
            "http://127.0.0.1/",
            "http://127.1/",
            "http://2130706433/",
            "http://0x7f000001/",
            "http://0177.0.0.1/",
            "http://0x7f.1/",
            "http://127.0.0.1:5000/v2/",
            "https://127.0.0.1./",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://[::ffff:7f00:1]/",
            "http://[0:0:0:0:0:0:0:1]/",
            "http://[::]/",
            "http://0/",
            "http://0.0.0.0/",
            "http://169.254.169.254/latest/",
            "http://2852039166/",
            "http://0xa9fea9fe/",
            "http://169.254.43518/",
            "http://[::ffff:169.254.169.254]/",
            "http://[64:ff9b::a9fe:a9fe]/",
            "http://[fd00:ec2::254]/",
            "http://100.100.100.200/",
            "http://10.0.0.1/",
            "http://172.16.0.1/",
            "http://192.168.0.1/",
            "http://[fe80::1]/",
            "http://[fc00::1]/",
            "http://[ff02::1]/",
            "http://224.0.0.1/",
            "http://255.255.255.255/",
            "http://[2002:7f00:1::]/",
            "http://user@127.0.0.1/",
            "http://%31%32%37.0.0.1/",
            "http://①②⑦.0.0.1/",
            "http://127。0。0。1/",
        ];
        for text in hostile {
            let url = Url::parse(text).unwrap();
            assert!(check_literal(&url, &public("")).is_err(), "{text} passed");
        }
        let loopback = public("127.0.0.0/8");
        assert!(check_literal(&Url::parse("http://127.1:80/").unwrap(), &loopback).is_ok());
        assert!(check_literal(&Url::parse("https://8.8.8.8/").unwrap(), &loopback).is_ok());
    }
}
