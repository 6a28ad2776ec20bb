//! A server with the shop seed, and a JSON client.

use std::time::Duration;

use anyhow::ensure;
use octopus_server::{OctopusServer, Seed};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;

/// The seed that most tests use.
pub(crate) fn shop() -> anyhow::Result<Seed> {
    Seed::from_yaml(include_str!("shop.yaml"))
}

/// A server and a client with its key.
pub(crate) struct Shop {
    pub(crate) server: OctopusServer,
    pub(crate) http: Client,
}

impl Shop {
    /// Starts a server with the shop seed.
    pub(crate) async fn start() -> anyhow::Result<Self> {
        Self::of(shop()?).await
    }

    /// Starts a server with another seed.
    pub(crate) async fn of(seed: Seed) -> anyhow::Result<Self> {
        let server = OctopusServer::start(seed).await?;
        let http = Client::builder().timeout(Duration::from_secs(20)).build()?;
        Ok(Self { server, http })
    }

    /// A request with the key.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let url = format!("{}{path}", self.server.url());
        self.http
            .request(method, url)
            .header("X-Octopus-ApiKey", self.server.api_key())
    }

    /// Status and document of a `GET`.
    pub(crate) async fn get(&self, path: &str) -> anyhow::Result<(u16, Value)> {
        answer(self.request(Method::GET, path)).await
    }

    /// The document of a `GET` that must succeed.
    pub(crate) async fn read(&self, path: &str) -> anyhow::Result<Value> {
        let (status, document) = self.get(path).await?;
        ensure!(status == 200, "{path} answered {status}: {document}");
        Ok(document)
    }

    /// Status and document of a request with a body.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        body: Value,
    ) -> anyhow::Result<(u16, Value)> {
        answer(self.request(method, path).json(&body)).await
    }

    /// Status and document of `releases/create/v1`; space and project are added to `body`.
    pub(crate) async fn create(
        &self,
        project: &str,
        mut body: Value,
    ) -> anyhow::Result<(u16, Value)> {
        body["spaceId"] = "Spaces-1".into();
        body["spaceIdOrName"] = "Spaces-1".into();
        body["projectName"] = project.into();
        self.send(Method::POST, "/api/Spaces-1/releases/create/v1", body)
            .await
    }
}

/// Sends a request; a body that is not JSON is null.
pub(crate) async fn answer(request: RequestBuilder) -> anyhow::Result<(u16, Value)> {
    let response = request.send().await?;
    let status = response.status().as_u16();
    let body = response.bytes().await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
}

/// The first of `Errors` in an error document.
pub(crate) fn error(document: &Value) -> &str {
    document["Errors"][0].as_str().unwrap_or_default()
}

/// One text property of every item of a collection.
pub(crate) fn each<'a>(collection: &'a Value, property: &str) -> Vec<&'a str> {
    let items = collection.get("Items").unwrap_or(collection).as_array();
    items
        .into_iter()
        .flatten()
        .filter_map(|item| item[property].as_str())
        .collect()
}
