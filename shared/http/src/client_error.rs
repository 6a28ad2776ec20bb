//! Errors of creating a client.

/// A client that cannot be created.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// The user's certificates cannot be read.
    #[error("cannot read the certificates in {origin}")]
    Certificates {
        origin: String,
        source: rustls::pki_types::pem::Error,
    },
    /// The user's file or secret has no certificates.
    #[error("{origin} contains no certificate; name PEM text with certificates, or none")]
    NoCertificates { origin: String },
    /// A proxy is not a URL. Its value may contain a password.
    #[error(
        "cannot use the proxy in {variable}: it is not an http or https URL; correct or unset it"
    )]
    Proxy { variable: &'static str },
    /// TLS cannot be configured.
    #[error("TLS cannot be set up")]
    Tls(#[from] rustls::Error),
    /// The client cannot be built.
    #[error("the HTTP client cannot be set up")]
    Build(#[from] reqwest::Error),
}
