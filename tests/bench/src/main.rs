//! Measures how feeds are read and checks are planned, in the profile that is shipped, and prints each
//! figure as a line of JSON.
//!
//! | argument | figure |
//! |---|---|
//! | `tags` | P4: memory of checking 10,000 tags |
//! | `memory` | P5: memory of reading indexes of 1, 23 and 140 MB |
//! | `time` | P6: time of reading an index of 23 MB, beside `serde_yaml_ng` |
//! | `unchanged` | P7 and P8: requests and calls of the store of checks that find nothing new |
//! | `parallel` | P9: time of 100 packages, divided by the time of the round trips |
//! | `throughput` | P10: checks a second on one core, beside a bare loop of the same requests |
//! | `politeness` | P12: requests sent although a pause was asked for |
//! | `sustained` | S4: used share of Octopus's rate limit, with 3,000 projects |
//! | `hanging` | S5: scheduler run of 10,000 feeds and 3,000 triggers while Octopus hangs |
//! | `growth` | P14: how the time grows with tags and with feeds |
//! | `peers PROGRAM` | checks beside go-containerregistry and Helm's loader, which PROGRAM uses |
//! | `patterns` | R10: the longest time that a pattern takes for one version |
//!
//! Where memory or work is measured, the servers run in processes of their own, so that what is measured
//! is the reader alone.

#![expect(clippy::print_stdout, reason = "the figures are the output")]

mod checker;
mod growth;
mod hanging;
mod index;
mod memory;
mod parallel;
mod patterns;
mod peers;
mod politeness;
mod reader;
mod server;
mod sustained;
mod tags;
mod throughput;
mod time;
mod unchanged;

use anyhow::bail;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["tags"] => tags::measure().await,
        ["memory"] => memory::measure(),
        ["time"] => time::measure(),
        ["unchanged"] => unchanged::measure().await,
        ["parallel"] => parallel::measure().await,
        ["throughput"] => throughput::measure().await,
        ["politeness"] => politeness::measure().await,
        ["sustained"] => sustained::measure().await,
        ["hanging"] => hanging::measure(),
        ["growth"] => growth::measure().await,
        ["patterns"] => {
            patterns::measure();
            Ok(())
        }
        ["peers", theirs] => peers::measure(theirs).await,
        // Processes that the measurements start.
        ["read", charts, ref urls @ ..] => reader::read(charts, urls).await,
        ["parse", bytes] => time::parse(bytes),
        ["schedule-hanging"] => hanging::run().await,
        ["check-tags", url, checks] => peers::check_tags(url, checks).await,
        ["check-index", url, checks] => peers::check_index(url, checks).await,
        ["serve-index", bytes] => server::serve_index(bytes.parse()?).await,
        ["serve-tags", count] => server::serve_tags(count.parse()?).await,
        ["serve-packages", count] => server::serve_packages(count.parse()?).await,
        _ => bail!(
            "usage: bench-feeds tags | memory | time | unchanged | parallel | throughput | politeness | sustained \
             | hanging | growth | peers PROGRAM | patterns"
        ),
    }
}
