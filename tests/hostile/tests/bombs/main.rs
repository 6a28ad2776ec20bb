//! Bombs: answers that would fill any memory. Each is read in its own process, whose peak memory is measured; the read
//! must end with an error that names the exceeded limit.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]
#![cfg(target_os = "linux")]

mod bomb;
mod compressed;
mod helm;
mod octopus;
mod registry;

use std::process::Command;
use std::sync::Arc;

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use bomb::{Answer, Bomb};

/// Memory that a read may use beyond its limits.
const MARGIN_KIB: u64 = 4 << 10;

#[tokio::test]
async fn registry_bombs_stay_within_the_memory_limit() {
    println!("{}", set_off_all(&registry::table()).await);
}

#[tokio::test]
async fn helm_bombs_stay_within_the_memory_limit() {
    println!("{}", set_off_all(&helm::table()).await);
}

#[tokio::test]
async fn compressed_bombs_stay_within_the_memory_limit() {
    println!("{}", set_off_all(&compressed::table()).await);
}

#[tokio::test]
async fn octopus_bombs_stay_within_the_memory_limit() {
    println!("{}", set_off_all(&octopus::table()).await);
}

/// One line with the outcome for each bomb.
async fn set_off_all(bombs: &[Bomb]) -> String {
    let mut lines = Vec::new();
    let mut wrong = Vec::new();
    let mut most = 0;
    for bomb in bombs {
        let (growth, outcome) = set_off(bomb).await;
        let bound = bomb.cap_kib + MARGIN_KIB;
        let line = format!("{}: {growth} KiB of {bound}: {outcome}", bomb.name);
        if growth > bound || !outcome.contains(bomb.expected_text) {
            wrong.push(line.clone());
        }
        lines.push(line);
        most = most.max(growth.saturating_sub(bomb.cap_kib));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let count = bombs.len();
    lines.push(format!(
        "R10: {count} bombs, at most {most} KiB beyond the cap"
    ));
    lines.join("\n")
}

/// The growth of peak memory of a process that read the bomb, and its outcome.
async fn set_off(bomb: &Bomb) -> (u64, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (answer, warm) = (Arc::clone(&bomb.answer), bomb.kind.warm());
    let serving = tokio::spawn(async move {
        while let Ok((connection, _)) = listener.accept().await {
            let answer = Arc::clone(&answer);
            tokio::spawn(async move { drop(serve(connection, &answer, warm).await) });
        }
    });
    let mut program = Command::new(env!("CARGO_BIN_EXE_bombed"));
    program.args([bomb.kind.name(), &url]);
    let output = tokio::task::spawn_blocking(move || program.output().unwrap());
    let output = output.await.unwrap();
    serving.abort();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {errors}", bomb.name);
    let line: Value = serde_json::from_slice(&output.stdout).unwrap();
    let outcome = line["outcome"].as_str().unwrap().to_owned();
    (line["growthKib"].as_u64().unwrap(), outcome)
}

/// Answers one request: with the bomb where it is asked for, harmlessly elsewhere.
async fn serve(mut client: TcpStream, bomb: &Answer, warm: &str) -> std::io::Result<()> {
    let mut request = [0; 4096];
    let read = client.read(&mut request).await?;
    let is_bomb = String::from_utf8_lossy(&request[..read]).contains("/bomb");
    if !is_bomb {
        let length = warm.len();
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n");
        client.write_all(head.as_bytes()).await?;
        client.write_all(warm.as_bytes()).await?;
        return client.shutdown().await;
    }
    client.write_all(&bomb.start).await?;
    for _ in 0..bomb.times {
        client.write_all(&bomb.again).await?;
    }
    client.write_all(&bomb.end).await?;
    client.shutdown().await
}
