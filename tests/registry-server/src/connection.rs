//! Connections: HTTP/1.1 in, an answer or a fault out.

use std::io;
use std::pin::Pin;
use std::sync::Arc;

use futures_util::{Stream, StreamExt, stream};
use http_body_util::{BodyExt, Limited, StreamBody};
use hyper::body::{Bytes, Frame, Incoming};
use hyper::header::CONTENT_LENGTH;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::json;
use tokio::net::TcpListener;

use crate::exchange::{Answer, Request};
use crate::fault::FaultKind;
use crate::server_state::ServerState;

/// A longer form is not looked at.
const LONGEST_FORM: usize = 64 * 1024;

/// A piece of an endless body.
const PIECE: &[u8] = &[b' '; 16 * 1024];

type Frames = Pin<Box<dyn Stream<Item = io::Result<Frame<Bytes>>> + Send>>;
type Reply = io::Result<Response<StreamBody<Frames>>>;

/// Accepts connections for ever.
pub(crate) async fn listen(listener: TcpListener, state: Arc<ServerState>) {
    while let Ok((stream, _)) = listener.accept().await {
        // Headers and body are written separately; without this the kernel would delay the second.
        let _ = stream.set_nodelay(true);
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let service = service_fn(|request| reply(Arc::clone(&state), request));
            // An error is a fault that worked, or a client that left.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

/// Answers one request. An error here ends the connection without an answer.
async fn reply(state: Arc<ServerState>, request: hyper::Request<Incoming>) -> Reply {
    let mut received = Request::from_hyper(&request);
    let body = Limited::new(request.into_body(), LONGEST_FORM);
    received.body = body
        .collect()
        .await
        .map(|body| body.to_bytes().to_vec())
        .unwrap_or_default();
    let request = received;
    let (answer, fault) = state.receive(&request);
    match fault {
        None => whole(answer),
        Some(FaultKind::Reset) => Err(io::ErrorKind::ConnectionReset.into()),
        Some(FaultKind::Slow(pause)) => {
            tokio::time::sleep(pause).await;
            whole(answer)
        }
        Some(FaultKind::Truncate) => half(answer),
        Some(FaultKind::EndlessBody) => endless(answer),
        Some(fault) => whole(disguise(&state, &request, answer, fault)),
    }
}

/// The answer that takes the right one's place.
fn disguise(state: &ServerState, request: &Request, right: Answer, fault: FaultKind) -> Answer {
    match fault {
        FaultKind::Status(code, headers, body) => Answer {
            status: StatusCode::from_u16(code).unwrap_or_default(),
            headers,
            body: body.into_bytes(),
        },
        FaultKind::Html => Answer::body(
            "text/html",
            "<!DOCTYPE html>\n<html><body>Please sign in.</body></html>",
        ),
        FaultKind::LoopingLink => right.with("Link", link(&request.target)),
        FaultKind::ForeignLink(url) => right.with("Link", link(&url)),
        FaultKind::LinkHeader(value) => {
            let mut answer = right;
            answer.headers.retain(|(name, _)| name != "Link");
            answer.with("Link", value)
        }
        FaultKind::RepeatedPage => {
            let further = format!("{}?last=further-{}", request.path, request.query.len());
            let first = Request {
                query: Vec::new(),
                ..request.clone()
            };
            state.answer(&first).with("Link", link(&further))
        }
        FaultKind::WrongTypes => {
            Answer::json(&json!({ "name": 7, "tags": { "1.0": [] }, "entries": ["1.0"] }))
        }
        FaultKind::EmptyBody => Answer {
            body: Vec::new(),
            ..right
        },
        FaultKind::TooManyRequests(pause) => {
            let body = json!({ "errors": [{ "code": "TOOMANYREQUESTS", "message": "slow down" }] });
            let answer = Answer::json(&body).status(StatusCode::TOO_MANY_REQUESTS);
            match pause {
                Some(seconds) => answer.with("Retry-After", seconds.to_string()),
                None => answer,
            }
        }
        FaultKind::Reset | FaultKind::Slow(_) | FaultKind::Truncate | FaultKind::EndlessBody => {
            right
        }
    }
}

fn link(url: &str) -> String {
    format!("<{url}>; rel=\"next\"")
}

fn whole(answer: Answer) -> Reply {
    let length = answer.body.len();
    let frames = stream::iter([Ok(Frame::data(Bytes::from(answer.body)))]);
    head(answer.status, &answer.headers, Some(length), frames.boxed())
}

/// Announces the whole body and breaks off in the middle.
fn half(mut answer: Answer) -> Reply {
    let length = answer.body.len();
    answer.body.truncate(length / 2);
    let half = stream::iter([Ok(Frame::data(Bytes::from(answer.body)))]);
    // The pause lets the half be sent before the connection ends.
    let broken = stream::once(async {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        Err(io::ErrorKind::ConnectionAborted.into())
    });
    head(
        answer.status,
        &answer.headers,
        Some(length),
        half.chain(broken).boxed(),
    )
}

fn endless(mut answer: Answer) -> Reply {
    // Nothing that never ends was compressed.
    answer
        .headers
        .retain(|(name, _)| !name.eq_ignore_ascii_case("Content-Encoding"));
    let frames = stream::repeat_with(|| Ok(Frame::data(Bytes::from_static(PIECE))));
    head(answer.status, &answer.headers, None, frames.boxed())
}

fn head(
    status: StatusCode,
    headers: &[(String, String)],
    length: Option<usize>,
    frames: Frames,
) -> Reply {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(name, value);
    }
    if let Some(length) = length {
        response = response.header(CONTENT_LENGTH, length);
    }
    response
        .body(StreamBody::new(frames))
        .map_err(io::Error::other)
}

impl Request {
    fn from_hyper(request: &hyper::Request<Incoming>) -> Self {
        let uri = request.uri();
        let query = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
        Self {
            method: request.method().clone(),
            path: uri.path().to_owned(),
            query: query.into_owned().collect(),
            headers: request.headers().clone(),
            target: uri
                .path_and_query()
                .map(ToString::to_string)
                .unwrap_or_default(),
            body: Vec::new(),
        }
    }
}
