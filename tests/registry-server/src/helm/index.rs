//! The index as text, and as an answer to a conditional request.

use std::fmt::Write as _;
use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use hyper::StatusCode;
use sha2::{Digest, Sha256};

use super::State;
use crate::exchange::{Answer, Request};

/// The index: 304 where the client has it already, compressed where the client accepts it.
pub(super) fn answer(request: &Request, state: &State) -> Answer {
    let text = state
        .text
        .clone()
        .unwrap_or_else(|| text(state).into_bytes());
    let weak = if state.weak { "W/" } else { "" };
    let etag = format!("{weak}\"{}\"", hex(&text));
    let modified = state
        .changed
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string();
    let unchanged = match request.header("if-none-match") {
        Some(known) => known == etag,
        None => request.header("if-modified-since") == Some(modified.as_str()),
    };
    let mut answer = Answer::body("application/x-yaml", text);
    if state.validators {
        answer = answer.with("ETag", etag).with("Last-Modified", modified);
        if unchanged {
            return Answer {
                body: Vec::new(),
                ..answer.status(StatusCode::NOT_MODIFIED)
            };
        }
    }
    if request
        .header("accept-encoding")
        .is_some_and(|accepted| accepted.contains("gzip"))
    {
        answer.body = gzip(&answer.body);
        answer = answer.with("Content-Encoding", "gzip");
    }
    answer
}

/// As Helm writes it: keys in order, strings quoted where they must be.
fn text(state: &State) -> String {
    let mut text = String::from("apiVersion: v1\nentries:\n");
    if state.charts.is_empty() {
        text = String::from("apiVersion: v1\nentries: {}\n");
    }
    for (chart, versions) in &state.charts {
        let _ = writeln!(text, "  {chart}:");
        for published in versions {
            let (version, created) = (&published.version, published.created);
            let digest = hex(format!("{chart}-{version}").as_bytes());
            let _ = write!(
                text,
                "  - apiVersion: v2\n    created: \"{created}\"\n    \
                 description: A chart for tests\n    digest: {digest}\n    name: {chart}\n    \
                 type: application\n    urls:\n    - {chart}-{version}.tgz\n    version: \"{version}\"\n"
            );
        }
    }
    let _ = writeln!(text, "generated: \"{}\"", state.changed);
    match state.chart_museum.as_deref() {
        Some("") => text.push_str("serverInfo: {}\n"),
        Some(context) => {
            let _ = writeln!(text, "serverInfo:\n  contextPath: {context}");
        }
        None => {}
    }
    text
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

pub(super) fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}
