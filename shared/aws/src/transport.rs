//! The HTTP client under the SDK: the one that everything else uses, trusting what AWS's endpoints need.
//!
//! The SDK's own would bring a second client, and HTTP/2, which no call here uses.

use std::error::Error;
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

use crate::endpoint;

/// How long a connection is kept that nobody uses. A function that slept longer finds it closed by the
/// other side as often as not.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);

type Failure = Box<dyn Error + Send + Sync>;

/// A client that trusts `roots`. One that cannot be made says so with each call.
pub(crate) fn client(roots: RootCertStore, connect_timeout: Duration) -> SharedHttpClient {
    let client = build(roots, connect_timeout).map_err(|error| error.to_string());
    SharedHttpClient::new(Transport(client))
}

fn build(roots: RootCertStore, connect_timeout: Duration) -> Result<Client, Failure> {
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

/// Carries the SDK's requests.
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

fn outgoing(request: HttpRequest) -> Result<Request, Failure> {
    let request: http::Request<SdkBody> = request.try_into()?;
    endpoint::judge(request.uri(), request.headers())?;
    Ok(request.map(Body::wrap).try_into()?)
}

fn incoming(response: reqwest::Response) -> Result<HttpResponse, Failure> {
    let response = http::Response::<Body>::from(response);
    Ok(response.map(SdkBody::from_body_1_x).try_into()?)
}

/// What the SDK sends again: what took too long, and what broke off or did not begin.
fn failed(error: reqwest::Error) -> ConnectorError {
    if error.is_timeout() {
        ConnectorError::timeout(error.into())
    } else if error.is_builder() {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}
