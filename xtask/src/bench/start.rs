//! P1: from the start of a function's program to its first request for an event.
//!
//! The Runtime API of Lambda is played by a listener on loopback that takes one request and measures.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use super::{Program, Row, Target};

const AT_MOST: f64 = 1.8;

/// A function that has not asked by then never will.
const PATIENCE: Duration = Duration::from_secs(10);

const QUEUE: &str = "https://sqs.us-east-1.amazonaws.com/000000000000/bench";

/// The environment of the functions. They use no service in it before the first event.
const ENVIRONMENT: [(&str, &str); 28] = [
    ("AWS_LAMBDA_FUNCTION_NAME", "bench"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_REGION", "us-east-1"),
    ("AWS_ACCESS_KEY_ID", "test"),
    ("AWS_SECRET_ACCESS_KEY", "test"),
    ("AWS_SESSION_TOKEN", "test"),
    ("AWS_ACCOUNT", "000000000000"),
    ("TABLE_NAME", "bench"),
    ("BUS_NAME", "bench"),
    ("OCTOPUS_URL", "https://octopus.invalid"),
    (
        "OCTOPUS_SECRET_ARN",
        "arn:aws:secretsmanager:us-east-1:000000000000:secret:bench",
    ),
    (
        "WEBHOOK_SECRET_ARN",
        "arn:aws:secretsmanager:us-east-1:000000000000:secret:bench",
    ),
    ("OCTOPUS_SPACES", "Default"),
    ("NATIVE_TRIGGERS", "marked"),
    ("MODE", "create"),
    ("ALLOWED_NETWORKS", ""),
    ("FEED_SECRET_ARNS", ""),
    ("CHECK_INTERVAL_SECONDS", "60"),
    ("REFRESH_INTERVAL_SECONDS", "300"),
    ("STACK_NAME", "bench"),
    ("SCHEDULE_DEAD_LETTERS_URL", QUEUE),
    ("CHECK_QUEUE_URL", QUEUE),
    ("CHECK_DEAD_LETTERS_URL", QUEUE),
    ("RELEASE_QUEUE_URL", QUEUE),
    ("RELEASE_DEAD_LETTERS_URL", QUEUE),
    ("PUSH_QUEUE_URL", QUEUE),
    ("PUSH_DEAD_LETTERS_URL", QUEUE),
];

/// Starts every function in turns with the empty one, and compares the medians.
pub(crate) fn rows(empty: &Program, shipped: &[Program], runs: usize) -> anyhow::Result<Vec<Row>> {
    let programs: Vec<&Program> = std::iter::once(empty).chain(shipped).collect();
    for program in &programs {
        time_to_first_request(&program.bootstrap)?; // From disk into memory, unmeasured.
    }
    let mut times = vec![Vec::with_capacity(runs); programs.len()];
    for _ in 0..runs {
        for (program, times) in programs.iter().zip(&mut times) {
            let took = time_to_first_request(&program.bootstrap)
                .with_context(|| format!("starting {}", program.name))?;
            times.push(took);
        }
    }
    println!("\n| function | start, median of {runs} |\n|---|---:|");
    let medians: Vec<f64> = times.into_iter().map(median).collect();
    for (program, median) in programs.iter().zip(&medians) {
        println!("| {} | {median:.2} ms |", program.name);
    }
    let (base, others) = medians.split_first().context("nothing was measured")?;
    let row = |(program, median): (&Program, &f64)| Row {
        figure: "P1",
        subject: format!("start of {} ÷ empty function", program.name),
        measured: median / base,
        unit: "",
        target: Target::AtMost(AT_MOST),
        beside: format!("{base:.2} ms, empty function"),
    };
    Ok(shipped.iter().zip(others).map(row).collect())
}

fn median(mut times: Vec<Duration>) -> f64 {
    times.sort_unstable();
    times[times.len() / 2].as_secs_f64() * 1e3
}

fn time_to_first_request(bootstrap: &Path) -> anyhow::Result<Duration> {
    let api = TcpListener::bind(("127.0.0.1", 0))?;
    let address = api.local_addr()?;
    let _watch = watch(address);
    let mut command = Command::new(bootstrap);
    command
        .env_clear()
        .envs(ENVIRONMENT)
        .env("AWS_LAMBDA_RUNTIME_API", address.to_string())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let start = Instant::now();
    let child = command
        .spawn()
        .with_context(|| format!("{} cannot be started", bootstrap.display()))?;
    let _child = Ended(child);
    let (stream, _) = api.accept()?;
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line)?;
    let took = start.elapsed();
    if !line.contains("/runtime/invocation/next") {
        bail!("its first request is not for an event: {}", line.trim());
    }
    Ok(took)
}

/// Wakes the listener with a word of its own if nothing comes; stops when the answer is dropped.
fn watch(address: SocketAddr) -> mpsc::Sender<()> {
    let (done, waiting) = mpsc::channel::<()>();
    std::thread::spawn(move || {
        if waiting.recv_timeout(PATIENCE) == Err(mpsc::RecvTimeoutError::Timeout)
            && let Ok(mut stream) = TcpStream::connect(address)
        {
            let _ = writeln!(stream, "none within {PATIENCE:?}");
        }
    });
    done
}

/// A program that ends with this value.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
