//! A server at a loopback address that the test allows, and listeners at addresses that must not be reached.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

/// Answers every connection once and closes it, so that each request opens a connection.
pub(crate) struct Home {
    pub(crate) address: SocketAddr,
}

impl Home {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.2", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                tokio::spawn(answer(connection));
            }
        });
        Self { address }
    }

    /// A URL here that redirects to `target`.
    pub(crate) fn redirect(&self, target: &str) -> Url {
        let target = utf8_percent_encode(target, NON_ALPHANUMERIC);
        Url::parse(&format!("http://{}/to/{target}", self.address)).unwrap()
    }

    /// Listens at the same port of other addresses of this machine.
    pub(crate) async fn spies(&self) -> Spies {
        let spies = Spies::default();
        for address in ["127.0.0.1", "127.0.0.3", "::1"] {
            let address: IpAddr = address.parse().unwrap();
            // Some machines have no IPv6.
            if let Ok(listener) = TcpListener::bind((address, self.address.port())).await {
                tokio::spawn(spies.clone().watch(listener, address));
            }
        }
        spies
    }
}

/// The forbidden addresses that were connected to.
#[derive(Clone, Default)]
pub(crate) struct Spies(Arc<Mutex<Vec<IpAddr>>>);

impl Spies {
    pub(crate) fn connections(&self) -> Vec<IpAddr> {
        self.0.lock().unwrap().clone()
    }

    async fn watch(self, listener: TcpListener, address: IpAddr) {
        while listener.accept().await.is_ok() {
            self.0.lock().unwrap().push(address);
        }
    }
}

async fn answer(mut connection: TcpStream) {
    let mut head = vec![0; 8192];
    let read = connection.read(&mut head).await.unwrap_or_default();
    let head = String::from_utf8_lossy(&head[..read]).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default();
    let answer = match path.strip_prefix("/to/") {
        Some(target) => {
            let target = percent_decode_str(target).decode_utf8_lossy();
            format!(
                "HTTP/1.1 302 Found\r\nLocation: {target}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
        }
        None => "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok".to_owned(),
    };
    // The client may have closed the connection.
    drop(connection.write_all(answer.as_bytes()).await);
}
