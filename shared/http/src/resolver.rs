//! Names become addresses here, and only those that may be reached leave again.

use std::error::Error;
use std::net::{IpAddr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use url::{Host, Url};

use crate::networks::AllowedNetworks;

/// A host whose addresses may not be reached from here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{host} has the address {address}, which is not public, so it is not reached; if that is meant, \
     allow it with --allow-network {address}/{bits} or the stack parameter AllowedNetworks",
    bits = if address.is_ipv4() { 32 } else { 128 }
)]
pub struct Refused {
    /// The host as the URL names it.
    pub host: String,
    /// The address that it has.
    pub address: IpAddr,
}

/// The refusal behind a failed request, if that is why it failed.
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

/// The system's resolver, behind the judgement of [`AllowedNetworks`].
#[derive(Debug)]
pub(crate) struct GuardedResolver {
    pub(crate) allowed: AllowedNetworks,
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let allowed = self.allowed.clone();
        Box::pin(async move {
            let addresses = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let permitted = permitted(name.as_str(), addresses, &allowed)?;
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}

/// The addresses that may be reached; an error if there are some and none may.
pub(crate) fn permitted(
    host: &str,
    addresses: impl Iterator<Item = SocketAddr>,
    allowed: &AllowedNetworks,
) -> Result<Vec<SocketAddr>, Refused> {
    let (permitted, refused): (Vec<_>, Vec<_>) =
        addresses.partition(|address| allowed.permit(address.ip()));
    match refused.first() {
        Some(first) if permitted.is_empty() => Err(Refused {
            host: host.to_owned(),
            address: first.ip(),
        }),
        _ => Ok(permitted),
    }
}

/// Judges a URL whose host is an address already, for which no resolver is ever asked.
pub(crate) fn check_literal(url: &Url, allowed: &AllowedNetworks) -> Result<(), Refused> {
    let address = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        Some(Host::Domain(_)) | None => return Ok(()),
    };
    if allowed.permit(address) {
        return Ok(());
    }
    Err(Refused {
        host: url.host_str().unwrap_or_default().to_owned(),
        address,
    })
}

#[cfg(test)]
mod tests {
    use super::{AllowedNetworks, Url, check_literal, permitted};

    fn addresses(texts: &[&str]) -> impl Iterator<Item = std::net::SocketAddr> {
        texts
            .iter()
            .map(|text| (text.parse::<std::net::IpAddr>().unwrap(), 0).into())
            .collect::<Vec<_>>()
            .into_iter()
    }

    #[test]
    fn only_permitted_addresses_of_a_name_are_used() {
        let none = AllowedNetworks::none();
        let mixed = permitted("a", addresses(&["127.0.0.1", "8.8.8.8", "::1"]), &none).unwrap();
        assert_eq!(mixed, ["8.8.8.8:0".parse().unwrap()]);
        let error = permitted("intra", addresses(&["10.1.2.3", "::1"]), &none).unwrap_err();
        assert_eq!(
            error.to_string(),
            "intra has the address 10.1.2.3, which is not public, so it is not reached; if that is meant, \
             allow it with --allow-network 10.1.2.3/32 or the stack parameter AllowedNetworks"
        );
        assert_eq!(permitted("nobody", addresses(&[]), &none).unwrap(), []);
    }

    /// Every way to write a forbidden address in a URL.
    #[test]
    fn literals_are_judged_in_every_spelling() {
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
            assert!(
                check_literal(&url, &AllowedNetworks::none()).is_err(),
                "{text} passed"
            );
        }
        let loopback: AllowedNetworks = "127.0.0.0/8".parse().unwrap();
        assert!(check_literal(&Url::parse("http://127.1:80/").unwrap(), &loopback).is_ok());
        assert!(check_literal(&Url::parse("https://8.8.8.8/").unwrap(), &loopback).is_ok());
    }
}
