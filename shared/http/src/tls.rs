//! TLS: rustls with ring, Mozilla's roots, and the user's own certificates.
//!
//! The roots are compiled in, because a Lambda image has few, and because parsing the system's store takes longer
//! than the rest of a function's start. Users of a private certificate authority or a self-signed certificate name
//! a PEM file in `SSL_CERT_FILE`, or a secret in the stack's parameter `CaBundleSecretArn`. These certificates are
//! trusted in addition.

use std::error::Error;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::pki_types::CertificateDer;
use rustls::{CertificateError, ClientConfig, RootCertStore};

use crate::certificates::Certificates;
use crate::client_error::ClientError;
use crate::named_certificate::NamedCertificates;

/// The configuration that trusts Mozilla's roots and these certificates.
pub(crate) fn config(own: Option<&Certificates>) -> Result<ClientConfig, ClientError> {
    let mut roots = RootCertStore::from_iter(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    let own = match own {
        Some(own) => add(&mut roots, own)?,
        None => Vec::new(),
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()?;
    let mut config = if own.is_empty() {
        builder.with_root_certificates(roots).with_no_client_auth()
    } else {
        let verifier = verifier(roots, own, provider)?;
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(verifier))
            .with_no_client_auth()
    };
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// Adds the certificates that can be roots, and returns all; a system's bundle may contain others.
fn add(
    roots: &mut RootCertStore,
    own: &Certificates,
) -> Result<Vec<CertificateDer<'static>>, ClientError> {
    let certificates = own.parse()?;
    let (added, _) = roots.add_parsable_certificates(certificates.iter().cloned());
    if added == 0 {
        return Err(own.none());
    }
    Ok(certificates)
}

fn verifier(
    roots: RootCertStore,
    own: Vec<CertificateDer<'static>>,
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> Result<NamedCertificates, ClientError> {
    let chains = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    // Fails only without roots, and Mozilla's are always there.
    let chains = chains.map_err(|error| rustls::Error::General(error.to_string()))?;
    Ok(NamedCertificates { chains, named: own })
}

/// The problem of a server's certificate, as the end of a sentence about the server, with the remedy. `None` if the
/// error is another one.
pub fn certificate_problem(error: &(dyn Error + 'static)) -> Option<&'static str> {
    match certificate_error(error)? {
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
            Some("has an expired certificate; renew it")
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            Some("has a certificate for other host names; correct the address or the certificate")
        }
        _ => Some(
            "has a certificate that is not trusted; name a PEM file with its certificate authority in SSL_CERT_FILE, \
             or a secret with the PEM text in the stack parameter CaBundleSecretArn",
        ),
    }
}

/// The certificate error in the chain of causes.
fn certificate_error<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a CertificateError> {
    let mut cause = Some(error);
    while let Some(error) = cause {
        if let Some(rustls::Error::InvalidCertificate(certificate)) = error.downcast_ref() {
            return Some(certificate);
        }
        // The source of an I/O error is the source of the error within it.
        cause = match error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref)
        {
            Some(inner) => Some(inner),
            None => error.source(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::{CertificateError, certificate_problem};

    #[test]
    fn untrusted_certificate_names_variable_and_parameter() {
        let failed = |error: CertificateError| {
            let tls = rustls::Error::InvalidCertificate(error);
            io::Error::other(io::Error::new(io::ErrorKind::InvalidData, tls))
        };
        let remedy = certificate_problem(&failed(CertificateError::UnknownIssuer)).unwrap();
        assert!(remedy.contains("SSL_CERT_FILE"), "{remedy}");
        assert!(remedy.contains("CaBundleSecretArn"), "{remedy}");
        let remedy = certificate_problem(&failed(CertificateError::Expired)).unwrap();
        assert!(remedy.contains("expired"), "{remedy}");
        assert_eq!(certificate_problem(&io::Error::other("reset")), None);
    }
}
