//! The certificates in the secret of `CaBundleSecretArn`: PEM text, read once when the function starts.

use aws::{SecretError, Secrets};
use http_client::Certificates;
use secrecy::ExposeSecret;

pub(super) async fn read(secrets: &Secrets, arn: &str) -> Result<Certificates, SecretError> {
    let text = secrets.get(arn, false).await?;
    Ok(Certificates::Text {
        origin: format!("the secret {arn}, named by CaBundleSecretArn,"),
        pem: text.expose_secret().to_owned(),
    })
}
