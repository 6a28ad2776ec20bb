//! The addresses that a client may connect to.

use std::net::IpAddr;

use crate::metadata::is_metadata;
use crate::networks::AllowedNetworks;

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

impl Reach {
    /// Whether a client may connect to this address.
    pub(crate) fn permits(&self, address: IpAddr) -> bool {
        match self {
            Self::Public(allowed) => allowed.permit(address),
            Self::Inside(allowed) => allowed.contain(address),
            Self::Named => !is_metadata(address),
        }
    }

    /// The reason why `address` is refused.
    pub(crate) fn border(&self, address: IpAddr) -> Border {
        match self {
            _ if is_metadata(address) => Border::Named,
            Self::Public(_) => Border::Public,
            Self::Inside(_) => Border::Inside,
            Self::Named => Border::Named,
        }
    }
}

/// The reason of a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Border {
    Public,
    Inside,
    Named,
}
