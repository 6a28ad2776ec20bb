//! Networks that the user has allowed in addition to public addresses.

use std::net::IpAddr;
use std::str::FromStr;
use std::sync::Arc;

use ipnet::IpNet;

use crate::addresses::{effective, is_public};
use crate::metadata::is_metadata;

/// Networks that may be reached although they are not public: `--allow-network`, `AllowedNetworks`.
///
/// Written as a comma-separated list of CIDR blocks or single addresses, such as
/// `10.20.0.0/16, 127.0.0.1`. Empty by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AllowedNetworks(Arc<[IpNet]>);

/// A list that cannot be parsed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{entry}` is not a network; write it like 10.20.0.0/16 or 192.168.1.7")]
pub struct NetworksError {
    entry: String,
}

impl AllowedNetworks {
    /// No networks.
    pub fn none() -> Self {
        Self::default()
    }

    /// Whether the address is in one of the networks. The metadata addresses of clouds never are, even if a network
    /// contains them.
    pub fn contain(&self, address: IpAddr) -> bool {
        if is_metadata(address) {
            return false;
        }
        let effective = effective(address);
        self.0
            .iter()
            .any(|network| network.contains(&address) || network.contains(&effective))
    }

    /// Whether the address may be reached: it is public, or in one of the networks.
    pub fn permit(&self, address: IpAddr) -> bool {
        is_public(address) || self.contain(address)
    }
}

impl FromStr for AllowedNetworks {
    type Err = NetworksError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty())
            .map(network)
            .collect()
    }
}

impl FromIterator<IpNet> for AllowedNetworks {
    fn from_iter<I: IntoIterator<Item = IpNet>>(networks: I) -> Self {
        Self(networks.into_iter().collect())
    }
}

fn network(entry: &str) -> Result<IpNet, NetworksError> {
    entry
        .parse::<IpNet>()
        .or_else(|_| entry.parse::<IpAddr>().map(IpNet::from))
        .map_err(|_| NetworksError {
            entry: entry.to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::AllowedNetworks;

    #[test]
    fn list_contains_blocks_and_addresses() {
        let allowed: AllowedNetworks = " 10.20.0.0/16,127.0.0.1 , fd00::/8,".parse().unwrap();
        for (address, expected) in [
            ("10.20.3.4", true),
            ("10.21.0.1", false),
            ("127.0.0.1", true),
            ("127.0.0.2", false),
            ("::ffff:127.0.0.1", true),
            ("fd00:1::1", true),
            ("fd00:ec2::254", false),
            ("8.8.8.8", true),
        ] {
            assert_eq!(
                allowed.permit(address.parse().unwrap()),
                expected,
                "{address}"
            );
        }
        assert!(!allowed.contain("8.8.8.8".parse().unwrap()));
    }

    #[test]
    fn metadata_addresses_are_in_no_network() {
        let allowed: AllowedNetworks = "0.0.0.0/0, ::/0, 169.254.169.254, fd00::/8"
            .parse()
            .unwrap();
        for address in [
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "100.100.100.200",
            "168.63.129.16",
            "fd00:ec2::254",
            "fd00:ec2::23",
            "fd20:ce::254",
            "fd00:c1::a9fe:a9fe",
            "fe80::a9fe:a9fe",
            "::ffff:169.254.169.254",
            "::a9fe:a9fe",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
        ] {
            assert!(!allowed.permit(address.parse().unwrap()), "{address}");
        }
        for address in ["10.0.0.1", "fd12:3456::1", "192.168.1.1", "127.0.0.1"] {
            assert!(allowed.contain(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn invalid_entry_is_named_and_default_is_empty() {
        assert_eq!(
            "".parse::<AllowedNetworks>().unwrap(),
            AllowedNetworks::none()
        );
        let error = "10.0.0.0/8,intranet"
            .parse::<AllowedNetworks>()
            .unwrap_err();
        assert!(error.to_string().contains("`intranet`"), "{error}");
        assert!("10.0.0.0/33".parse::<AllowedNetworks>().is_err());
    }
}
