//! Answers HTTP requests: applies faults, then authenticates and runs the route.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::Response;
use futures_util::stream;
use jiff::fmt::rfc2822::DateTimePrinter;
use serde_json::Value;

use crate::answer::{Refusal, json_response, response};
use crate::app::App;
use crate::call::Call;
use crate::connection::Disconnect;
use crate::faults::{self, FaultKind, camel_case, without, without_nulls};
use crate::routes::{self, Credential};

/// Maximum size of a request body.
const LONGEST_BODY: usize = 4 << 20;

/// Answers one request.
pub(crate) async fn serve(
    State(app): State<App>,
    ConnectInfo(disconnect): ConnectInfo<Disconnect>,
    request: Request,
) -> Response {
    let (head, body) = request.into_parts();
    let path = head
        .uri
        .path_and_query()
        .map_or_else(|| head.uri.path().to_owned(), ToString::to_string);
    let method = head.method.to_string();
    let caller = caller(&app, &head);
    let latency = app.strict.modes().latency;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let admitted = caller.as_ref().map(|(user, _)| app.strict.admit(*user));
    let name = caller.map(|(_, name)| name).unwrap_or_default();
    let limits = match admitted.unwrap_or_else(|| Ok(HeaderMap::new())) {
        Ok(headers) => headers,
        Err(headers) => {
            let mut response = too_many_requests();
            response.headers_mut().extend(headers);
            app.log(&method, &path, Some(response.status()), &name);
            return response;
        }
    };
    let fault = app.faults.take_matching(&method, &path);
    if let Some(FaultKind::Latency(delay)) = fault {
        tokio::time::sleep(delay).await;
    }
    if let Some(response) = fault.as_ref().and_then(|fault| instead(fault, &disconnect)) {
        let status = (fault != Some(FaultKind::ResetBefore)).then(|| response.status());
        app.log(&method, &path, status, &name);
        return response;
    }
    let (status, document) = match to_bytes(body, LONGEST_BODY).await {
        Ok(body) => answer(&app, &head, body).await,
        Err(_) => outcome(Err(Refusal::invalid("No request body was supplied."))),
    };
    app.log(
        &method,
        &path,
        (fault != Some(FaultKind::ResetAfter)).then_some(status),
        &name,
    );
    match fault {
        Some(FaultKind::ResetAfter) => disconnect.close(),
        Some(FaultKind::Truncated) => return truncated(status, &document),
        Some(FaultKind::CamelCase) => return json_response(status, &camel_case(document)),
        Some(FaultKind::NullsAbsent) => return json_response(status, &without_nulls(document)),
        Some(FaultKind::Without(name)) => return json_response(status, &without(document, name)),
        _ => {}
    }
    let mut response = json_response(status, &document);
    response.headers_mut().extend(limits);
    dated(&app, response)
}

/// The user of the request's credential, by index and name.
fn caller(app: &App, head: &axum::http::request::Parts) -> Option<(usize, String)> {
    let query = head.uri.query().unwrap_or_default();
    let call = Call::new(
        &head.method,
        head.uri.path(),
        query,
        &head.headers,
        Vec::new(),
    );
    let credential = credential(&head.headers, &call)?;
    let world = app.world();
    let user = credential.holder(&world)?;
    Some((user, world.users[user].username.clone()))
}

fn too_many_requests() -> Response {
    refused(&Refusal::with(
        StatusCode::TOO_MANY_REQUESTS,
        "The rate limit has been exceeded. Please try again later.",
    ))
}

/// Sets the `Date` header if the clock is stopped; otherwise the connection sets it.
fn dated(app: &App, mut response: Response) -> Response {
    let stopped = app.world().clock;
    let date = stopped.and_then(|time| {
        DateTimePrinter::new()
            .timestamp_to_rfc9110_string(&time)
            .ok()
    });
    if let Some(date) = date.and_then(|date| HeaderValue::try_from(date).ok()) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

async fn answer(app: &App, head: &axum::http::request::Parts, body: Bytes) -> (StatusCode, Value) {
    let query = head.uri.query().unwrap_or_default();
    let mut call = Call::new(
        &head.method,
        head.uri.path(),
        query,
        &head.headers,
        body.to_vec(),
    );
    let credential = credential(&head.headers, &call);
    outcome(routes::answer(app, &mut call, credential.as_ref()).await)
}

fn outcome(reply: crate::answer::Reply) -> (StatusCode, Value) {
    match reply {
        Ok(answer) => (answer.status, answer.document),
        Err(refusal) => (refusal.status, refusal.document()),
    }
}

/// A key in a header or in the query, or a token.
fn credential(headers: &HeaderMap, call: &Call) -> Option<Credential> {
    let header = |name| {
        headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .filter(|value| !value.is_empty())
    };
    let key = header("x-octopus-apikey")
        .or_else(|| header("x-nuget-apikey"))
        .or_else(|| call.query("apikey"));
    match key {
        Some(key) => Some(Credential::ApiKey(key.to_owned())),
        None => header("authorization")?
            .strip_prefix("Bearer ")
            .map(|token| Credential::Token(token.to_owned())),
    }
}

/// The answer of a fault that replaces the route; `None` if the route runs.
fn instead(fault: &FaultKind, disconnect: &Disconnect) -> Option<Response> {
    Some(match fault {
        FaultKind::Status(status, body) => {
            let status = StatusCode::from_u16(*status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            match body {
                faults::Body::Json => refused(&Refusal::with(
                    status,
                    "There was a problem with your request.",
                )),
                faults::Body::Html => response(
                    status,
                    "text/html",
                    format!("<html><body><h1>{status}</h1></body></html>"),
                ),
                faults::Body::Empty => response(status, "text/plain", String::new()),
            }
        }
        FaultKind::TooManyRequests { retry_after } => {
            let mut response = too_many_requests();
            if let Some(seconds) = retry_after {
                response
                    .headers_mut()
                    .insert(RETRY_AFTER, HeaderValue::from(*seconds));
            }
            response
        }
        FaultKind::Maintenance => refused(&Refusal::maintenance()),
        FaultKind::Unavailable => response(
            StatusCode::SERVICE_UNAVAILABLE,
            "text/html",
            "<html><body>Octopus Server is starting</body></html>".to_owned(),
        ),
        FaultKind::ResetBefore => {
            disconnect.close();
            Response::default()
        }
        FaultKind::Latency(_)
        | FaultKind::ResetAfter
        | FaultKind::Truncated
        | FaultKind::CamelCase
        | FaultKind::NullsAbsent
        | FaultKind::Without(_) => return None,
    })
}

fn refused(refusal: &Refusal) -> Response {
    json_response(refusal.status, &refusal.document())
}

/// Announces the complete length and sends half of it.
fn truncated(status: StatusCode, document: &Value) -> Response {
    let text = document.to_string();
    let half = Bytes::copy_from_slice(&text.as_bytes()[..text.len() / 2]);
    let parts = [
        Ok(half),
        Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset)),
    ];
    let mut response = Response::new(Body::from_stream(stream::iter(parts)));
    *response.status_mut() = status;
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/json; charset=utf-8"),
    );
    response
        .headers_mut()
        .insert(CONTENT_LENGTH, HeaderValue::from(text.len()));
    response
}
