//! TLS: rustls with ring, Mozilla's roots, and the user's own certificate authorities.
//!
//! The roots are compiled in, because a Lambda image has few, and because parsing the system's store takes longer
//! than the rest of a function's start. Operators of a private certificate authority name a PEM file in
//! `SSL_CERT_FILE`, whose certificates are trusted in addition.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

use crate::client_error::ClientError;

/// The environment variable with the PEM file of further certificate authorities.
pub(crate) const SSL_CERT_FILE: &str = "SSL_CERT_FILE";

pub(crate) fn config(extra_roots: Option<&Path>) -> Result<ClientConfig, ClientError> {
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    if let Some(path) = extra_roots {
        add(&mut roots, path)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Adds all certificates of the file that can be roots; a system's bundle may contain others.
fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), ClientError> {
    let unusable = |source| ClientError::Roots {
        path: path.to_owned(),
        source,
    };
    let certificates = CertificateDer::pem_file_iter(path).map_err(unusable)?;
    let certificates = certificates
        .collect::<Result<Vec<_>, _>>()
        .map_err(unusable)?;
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        return Err(ClientError::NoRoots {
            path: path.to_owned(),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::config;

    #[test]
    fn file_without_certificates_is_an_error_that_names_it() {
        let path = std::env::temp_dir().join(format!("roots-{}.pem", std::process::id()));
        assert!(
            config(Some(&path))
                .unwrap_err()
                .to_string()
                .contains("SSL_CERT_FILE")
        );
        std::fs::write(&path, "nothing\n").unwrap();
        let error = config(Some(&path)).unwrap_err().to_string();
        std::fs::remove_file(&path).unwrap();
        assert!(error.contains("contains no certificate"), "{error}");
        assert!(config(None).is_ok());
    }
}
