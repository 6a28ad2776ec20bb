//! `feedctl console` on this machine, and its pages.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Stdio};

use base64::Engine as _;

use crate::world::World;

/// Stops the console at the end of the test.
pub(crate) struct Console(Child);

/// The address of the console, with its credentials.
pub(crate) struct Address {
    host: String,
    credentials: String,
}

impl Console {
    /// Starts the console and waits for its address.
    pub(crate) fn start(world: &World) -> (Self, Address) {
        let mut command = world.command(&["console", "--port", "0"]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let console = Self(child);
        loop {
            let line = lines.next().unwrap().unwrap();
            if let Some((_, url)) = line.split_once("http://") {
                let url = url.split_whitespace().next().unwrap();
                let (credentials, host) = url.split_once('@').unwrap();
                let address = Address {
                    host: host.split('/').next().unwrap().to_owned(),
                    credentials: credentials.to_owned(),
                };
                return (console, address);
            }
        }
    }
}

impl Drop for Console {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

impl Address {
    /// The page at this path.
    pub(crate) async fn page(&self, path: &str) -> String {
        let host = self.host.clone();
        let credentials = base64::engine::general_purpose::STANDARD.encode(&self.credentials);
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Basic {credentials}\r\nConnection: close\r\n\r\n"
        );
        let response = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(host).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut response = String::new();
            stream.read_to_string(&mut response).unwrap();
            response
        });
        let response = response.await.unwrap();
        assert!(response.starts_with("HTTP/1.1 200"), "{path}: {response}");
        response
    }
}
