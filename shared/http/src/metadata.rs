//! The addresses of clouds' metadata services, which issue credentials. No setting permits them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::addresses::effective;

/// Metadata addresses of Alibaba and Azure, which are outside of the link-local network.
const OUTSIDE_LINK_LOCAL: [Ipv4Addr; 2] = [
    Ipv4Addr::new(100, 100, 100, 200),
    Ipv4Addr::new(168, 63, 129, 16),
];

/// The unique local networks with the metadata addresses of AWS, Google and Oracle.
const UNIQUE_LOCAL: [[u16; 2]; 3] = [[0xfd00, 0xec2], [0xfd20, 0xce], [0xfd00, 0xc1]];

/// Whether the address is that of a metadata service, in any form.
pub(crate) fn is_metadata(address: IpAddr) -> bool {
    match effective(address) {
        IpAddr::V4(v4) => is_metadata_v4(v4),
        IpAddr::V6(v6) => {
            let is_unique_local = UNIQUE_LOCAL
                .iter()
                .any(|network| v6.segments().starts_with(network));
            v6.is_unicast_link_local()
                || is_unique_local
                || embedded_v4(v6).is_some_and(is_metadata_v4)
        }
    }
}

fn is_metadata_v4(address: Ipv4Addr) -> bool {
    address.is_link_local() || OUTSIDE_LINK_LOCAL.contains(&address)
}

/// The IPv4 address in a 6to4 (`2002:a.b.c.d::`) or IPv4-compatible (`::a.b.c.d`) address.
fn embedded_v4(address: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, ..] = address.octets();
    if [a, b] == [0x20, 0x02] {
        let [_, _, a, b, c, d, ..] = address.octets();
        return Some(Ipv4Addr::new(a, b, c, d));
    }
    let [.., a, b, c, d] = address.octets();
    let is_compatible = address.octets()[..12] == [0; 12];
    is_compatible.then(|| Ipv4Addr::new(a, b, c, d))
}
