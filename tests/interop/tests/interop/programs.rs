//! The third-party programs: where they are, and how they are run.

use std::net::{SocketAddr, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// The longest that a server needs to listen.
const START: Duration = Duration::from_secs(30);

/// A program that a variable names.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Program(pub(crate) &'static str);

pub(crate) const ACTIONLINT: Program = Program("INTEROP_ACTIONLINT");
pub(crate) const COSIGN: Program = Program("INTEROP_COSIGN");
pub(crate) const CRANE: Program = Program("INTEROP_CRANE");
pub(crate) const DISTRIBUTION: Program = Program("INTEROP_DISTRIBUTION");
pub(crate) const DOCKER_REGISTRY: Program = Program("INTEROP_DOCKER_REGISTRY");
pub(crate) const FEEDCTL: Program = Program("INTEROP_FEEDCTL");
pub(crate) const HELM: Program = Program("INTEROP_HELM");
pub(crate) const NGINX: Program = Program("INTEROP_NGINX");
pub(crate) const OCTOPUS_CLI: Program = Program("OCTOPUS_CLI");
pub(crate) const SEMVER: Program = Program("INTEROP_SEMVER");
pub(crate) const SKOPEO: Program = Program("INTEROP_SKOPEO");
pub(crate) const SWAGGER: Program = Program("INTEROP_SWAGGER");
pub(crate) const UNIVERS: Program = Program("INTEROP_UNIVERS");

impl Program {
    /// A command of the program; `None` if its variable is not set, which is the case for a missing optional one.
    pub(crate) fn optional(self) -> Option<Command> {
        let mut command = Command::new(std::env::var_os(self.0)?);
        for proxy in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"] {
            command.env_remove(proxy);
        }
        command.stdin(Stdio::null());
        Some(command)
    }

    /// A command of a required program.
    pub(crate) fn command(self) -> Command {
        self.optional()
            .unwrap_or_else(|| panic!("{} is not set; run `cargo xtask interop`", self.0))
    }

    /// Runs the program; returns its standard output.
    pub(crate) fn run(self, arguments: &[&str]) -> String {
        output(self.command().args(arguments))
    }
}

/// Runs a command to its end; returns its standard output.
pub(crate) fn output(command: &mut Command) -> String {
    let output = command.output().expect("the program starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {errors}");
    String::from_utf8(output.stdout).expect("text")
}

/// A server that is killed when this is dropped.
pub(crate) struct Server(Child);

impl Server {
    /// Starts a server and waits until it listens.
    pub(crate) fn start(command: &mut Command, address: SocketAddr) -> Self {
        let child = command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("the server starts");
        let server = Self(child);
        let started = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(started.elapsed() < START, "{command:?} does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// An address on loopback with a port that is free now.
pub(crate) fn free_address() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap()
}
