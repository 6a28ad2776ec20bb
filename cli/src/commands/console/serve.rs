//! The HTTP/1.1 server of the console, on one thread, with limits for each connection and request.

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
use web_console::{Actions, Console, ConsoleOctopus, ConsoleStore, MAX_BODY_BYTES};

/// The maximum number of connections: several browsers of one user.
const CONNECTIONS: usize = 64;

/// The time limit for a request's head, and for its body.
const TIME_LIMIT: Duration = Duration::from_secs(15);

/// The maximum size of a request's head, in bytes.
const MOST_HEAD: usize = 32 * 1024;

/// Serves until `stop` completes.
pub(super) async fn until<S, O, C, H>(
    stop: impl Future<Output = ()>,
    listener: TcpListener,
    console: Console<S, O, C, H>,
) -> anyhow::Result<()>
where
    S: ConsoleStore + 'static,
    O: ConsoleOctopus + 'static,
    C: Clock + 'static,
    H: Actions + 'static,
{
    let console = Rc::new(console);
    let permits = Arc::new(Semaphore::new(CONNECTIONS));
    tokio::pin!(stop);
    loop {
        let permit = Arc::clone(&permits).acquire_owned().await?;
        let accepted = tokio::select! {
            () = &mut stop => return Ok(()),
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            continue; // The client closed the connection.
        };
        let console = Rc::clone(&console);
        tokio::task::spawn_local(async move {
            connection(stream, &console).await;
            drop(permit);
        });
    }
}

async fn connection<S, O, C, H>(stream: TcpStream, console: &Console<S, O, C, H>)
where
    S: ConsoleStore,
    O: ConsoleOctopus,
    C: Clock,
    H: Actions,
{
    let service = service_fn(async |request| Ok::<_, Infallible>(answer(console, request).await));
    let served = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(TIME_LIMIT)
        .max_buf_size(MOST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = served.await {
        tracing::debug!(%error, "console connection ended early");
    }
}

async fn answer<S, O, C, H>(
    console: &Console<S, O, C, H>,
    request: Request<Incoming>,
) -> Response<Full<Bytes>>
where
    S: ConsoleStore,
    O: ConsoleOctopus,
    C: Clock,
    H: Actions,
{
    let (head, body) = request.into_parts();
    let body = tokio::time::timeout(TIME_LIMIT, Limited::new(body, MAX_BODY_BYTES).collect());
    match body.await {
        Ok(Ok(body)) => {
            let request = Request::from_parts(head, body.to_bytes());
            console.answer(&request, &user()).await.map(Full::new)
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

/// The user that started the console; only this user has its key.
fn user() -> String {
    let mut names = ["USER", "LOGNAME", "USERNAME"].into_iter();
    let user = names.find_map(|name| std::env::var(name).ok());
    user.unwrap_or_else(|| "the user that started the console".to_owned())
}
