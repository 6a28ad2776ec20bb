//! The HTTP server of `run --listen`: `/healthz`, `/readyz`, `/metrics`, and webhooks.

use std::cell::RefCell;
use std::convert::Infallible;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::ports::Clock;
use host::SystemClock;
use http::header::{ALLOW, CONTENT_TYPE, HeaderValue};
use http::{Method, Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;

use super::hooks::{self, Hooks};
use super::monitor::Monitor;

/// The maximum number of connections: a few probes, scrapers and registries.
const CONNECTIONS: usize = 64;

/// The time limit for a request's head, and for its body.
const TIME_LIMIT: Duration = Duration::from_secs(5);

/// The maximum size of a request's head, in bytes; hyper's minimum.
const MAX_HEAD: usize = 8 * 1024;

/// Serves until the process exits.
pub(super) async fn serve(
    listener: TcpListener,
    monitor: Rc<RefCell<Monitor>>,
    hooks: Option<Rc<Hooks>>,
) {
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&permits).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            continue; // The client closed the connection.
        };
        let (monitor, hooks) = (Rc::clone(&monitor), hooks.clone());
        tokio::task::spawn_local(async move {
            let service = service_fn(async |request: Request<Incoming>| {
                let hooks = hooks.as_ref();
                let hooks = hooks.filter(|_| request.uri().path().starts_with(hooks::PATH));
                let Some(hooks) = hooks else {
                    return Ok::<_, Infallible>(answer(&request, &monitor.borrow()));
                };
                let answered = tokio::time::timeout(TIME_LIMIT, hooks.answer(request)).await;
                let late = |_| text(StatusCode::REQUEST_TIMEOUT, "the body arrives too slowly");
                Ok(answered.unwrap_or_else(late))
            });
            let served = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(TIME_LIMIT)
                .max_buf_size(MAX_HEAD)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), service);
            if let Err(error) = served.await {
                tracing::debug!(%error, "connection to the health server ended early");
            }
            drop(permit);
        });
    }
}

fn answer<B>(request: &Request<B>, monitor: &Monitor) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "use GET");
        let methods = HeaderValue::from_static("GET, HEAD");
        response.headers_mut().insert(ALLOW, methods);
        return response;
    }
    let now = SystemClock.now();
    match request.uri().path() {
        "/healthz" => check(monitor.health(now)),
        "/readyz" => check(monitor.readiness(now)),
        "/metrics" => {
            let mut response = text(StatusCode::OK, monitor.metrics());
            let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            response.headers_mut().insert(CONTENT_TYPE, kind);
            response
        }
        _ => text(
            StatusCode::NOT_FOUND,
            "the paths are /healthz, /readyz and /metrics",
        ),
    }
}

fn check(result: Result<(), String>) -> Response<Full<Bytes>> {
    match result {
        Ok(()) => text(StatusCode::OK, "ok"),
        Err(reason) => text(StatusCode::SERVICE_UNAVAILABLE, reason),
    }
}

fn text(status: StatusCode, body: impl Into<String>) -> Response<Full<Bytes>> {
    let mut body = body.into();
    if !body.ends_with('\n') {
        body.push('\n');
    }
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = status;
    let kind = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, kind);
    response
}
