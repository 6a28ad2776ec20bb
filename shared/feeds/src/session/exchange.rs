//! Sends single requests: through the circuit breaker, with one retry after a lost connection.

use std::time::Duration;

use domain::time::Span;
use engine::ports::{FeedError, FeedErrorKind};
use http_client::{
    OutboundClient, Refused, from_json, rate_limit, read_capped, refusal, retry_after,
    retry_after_in, same_origin,
};
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderValue};
use reqwest::{Method, RequestBuilder, Response, StatusCode};
use url::Url;

use super::{Get, Session};
use crate::error::{Subject, span};

/// The pause before a retry, for a lost connection or a restarted gateway.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// The number of bytes of an error's body that are read for its message.
const ERROR_BYTES: usize = 8 << 10;

impl Session<'_> {
    /// Sends a GET or HEAD. The authorization is sent only to the feed's own origin.
    pub(super) async fn send(
        &self,
        method: &Method,
        get: &Get<'_>,
        authorization: Option<&HeaderValue>,
    ) -> Result<Response, FeedError> {
        let is_own = same_origin(&get.url, &self.base);
        let request = || {
            self.client_for(&get.url)
                .request(method.clone(), get.url.clone())
        };
        let authorization = authorization.filter(|_| is_own);
        let response = self.exchange(get, authorization, request).await?;
        // HEAD does not count against Docker Hub's quota, and another host has another quota.
        if *method == Method::GET && same_origin(response.url(), &self.base) {
            self.meter.note(response.headers());
        }
        Ok(response)
    }

    /// The client for requests to this URL.
    pub(super) fn client_for(&self, url: &Url) -> &OutboundClient {
        if same_origin(url, &self.base) {
            &self.client
        } else {
            &self.others
        }
    }

    /// Sends a request. A request of the server for a pause is an error and opens the circuit breaker.
    pub(super) async fn exchange(
        &self,
        get: &Get<'_>,
        authorization: Option<&HeaderValue>,
        request: impl Fn() -> Result<RequestBuilder, Refused>,
    ) -> Result<Response, FeedError> {
        let attempt = async || {
            self.check_breaker(get.subject)?;
            self.breaker.wait_for_rate().await;
            self.check_breaker(get.subject)?;
            let client = self.client_for(&get.url);
            let approved = client.approve(&get.url).await;
            approved.map_err(|error| get.subject.not_approved(error))?;
            let request = request().map_err(|refused| get.subject.forbidden_address(refused))?;
            let mut request = get.headers.iter().fold(request, |request, (name, value)| {
                request.header(name, value)
            });
            if let Some(authorization) = authorization {
                let secret = authorization.to_str().unwrap_or_default();
                self.meter.redactor.authorization(secret);
                request = request.header(AUTHORIZATION, authorization);
            }
            self.meter.count();
            Ok(client.send(request).await)
        };
        let mut result = attempt().await?;
        if is_transient(&result) {
            tokio::time::sleep(RETRY_PAUSE).await;
            result = attempt().await?;
        }
        let result = match result {
            Ok(response) if asks_for_pause(&response) => {
                let pause = pause(&response);
                // Before the body is read, so that no other request is sent in the meantime.
                self.breaker.record(Some(FeedErrorKind::Throttled(pause)));
                let mut error = self
                    .status_error(get, FeedErrorKind::Throttled(pause), response)
                    .await;
                if pause.is_none() {
                    let pause = retry_after_in(&error.message, Timestamp::now());
                    error.kind = FeedErrorKind::Throttled(pause.map(span));
                    self.breaker.record(Some(error.kind));
                }
                return Err(error);
            }
            Ok(response) => Ok(response),
            Err(error) => Err(get.subject.no_answer(&get.url, error)),
        };
        self.breaker.record(match &result {
            Ok(response) if response.status().is_server_error() => Some(FeedErrorKind::Unavailable),
            Ok(_) => None,
            Err(error) => Some(error.kind),
        });
        result
    }

    /// An error while the circuit breaker is open.
    fn check_breaker(&self, subject: Subject<'_>) -> Result<(), FeedError> {
        let what = match self.breaker.open_reason() {
            None => return Ok(()),
            Some(FeedErrorKind::Throttled(_)) => {
                "not requested, because its server asked for a pause; it is tried again after that"
            }
            Some(_) => {
                "not requested, because the feed failed several times in a row; it is tried again later"
            }
        };
        let kind = self
            .breaker
            .open_reason()
            .unwrap_or(FeedErrorKind::Unavailable);
        Err(subject.error(kind, what))
    }

    /// The error for a status, with the server's message and the remedy.
    pub(super) async fn status_error(
        &self,
        get: &Get<'_>,
        kind: FeedErrorKind,
        response: Response,
    ) -> FeedError {
        let status = response.status();
        // Boxed, because the future is large and successful requests do not need it.
        let detail = Box::pin(self.detail(response)).await;
        let remedy = match kind {
            FeedErrorKind::Denied => Box::pin(self.remedy_for_denial(get.repository)).await,
            FeedErrorKind::NotFound => {
                "check the package's name and the feed's URL and registry path".to_owned()
            }
            FeedErrorKind::Malformed => "check the feed's URL".to_owned(),
            _ => "it is tried again later".to_owned(),
        };
        get.subject.at(
            kind,
            &get.url,
            format_args!("answers {status}{detail}; {remedy}"),
        )
    }

    async fn remedy_for_denial(&self, repository: &str) -> String {
        if self.identity.lock().await.header.is_none() {
            return "add a credential to the feed, or check the package's name".to_owned();
        }
        match self.untrusted_token_server(repository) {
            Some(realm) => format!(
                "the feed's credential was not sent to its token server {realm}, which is not known to \
                 belong to it; list that host with the credential if it does"
            ),
            None => {
                "check the feed's credential, its right to read this package, and the package's \
                     name"
                    .to_owned()
            }
        }
    }

    /// The code and message of an error's body in parentheses, if the body has the protocol's form.
    async fn detail(&self, response: Response) -> String {
        let Ok(body) = read_capped(response, ERROR_BYTES).await else {
            return String::new();
        };
        let Ok(body) = from_json::<serde_json::Value>(&body) else {
            return String::new();
        };
        let field = |name: &str| body.pointer(&format!("/errors/0/{name}"))?.as_str();
        let message = [field("code"), field("message")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(": ");
        // Before it is cut, because the redactor does not find a part of a secret.
        let message = self.meter.redactor.hide(&message);
        let message: String = message
            .chars()
            .filter(|char| !char.is_control())
            .take(200)
            .collect();
        if message.is_empty() {
            message
        } else {
            format!(" ({message})")
        }
    }
}

/// Whether a retry is likely to succeed.
fn is_transient(result: &Result<Response, reqwest::Error>) -> bool {
    match result {
        Ok(response) => {
            matches!(response.status().as_u16(), 502..=504) && !asks_for_pause(response)
        }
        Err(error) => {
            let lost = error.is_connect() || error.is_request();
            lost && !error.is_timeout() && !error.is_redirect() && refusal(error).is_none()
        }
    }
}

/// Whether the server asks for a pause: 429, 503 with `Retry-After`, or 403 with a pause, as GitHub sends it.
fn asks_for_pause(response: &Response) -> bool {
    match response.status() {
        StatusCode::TOO_MANY_REQUESTS => true,
        StatusCode::SERVICE_UNAVAILABLE => {
            retry_after(response.headers(), Timestamp::now()).is_some()
        }
        StatusCode::FORBIDDEN => pause(response).is_some(),
        _ => false,
    }
}

/// The pause that an answer asks for: `Retry-After`, else the time until an exhausted quota is reset.
fn pause(response: &Response) -> Option<Span> {
    let now = Timestamp::now();
    let spent = || rate_limit(response.headers(), now).filter(|quota| quota.remaining == 0);
    retry_after(response.headers(), now)
        .or_else(|| spent()?.resets_in)
        .map(span)
}
