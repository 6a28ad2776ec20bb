//! Accepts self-signed certificates that the user named.
//!
//! Guides of registries create one with `openssl req -x509`, which marks it as a certificate authority. Such a
//! certificate is refused as a server's own, although the user trusts it. It is accepted if it is one of the user's
//! certificates byte for byte, within its validity, and for its host names. One without host names is accepted for
//! every host: the user's file identifies it.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

/// Verifies chains to a root, and the certificates that the user named.
#[derive(Debug)]
pub(crate) struct NamedCertificates {
    pub(crate) chains: Arc<WebPkiServerVerifier>,
    pub(crate) named: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for NamedCertificates {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let verdict = self.chains.verify_server_cert(
            end_entity,
            intermediates,
            server_name,
            ocsp_response,
            now,
        );
        match verdict {
            Err(Error::InvalidCertificate(error)) if self.named.contains(end_entity) => {
                accept_named(error, end_entity, server_name)
            }
            verdict => verdict,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.chains.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.chains.supported_verify_schemes()
    }
}

/// Accepts a named certificate that was refused for its place in a chain, and for nothing else. Its validity in time
/// is checked before its place, and its names after it.
fn accept_named(
    error: CertificateError,
    certificate: &CertificateDer<'_>,
    server_name: &ServerName<'_>,
) -> Result<ServerCertVerified, Error> {
    match error {
        // webpki's CaUsedAsEndEntity has no variant of its own.
        CertificateError::Other(_) => {
            let names = verify_server_name(&ParsedCertificate::try_from(certificate)?, server_name);
            names.or_else(accept_nameless)
        }
        error => accept_nameless(Error::InvalidCertificate(error)),
    }
    .map(|()| ServerCertVerified::assertion())
}

fn accept_nameless(error: Error) -> Result<(), Error> {
    match error {
        Error::InvalidCertificate(CertificateError::NotValidForNameContext {
            presented, ..
        }) if presented.is_empty() => Ok(()),
        error => Err(error),
    }
}
