//! Single requests: through the gate, once more if they were lost on the way, and told when they fail.

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

/// What a connection that was just lost, or a gateway that was just restarted, is given to come back.
const RETRY_PAUSE: Duration = Duration::from_millis(250);

/// How much of an error's body is read for its message.
const ERROR_BYTES: usize = 8 << 10;

impl Session<'_> {
    /// Sends a GET or HEAD. Only the feed itself is told who we are.
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
        // HEAD costs nothing where a quota is told (Docker Hub), and another host's quota is another one.
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
            &self.shared.client
        }
    }

    /// Sends a request. Being asked to stay away is an error here, and closes the gate.
    pub(super) async fn exchange(
        &self,
        get: &Get<'_>,
        authorization: Option<&HeaderValue>,
        request: impl Fn() -> Result<RequestBuilder, Refused>,
    ) -> Result<Response, FeedError> {
        let attempt = async || {
            self.pass(get.subject)?;
            self.gate.pace().await;
            self.pass(get.subject)?;
            let request = request().map_err(|refused| get.subject.refused(refused))?;
            let mut request = get.headers.iter().fold(request, |request, (name, value)| {
                request.header(name, value)
            });
            if let Some(authorization) = authorization {
                let told = authorization.to_str().unwrap_or_default();
                self.meter.redactor.authorization(told);
                request = request.header(AUTHORIZATION, authorization);
            }
            self.meter.count();
            Ok(request.send().await)
        };
        let mut result = attempt().await?;
        if is_passing(&result) {
            tokio::time::sleep(RETRY_PAUSE).await;
            result = attempt().await?;
        }
        let result = match result {
            Ok(response) if asks_for_pause(&response) => {
                let pause = pause(&response);
                // Before the body is read, so that nothing else slips through meanwhile.
                self.gate.note(Some(FeedErrorKind::Throttled(pause)));
                let mut error = self
                    .told(get, FeedErrorKind::Throttled(pause), response)
                    .await;
                if pause.is_none() {
                    let said = retry_after_in(&error.message, Timestamp::now());
                    error.kind = FeedErrorKind::Throttled(said.map(span));
                    self.gate.note(Some(error.kind));
                }
                return Err(error);
            }
            Ok(response) => Ok(response),
            Err(error) => Err(get.subject.unanswered(&get.url, error)),
        };
        self.gate.note(match &result {
            Ok(response) if response.status().is_server_error() => Some(FeedErrorKind::Unavailable),
            Ok(_) => None,
            Err(error) => Some(error.kind),
        });
        result
    }

    /// Lets a request pass, unless the gate is closed.
    fn pass(&self, subject: Subject<'_>) -> Result<(), FeedError> {
        let what = match self.gate.closed() {
            None => return Ok(()),
            Some(FeedErrorKind::Throttled(_)) => {
                "not asked, because its server asked for a pause; it is tried again after that"
            }
            Some(_) => {
                "not asked, because the feed failed several times in a row; it is tried again later"
            }
        };
        let kind = self.gate.closed().unwrap_or(FeedErrorKind::Unavailable);
        Err(subject.error(kind, what))
    }

    /// The error that an answer is, with what the server says about it and what to do.
    pub(super) async fn told(
        &self,
        get: &Get<'_>,
        kind: FeedErrorKind,
        response: Response,
    ) -> FeedError {
        let status = response.status();
        // Boxed, so that what goes well carries no room for it.
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
            return "give the feed a credential, or check the package's name".to_owned();
        }
        match self.distrusted(repository) {
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

    /// What an error's body says, in parentheses, where it says it in the protocol's form.
    async fn detail(&self, response: Response) -> String {
        let Ok(body) = read_capped(response, ERROR_BYTES).await else {
            return String::new();
        };
        let Ok(body) = from_json::<serde_json::Value>(&body) else {
            return String::new();
        };
        let field = |name: &str| body.pointer(&format!("/errors/0/{name}"))?.as_str();
        let said = [field("code"), field("message")]
            .into_iter()
            .flatten()
            .collect::<Vec<_>>()
            .join(": ");
        // Before it is cut, because half a secret is not found any more.
        let said = self.meter.redactor.hide(&said);
        let said: String = said
            .chars()
            .filter(|char| !char.is_control())
            .take(200)
            .collect();
        if said.is_empty() {
            said
        } else {
            format!(" ({said})")
        }
    }
}

/// Whether a second try a moment later may well succeed.
fn is_passing(result: &Result<Response, reqwest::Error>) -> bool {
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

/// 429; 503, or 403 as GitHub has it, with a time to come back.
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

/// The pause that an answer asks for: what it says outright, else the time until its quota, of which nothing
/// is left, is there anew.
fn pause(response: &Response) -> Option<Span> {
    let now = Timestamp::now();
    let spent = || rate_limit(response.headers(), now).filter(|quota| quota.remaining == 0);
    retry_after(response.headers(), now)
        .or_else(|| spent()?.resets_in)
        .map(span)
}
