//! The SDK's HTTP client: the same library that the other crates use, with the roots of AWS's endpoints.
//!
//! The SDK's own connector would add a second client, and HTTP/2, which no call needs.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use reqwest::redirect::Policy;
use reqwest::{Body, Client, Request};
use rustls::{ClientConfig, RootCertStore};

use crate::{BoxError, endpoint};

/// How long an idle connection is kept. After a longer freeze of the function, the server has usually closed it.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

/// A client that trusts `roots`. If it cannot be built, each call returns the error.
pub(crate) fn client(roots: RootCertStore, connect_timeout: Duration) -> SharedHttpClient {
    let client = build(roots, connect_timeout).map_err(|error| error.to_string());
    SharedHttpClient::new(Transport(client))
}

fn build(roots: RootCertStore, connect_timeout: Duration) -> Result<Client, BoxError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    tls.alpn_protocols = vec![b"http/1.1".to_vec()];
    let client = Client::builder()
        .tls_backend_preconfigured(tls)
        .no_proxy()
        .redirect(Policy::none())
        .referer(false)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .connect_timeout(connect_timeout);
    Ok(client.build()?)
}

#[derive(Clone, Debug)]
struct Transport(Result<Client, String>);

impl HttpClient for Transport {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Transport {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let client = client.map_err(|error| ConnectorError::user(error.into()))?;
            let request = outgoing(request).map_err(ConnectorError::user)?;
            let response = client.execute(request).await.map_err(failed)?;
            incoming(response).map_err(|error| ConnectorError::other(error, None))
        })
    }
}

fn outgoing(request: HttpRequest) -> Result<Request, BoxError> {
    let request: http::Request<SdkBody> = request.try_into()?;
    endpoint::check_destination(request.uri(), request.headers())?;
    Ok(request.map(Body::wrap).try_into()?)
}

fn incoming(response: reqwest::Response) -> Result<HttpResponse, BoxError> {
    let response = http::Response::<Body>::from(response);
    Ok(response.map(SdkBody::from_body_1_x).try_into()?)
}

/// Classifies an error for the SDK's retries: timeouts and I/O errors are retried.
fn failed(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}
