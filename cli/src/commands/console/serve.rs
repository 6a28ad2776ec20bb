//! The server: HTTP/1.1 on one thread. Each connection and each request has its limits.

use std::convert::Infallible;
use std::future::Future;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use engine::ports::Clock;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use web_console::{Actions, Console, MOST_BODY, Memory, Octopus};

/// So many connections are served at a time: several browsers of one person.
const CONNECTIONS: usize = 64;

/// Within so long a request's head has to be there.
const PATIENCE: Duration = Duration::from_secs(15);

/// So much a request's head may have.
const MOST_HEAD: usize = 32 * 1024;

/// Serves until told to stop.
pub(super) async fn until<S, O, C, H>(
    stop: impl Future<Output = ()>,
    listener: TcpListener,
    console: Console<S, O, C, H>,
) -> anyhow::Result<()>
where
    S: Memory + 'static,
    O: Octopus + 'static,
    C: Clock + 'static,
    H: Actions + 'static,
{
    let console = Rc::new(console);
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    tokio::pin!(stop);
    loop {
        let place = Arc::clone(&places).acquire_owned().await?;
        let accepted = tokio::select! {
            () = &mut stop => return Ok(()),
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            continue; // Whoever knocked is gone again.
        };
        let console = Rc::clone(&console);
        tokio::task::spawn_local(async move {
            connection(stream, &console).await;
            drop(place);
        });
    }
}

async fn connection<S, O, C, H>(stream: TcpStream, console: &Console<S, O, C, H>)
where
    S: Memory,
    O: Octopus,
    C: Clock,
    H: Actions,
{
    let service = service_fn(async |request| Ok::<_, Infallible>(answer(console, request).await));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(MOST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::debug!(%error, "a connection to the console ended early");
    }
}

async fn answer<S, O, C, H>(
    console: &Console<S, O, C, H>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>>
where
    S: Memory,
    O: Octopus,
    C: Clock,
    H: Actions,
{
    let (head, body) = request.into_parts();
    let body = tokio::time::timeout(PATIENCE, Limited::new(body, MOST_BODY).collect());
    match body.await {
        Ok(Ok(body)) => {
            let request = Request::from_parts(head, body.to_bytes());
            console.answer(&request, &who()).await.map(Full::new)
        }
        Ok(Err(_)) => refused(StatusCode::PAYLOAD_TOO_LARGE),
        Err(_) => refused(StatusCode::REQUEST_TIMEOUT),
    }
}

fn refused(status: StatusCode) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::new()));
    *response.status_mut() = status;
    response
}

/// Whoever started the console: nobody else was given its key.
fn who() -> String {
    let mut user = ["USER", "LOGNAME", "USERNAME"].into_iter();
    let user = user.find_map(|name| std::env::var(name).ok());
    user.unwrap_or_else(|| "whoever started the console".to_owned())
}
