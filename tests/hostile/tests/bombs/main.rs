//! Bombs: small questions with answers that would fill any memory. Each is read in a process of its own, of
//! which the peak of memory is measured; it ends with an error that says what was too much.

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

/// What a read may take beyond what its limits let it hold.
const MARGIN_KIB: u64 = 4 << 10;

#[tokio::test]
async fn no_bomb_of_a_registry_takes_more_than_its_limit_and_a_little() {
    println!("{}", set_off_all(&registry::table()).await);
}

#[tokio::test]
async fn no_bomb_of_a_helm_repository_takes_more_than_its_limit_and_a_little() {
    println!("{}", set_off_all(&helm::table()).await);
}

#[tokio::test]
async fn no_compressed_bomb_takes_more_than_its_limit_and_a_little() {
    println!("{}", set_off_all(&compressed::table()).await);
}

#[tokio::test]
async fn no_bomb_of_octopus_takes_more_than_its_limit_and_a_little() {
    println!("{}", set_off_all(&octopus::table()).await);
}

/// What each came to, a line for each.
async fn set_off_all(bombs: &[Bomb]) -> String {
    let mut lines = Vec::new();
    let mut wrong = Vec::new();
    let mut most = 0;
    for bomb in bombs {
        let (growth, outcome) = set_off(bomb).await;
        let bound = bomb.cap_kib + MARGIN_KIB;
        let line = format!("{}: {growth} KiB of {bound}: {outcome}", bomb.name);
        if growth > bound || !outcome.contains(bomb.said) {
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

/// By how much the peak of a process grew that met the bomb, and what it said.
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
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {said}", bomb.name);
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
