//! The user's certificates, as PEM in a file or a text.

use std::path::PathBuf;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use crate::client_error::ClientError;

/// The environment variable with the PEM file of further certificates.
const SSL_CERT_FILE: &str = "SSL_CERT_FILE";

/// Certificates that are trusted in addition to Mozilla's roots.
#[derive(Clone, Debug)]
pub enum Certificates {
    /// A PEM file, named by `SSL_CERT_FILE`.
    File(PathBuf),
    /// PEM text, with its origin for messages.
    Text {
        /// The origin, such as an ARN.
        origin: String,
        /// The text. Certificates are not secret.
        pem: String,
    },
}

impl Certificates {
    /// The file in the environment variable `SSL_CERT_FILE`; `None` if it is not set.
    pub fn of_process() -> Option<Self> {
        let path = std::env::var_os(SSL_CERT_FILE).filter(|path| !path.is_empty())?;
        Some(Self::File(path.into()))
    }

    /// All certificates.
    pub(crate) fn parse(&self) -> Result<Vec<CertificateDer<'static>>, ClientError> {
        let parsed = match self {
            Self::File(path) => CertificateDer::pem_file_iter(path).and_then(Iterator::collect),
            Self::Text { pem, .. } => CertificateDer::pem_slice_iter(pem.as_bytes()).collect(),
        };
        parsed.map_err(|source| ClientError::Certificates {
            origin: self.origin(),
            source,
        })
    }

    /// The error for a file or text without usable certificates.
    pub(crate) fn none(&self) -> ClientError {
        ClientError::NoCertificates {
            origin: self.origin(),
        }
    }

    fn origin(&self) -> String {
        match self {
            Self::File(path) => format!("{path:?}, named by {SSL_CERT_FILE},"),
            Self::Text { origin, .. } => origin.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Certificates;
    use crate::tls::config;

    #[test]
    fn file_without_certificates_is_an_error_that_names_it() {
        let path = std::env::temp_dir().join(format!("roots-{}.pem", std::process::id()));
        let file = Certificates::File(path.clone());
        let error = config(Some(&file)).unwrap_err().to_string();
        assert!(error.contains("SSL_CERT_FILE"), "{error}");
        std::fs::write(&path, "nothing\n").unwrap();
        let error = config(Some(&file)).unwrap_err().to_string();
        std::fs::remove_file(&path).unwrap();
        assert!(error.contains("contains no certificate"), "{error}");
        assert!(config(None).is_ok());
    }

    #[test]
    fn text_without_certificates_is_an_error_that_names_its_origin() {
        for pem in [
            "",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
        ] {
            let text = Certificates::Text {
                origin: "the secret arn:1".to_owned(),
                pem: pem.to_owned(),
            };
            let error = config(Some(&text)).unwrap_err().to_string();
            assert!(error.contains("the secret arn:1"), "{error}");
        }
    }
}
