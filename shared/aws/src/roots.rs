//! Which certificate authorities are trusted for calls to AWS.

use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

/// Amazon Trust Services, whose roots stand behind the endpoints of the public and GovCloud regions.
const AMAZON: [&str; 5] = [
    include_str!("../certs/Amazon_Root_CA_1.crt"),
    include_str!("../certs/Amazon_Root_CA_2.crt"),
    include_str!("../certs/Amazon_Root_CA_3.crt"),
    include_str!("../certs/Amazon_Root_CA_4.crt"),
    include_str!("../certs/Starfield_Services_Root_Certificate_Authority_-_G2.crt"),
];

/// Regions of the partitions that have other roots: China, the isolated ones, the European Sovereign
/// Cloud.
const OTHER_PARTITIONS: [&str; 4] = ["cn-", "us-iso", "eu-isoe-", "eusc-"];

/// The roots for a region. An endpoint that was set by hand may have any certificate, so there, as in
/// the other partitions, the system's list is trusted.
pub(crate) fn trusted(region: Option<&str>, endpoint: Option<&str>) -> RootCertStore {
    if needs_system_roots(region, endpoint) {
        return of_system();
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(amazon());
    roots
}

/// What the machine trusts. Without any that can be read, each call fails and says that the issuer is not
/// known.
pub(crate) fn of_system() -> RootCertStore {
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
    fn public_regions_trust_amazon_alone() {
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
    fn each_root_is_a_certificate() {
        assert_eq!(amazon().count(), AMAZON.len());
        assert_eq!(trusted(Some("eu-west-1"), None).len(), AMAZON.len());
    }
}
