//! The addresses that a client may connect to.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::addresses::effective;
use crate::networks::AllowedNetworks;
use crate::resolver::Border;

/// The addresses that a client may connect to.
#[derive(Clone, Debug)]
pub(crate) enum Reach {
    /// Public addresses and the networks that the user allowed.
    Public(AllowedNetworks),
    /// Only the networks that the user allowed: for requests that could be overheard.
    Inside(AllowedNetworks),
    /// All addresses except the metadata addresses of clouds: for a server that the user configured.
    Named,
}

/// The metadata addresses of Alibaba and of Azure, which are in ranges of other addresses.
const ELSEWHERE: [Ipv4Addr; 2] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
];

/// The unique local network with AWS's metadata address.
const AWS: [u16; 2] = [0xfd00, 0xec2];

impl Reach {
    /// Whether a client may connect to this address.
    pub(crate) fn permits(&self, address: IpAddr) -> bool {
        match self {
            Self::Public(allowed) => allowed.permit(address),
            Self::Inside(allowed) => allowed.contain(address),
            Self::Named => !holds_metadata(effective(address)),
        }
    }

    pub(crate) fn border(&self) -> Border {
        match self {
            Self::Public(_) => Border::Public,
            Self::Inside(_) => Border::Inside,
            Self::Named => Border::Named,
        }
    }
}

fn holds_metadata(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => v4.is_link_local() || ELSEWHERE.contains(&v4),
        IpAddr::V6(v6) => v6.is_unicast_link_local() || is_aws(v6),
    }
}

fn is_aws(address: Ipv6Addr) -> bool {
    address.segments().starts_with(&AWS)
}
