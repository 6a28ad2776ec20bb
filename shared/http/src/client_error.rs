//! The error of creating a client.

use std::path::PathBuf;

/// A client that cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The file in `SSL_CERT_FILE` cannot be read.
    #[error("the certificates in {path:?}, named by SSL_CERT_FILE, cannot be read")]
    Roots {
        path: PathBuf,
        source: rustls::pki_types::pem::Error,
    },
    /// The file in `SSL_CERT_FILE` has no certificates.
    #[error(
        "{path:?}, named by SSL_CERT_FILE, contains no certificate; name a PEM file, or unset it"
    )]
    NoRoots { path: PathBuf },
    /// TLS cannot be configured.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The client cannot be built.
    #[error("the HTTP client cannot be set up")]
    Build(#[from] reqwest::Error),
}
