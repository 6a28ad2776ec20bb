//! Measures how feeds are read, in the profile that is shipped, and prints each figure as a line of JSON.
//!
//! `bench-feeds tags` reads and checks a package of 10,000 tags (P4), `bench-feeds memory` indexes of
//! 1, 23 and 140 MB (P5), `bench-feeds time` an index of 23 MB beside `serde_yaml_ng` (P6). The servers
//! run in processes of their own, so that what is measured is the reader alone.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

mod index;
mod memory;
mod reader;
mod server;
mod tags;
mod time;

use anyhow::bail;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["tags"] => tags::measure().await,
        ["memory"] => memory::measure(),
        ["time"] => time::measure(),
        // What the measurements start as processes of their own.
        ["read", url, charts] => reader::read(url, charts).await,
        ["parse", bytes] => time::parse(bytes),
        ["serve-index", bytes] => server::serve_index(bytes.parse()?).await,
        ["serve-tags", count] => server::serve_tags(count.parse()?).await,
        _ => bail!("usage: bench-feeds tags | memory | time"),
    }
}
