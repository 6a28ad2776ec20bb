//! A proxy that forwards everything except the answers that it is asked to spoil. It works on bytes, so that it can
//! send what no HTTP library would.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// How an answer is spoilt.
#[derive(Clone)]
pub enum Spoil {
    /// These bytes are sent instead, then the connection ends.
    Bytes(Vec<u8>),
    /// These bytes, and then the others again and again, with so long between them.
    Endless(Vec<u8>, Vec<u8>, Duration),
    /// Nothing is sent, and the connection stays open.
    NoResponse,
    /// The connection is reset.
    Reset,
    /// The right answer, changed.
    Changed(fn(Answer) -> Vec<u8>),
}

/// An answer as received from the server: the head with its empty line, and the body.
pub struct Answer {
    /// Status and headers.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
    /// Path and query of the request.
    pub target: String,
}

impl Answer {
    /// The answer with another body and its length.
    pub fn with_body(&self, body: impl Into<Vec<u8>>) -> Vec<u8> {
        let body = body.into();
        let length = format!("content-length: {}\r\n", body.len());
        let is_length = |line: &&str| line.to_ascii_lowercase().starts_with("content-length");
        let mut head: String = self
            .head
            .split_inclusive("\r\n")
            .filter(|line| !is_length(line))
            .collect();
        head.insert_str(head.len() - 2, &length);
        [head.into_bytes(), body].concat()
    }

    /// The answer with one more header.
    pub fn with_header(mut self, header: &str) -> Vec<u8> {
        self.head
            .insert_str(self.head.len() - 2, &format!("{header}\r\n"));
        [self.head.into_bytes(), self.body].concat()
    }
}

#[derive(Default)]
struct Plan {
    /// For requests whose path and query contain the text.
    spoil: Option<(String, Spoil)>,
    has_spoilt: bool,
}

type Shared = Arc<Mutex<Plan>>;

/// Runs until it is dropped.
pub struct TamperingProxy {
    address: SocketAddr,
    plan: Shared,
    listening: JoinHandle<()>,
}

impl TamperingProxy {
    /// Forwards to the server at this URL, which is `http://ADDRESS` with or without a path.
    pub async fn before(server: &str) -> Self {
        let upstream = server.trim_start_matches("http://").split('/').next();
        let upstream: SocketAddr = upstream.unwrap().parse().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let plan = Shared::default();
        let listening = tokio::spawn(listen(listener, upstream, Arc::clone(&plan)));
        Self {
            address,
            plan,
            listening,
        }
    }

    /// Where it is: `http://ADDRESS`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// From now on, spoils answers to requests whose path and query contain `path`.
    pub fn spoil(&self, path: &str, spoil: Spoil) {
        *self.plan.lock().unwrap() = Plan {
            spoil: Some((path.to_owned(), spoil)),
            has_spoilt: false,
        };
    }

    /// Whether it has spoilt anything yet.
    pub fn has_spoilt(&self) -> bool {
        self.plan.lock().unwrap().has_spoilt
    }
}

impl Drop for TamperingProxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn listen(listener: TcpListener, upstream: SocketAddr, plan: Shared) {
    while let Ok((connection, _)) = listener.accept().await {
        let plan = Arc::clone(&plan);
        // An error is the effect of a spoilt answer, or a client that disconnected.
        tokio::spawn(async move { drop(serve(connection, upstream, &plan).await) });
    }
}

async fn serve(mut client: TcpStream, upstream: SocketAddr, plan: &Shared) -> io::Result<()> {
    client.set_nodelay(true)?;
    let request = receive(&mut client).await?;
    let target = request.split(' ').nth(1).unwrap_or_default().to_owned();
    match planned(plan, &target) {
        None => {
            let answer = ask(upstream, &request, target).await?;
            client.write_all(answer.head.as_bytes()).await?;
            client.write_all(&answer.body).await?;
        }
        Some(Spoil::Changed(change)) => {
            let answer = ask(upstream, &plain(&request), target).await?;
            client.write_all(&change(answer)).await?;
        }
        Some(Spoil::Bytes(bytes)) => client.write_all(&bytes).await?,
        Some(Spoil::Endless(start, piece, pause)) => {
            client.write_all(&start).await?;
            loop {
                client.write_all(&piece).await?;
                tokio::time::sleep(pause).await;
            }
        }
        Some(Spoil::NoResponse) => drop(client.read(&mut [0]).await?),
        Some(Spoil::Reset) => client.set_zero_linger()?,
    }
    client.shutdown().await
}

/// How to spoil the answer, if so planned.
fn planned(plan: &Shared, target: &str) -> Option<Spoil> {
    let mut plan = plan.lock().unwrap();
    let spoil = plan.spoil.clone();
    let (_, spoil) = spoil.filter(|(path, _)| target.contains(path))?;
    plan.has_spoilt = true;
    Some(spoil)
}

/// The request without its conditions and encodings: to be changed, an answer needs a body that can be read.
fn plain(request: &str) -> String {
    let is_wish = |line: &&str| {
        let line = line.to_ascii_lowercase();
        line.starts_with("if-") || line.starts_with("accept-encoding")
    };
    let lines = request.split_inclusive("\r\n");
    lines.filter(|line| !is_wish(line)).collect()
}

/// A request with its body and `Connection: close`.
async fn receive(client: &mut TcpStream) -> io::Result<String> {
    let mut request = Vec::new();
    loop {
        let end = request.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&request[..end]).into_owned();
            if request.len() >= end + 4 + length(&head) {
                let body = String::from_utf8_lossy(&request[end + 4..]);
                return Ok(format!("{head}\r\nConnection: close\r\n\r\n{body}"));
            }
        }
        if client.read_buf(&mut request).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
    }
}

fn length(head: &str) -> usize {
    let lower = head.to_ascii_lowercase();
    let value = lower
        .lines()
        .find_map(|line| line.strip_prefix("content-length:"));
    value
        .and_then(|value| value.trim().parse().ok())
        .unwrap_or(0)
}

async fn ask(upstream: SocketAddr, request: &str, target: String) -> io::Result<Answer> {
    let mut server = TcpStream::connect(upstream).await?;
    server.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    server.read_to_end(&mut answer).await?;
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
    let body = answer.split_off(end.map_or(answer.len(), |end| end + 4));
    Ok(Answer {
        head: String::from_utf8_lossy(&answer).into_owned(),
        body,
        target,
    })
}
