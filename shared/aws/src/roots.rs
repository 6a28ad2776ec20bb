//! The certificate authorities that are trusted for calls to AWS.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Amazon Trust Services, the roots of the endpoints in public and GovCloud regions.
const AMAZON: [&str; 5] = [
    include_str!("../certs/Amazon_Root_CA_1.crt"),
    include_str!("../certs/Amazon_Root_CA_2.crt"),
    include_str!("../certs/Amazon_Root_CA_3.crt"),
    include_str!("../certs/Amazon_Root_CA_4.crt"),
    include_str!("../certs/Starfield_Services_Root_Certificate_Authority_-_G2.crt"),
];

/// Region prefixes of partitions with other roots: China, the isolated regions, the European Sovereign Cloud.
const OTHER_PARTITIONS: [&str; 4] = ["cn-", "us-iso", "eu-isoe-", "eusc-"];

/// The roots for a region. A custom endpoint may have any certificate, so it uses the system's list, as do the
/// other partitions.
pub(crate) fn trusted_roots(region: Option<&str>, endpoint: Option<&str>) -> RootCertStore {
    if needs_system_roots(region, endpoint) {
        return system_roots();
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(amazon());
    roots
}

/// The system's roots. If none can be read, each call fails with an unknown issuer.
pub(crate) fn system_roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    roots
}

fn amazon() -> impl Iterator<Item = CertificateDer<'static>> {
    let pem = AMAZON.iter().map(|pem| pem.as_bytes());
    pem.filter_map(|pem| CertificateDer::from_pem_slice(pem).ok())
}

fn needs_system_roots(region: Option<&str>, endpoint: Option<&str>) -> bool {
    let is_elsewhere = |region: &str| {
        OTHER_PARTITIONS
            .iter()
            .any(|prefix| region.starts_with(prefix))
    };
    region.is_some_and(is_elsewhere) || endpoint.is_some_and(|url| url.starts_with("https:"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_regions_trust_only_amazon_roots() {
        for region in ["eu-west-1", "us-gov-west-1", "ap-southeast-2"] {
            assert!(!needs_system_roots(Some(region), None), "{region}");
        }
        for region in [
            "cn-north-1",
            "us-iso-east-1",
            "us-isob-east-1",
            "eusc-de-east-1",
        ] {
            assert!(needs_system_roots(Some(region), None), "{region}");
        }
        assert!(needs_system_roots(
            Some("eu-west-1"),
            Some("https://vpce.example.com")
        ));
        assert!(!needs_system_roots(
            Some("eu-west-1"),
            Some("http://127.0.0.1:4566")
        ));
    }

    #[test]
    fn amazon_roots_are_valid_certificates() {
        assert_eq!(amazon().count(), AMAZON.len());
        assert_eq!(trusted_roots(Some("eu-west-1"), None).len(), AMAZON.len());
    }
}
