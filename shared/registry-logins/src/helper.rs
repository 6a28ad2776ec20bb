//! Credential helpers: programs `docker-credential-NAME` that keep logins in a store of the operating system or issue
//! them.
//!
//! Protocol: `get` reads the server's name from standard input and prints `{"Username": ..., "Secret": ...}`.
//! <https://github.com/docker/docker-credential-helpers>

use std::process::Stdio;
use std::time::Duration;

use secrecy::SecretString;
use serde::Deserialize;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::Command;

use crate::login::Login;

/// The maximum output, in bytes. Tokens of cloud providers have up to some kilobytes.
const MAX_OUTPUT: u64 = 64 << 10;

/// The message of helpers without a login for the server.
const NOT_FOUND: &str = "credentials not found";

/// The output of `get`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Output {
    #[serde(default)]
    username: String,
    secret: SecretString,
}

/// A helper that returned no login. The error never contains the helper's output.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HelperError {
    #[error("its name contains other characters than letters, digits, `.`, `_` and `-`")]
    Name,
    #[error("it cannot be started")]
    Start(#[source] std::io::Error),
    #[error("it did not answer within {0:?}")]
    Timeout(Duration),
    #[error("it failed with {0}")]
    Failed(std::process::ExitStatus),
    #[error("its output has more than {MAX_OUTPUT} bytes")]
    TooLong,
    #[error("its output is not the JSON of a login")]
    Output,
}

/// Asks the helper for the login of a server. `None`: it has none.
pub(crate) async fn get(
    name: &str,
    server: &str,
    timeout: Duration,
) -> Result<Option<Login>, HelperError> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    if !name.bytes().all(is_plain) {
        return Err(HelperError::Name);
    }
    let program = format!("docker-credential-{name}");
    let answer = tokio::time::timeout(timeout, run(&program, server)).await;
    let (status, output) = answer.map_err(|_| HelperError::Timeout(timeout))??;
    if !status.success() {
        let message = String::from_utf8_lossy(&output);
        return match message.contains(NOT_FOUND) {
            true => Ok(None),
            false => Err(HelperError::Failed(status)),
        };
    }
    let output: Output = serde_json::from_slice(&output).map_err(|_| HelperError::Output)?;
    Ok(match output.username.is_empty() {
        true => Login::of_identity_token(output.secret, program),
        false => Login::of_user(&output.username, output.secret, program),
    })
}

/// Runs the helper; it is killed if this is dropped. Its standard error, which may contain secrets, is discarded.
async fn run(
    program: &str,
    server: &str,
) -> Result<(std::process::ExitStatus, Vec<u8>), HelperError> {
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .map_err(HelperError::Start)?;
    if let Some(mut input) = child.stdin.take() {
        // A helper may end without reading it.
        let _ = input.write_all(server.as_bytes()).await;
    }
    let mut output = Vec::new();
    if let Some(stdout) = child.stdout.take() {
        let mut limited = stdout.take(MAX_OUTPUT + 1);
        let read = limited.read_to_end(&mut output).await;
        read.map_err(HelperError::Start)?;
    }
    if u64::try_from(output.len()).is_ok_and(|size| size > MAX_OUTPUT) {
        return Err(HelperError::TooLong);
    }
    let status = child.wait().await.map_err(HelperError::Start)?;
    Ok((status, output))
}
