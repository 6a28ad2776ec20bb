//! A proxy with `CONNECT` and absolute addresses. Every name leads to one server, as names in a test do.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

/// A proxy that records the first line of each request and the credential in it.
#[derive(Clone)]
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    requested: Arc<Mutex<Vec<String>>>,
}

impl Proxy {
    /// Starts a proxy that connects to `target` for every name.
    pub(crate) async fn start(target: SocketAddr) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let proxy = Self {
            address: listener.local_addr().unwrap(),
            requested: Arc::default(),
        };
        let serving = proxy.clone();
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(client, target));
            }
        });
        proxy
    }

    /// The requests since the last call, such as `CONNECT registry.test:443`.
    pub(crate) fn requested(&self) -> Vec<String> {
        std::mem::take(&mut *self.requested.lock().unwrap())
    }

    async fn serve(self, mut client: TcpStream, target: SocketAddr) {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            match client.read_u8().await {
                Ok(byte) => head.push(byte),
                Err(_) => return,
            }
        }
        let text = String::from_utf8_lossy(&head).into_owned();
        let line = text.lines().next().unwrap_or_default();
        let line = line.trim_end_matches(" HTTP/1.1").to_owned();
        let credential = text.lines().find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("proxy-authorization: ")
                .map(|_| line.to_owned())
        });
        self.requested.lock().unwrap().push(match credential {
            Some(header) => format!(
                "{line} {}",
                header.split(' ').next_back().unwrap_or_default()
            ),
            None => line.clone(),
        });
        let mut server = TcpStream::connect(target).await.unwrap();
        if line.starts_with("CONNECT ") {
            client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.unwrap();
        } else {
            server.write_all(&head).await.unwrap();
        }
        // Either side may close the connection at any time.
        drop(copy_bidirectional(&mut client, &mut server).await);
    }
}
