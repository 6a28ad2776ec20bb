//! Certificates of a private authority, and self-signed ones.

use http_client::{AllowedNetworks, OutboundClient, Proxies, certificate_problem};
use reqwest::Method;
use url::Url;

use crate::names::Addresses;
use crate::server::{self, Identity};
use crate::surroundings;

/// The outcome of a GET for this host from a server with this identity, if the user trusts `pem`.
async fn get(identity: &Identity, host: &str, pem: Option<String>) -> Result<u16, String> {
    let address = server::with_tls(identity).await;
    let names = Addresses::new(&[
        ("registry.test", &["127.0.0.1"]),
        ("other.test", &["127.0.0.1"]),
    ]);
    let surroundings = surroundings(&names, pem, Proxies::default());
    let allowed: AllowedNetworks = "127.0.0.1".parse().unwrap();
    let client = OutboundClient::within(&surroundings, allowed).unwrap();
    let url = Url::parse(&format!("https://{host}:{}/", address.port())).unwrap();
    let result = client.send(client.request(Method::GET, url).unwrap()).await;
    let octopus = surroundings.named_server_client().unwrap();
    let named = octopus
        .get(format!("https://{host}:{}/", address.port()))
        .send()
        .await;
    assert_eq!(
        result.is_ok(),
        named.is_ok(),
        "feeds and Octopus trust the same"
    );
    match result {
        Ok(response) => Ok(response.status().as_u16()),
        Err(error) => Err(certificate_problem(&error)
            .unwrap_or("another error")
            .to_owned()),
    }
}

#[tokio::test]
async fn server_of_private_authority_is_trusted_if_authority_is_named() {
    let authority = Identity::self_signed(&[]);
    let server = authority.signed(&["registry.test"]);
    assert_eq!(
        get(&server, "registry.test", Some(authority.pem())).await,
        Ok(200)
    );
    let problem = get(&server, "registry.test", None).await.unwrap_err();
    assert!(problem.contains("SSL_CERT_FILE"), "{problem}");
    assert!(problem.contains("CaBundleSecretArn"), "{problem}");
    let other = Identity::self_signed(&[]).pem();
    assert!(get(&server, "registry.test", Some(other)).await.is_err());
    let problem = get(&server, "other.test", Some(authority.pem()))
        .await
        .unwrap_err();
    assert!(problem.contains("other host names"), "{problem}");
}

#[tokio::test]
async fn self_signed_certificate_is_trusted_if_exactly_it_is_named() {
    let own = Identity::self_signed(&["registry.test"]);
    assert_eq!(get(&own, "registry.test", Some(own.pem())).await, Ok(200));
    // The same names and subject, but another key.
    let forged = Identity::self_signed(&["registry.test"]);
    assert!(
        get(&forged, "registry.test", Some(own.pem()))
            .await
            .is_err()
    );
    let both = format!("{}{}", forged.pem(), own.pem());
    assert_eq!(get(&own, "registry.test", Some(both)).await, Ok(200));
    let problem = get(&own, "other.test", Some(own.pem())).await.unwrap_err();
    assert!(problem.contains("other host names"), "{problem}");
    let expired = Identity::expired(&["registry.test"]);
    let problem = get(&expired, "registry.test", Some(expired.pem()))
        .await
        .unwrap_err();
    assert!(problem.contains("expired"), "{problem}");
    // `openssl req -x509` without -addext writes no host names.
    let nameless = Identity::self_signed(&[]);
    assert_eq!(
        get(&nameless, "registry.test", Some(nameless.pem())).await,
        Ok(200)
    );
    assert!(
        get(&nameless, "registry.test", Some(own.pem()))
            .await
            .is_err()
    );
}
