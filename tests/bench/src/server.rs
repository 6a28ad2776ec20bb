//! Servers in their own processes, which end with the process that started them.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::Context;
use registry_server::Registry;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::index;

/// A server, until it is dropped.
pub(crate) struct Server {
    child: Child,
    /// Where it is.
    pub(crate) url: String,
}

impl Server {
    /// This program as a server, once it has printed its address.
    pub(crate) fn start(arguments: [&str; 2]) -> anyhow::Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdout(Stdio::piped())
            .spawn()?;
        let mut url = String::new();
        let stdout = child.stdout.take().context("its output is not read")?;
        BufReader::new(stdout).read_line(&mut url)?;
        let url = url.trim().to_owned();
        Ok(Self { child, url })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Answers every request with an index of about so many bytes.
pub(crate) async fn serve_index(bytes: usize) -> anyhow::Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let text: String = index::pieces(bytes).collect();
    let length = text.len();
    println!("http://{}", listener.local_addr()?);
    loop {
        let (mut stream, _) = listener.accept().await?;
        let mut request = [0; 8 << 10];
        let _ = stream.read(&mut request).await?;
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/yaml\r\nContent-Length: {length}\r\n\
             Connection: close\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await?;
        // A reader that has gone is its own affair.
        let _ = stream.write_all(text.as_bytes()).await;
        let _ = stream.shutdown().await;
    }
}

/// A registry with one repository of so many tags.
pub(crate) async fn serve_tags(count: usize) -> anyhow::Result<()> {
    let registry = Registry::start().await?;
    for number in 0..count {
        registry.push(
            "acme/web",
            &format!("1.{}.{}", number / 100, number % 100),
            "",
        );
    }
    println!("{}", registry.url());
    std::future::pending().await
}

/// The tags of each package where there are many packages: a page of usual size.
const TAGS_OF_ONE: usize = 100;

/// The name of a package where there are many.
pub(crate) fn package(number: usize) -> String {
    format!("acme/package-{number:03}")
}

/// A registry with so many repositories.
pub(crate) async fn serve_packages(count: usize) -> anyhow::Result<()> {
    let registry = Registry::start().await?;
    for repository in (0..count).map(package) {
        for minor in 0..TAGS_OF_ONE {
            registry.push(&repository, &format!("1.{minor}.0"), "");
        }
    }
    println!("{}", registry.url());
    std::future::pending().await
}
