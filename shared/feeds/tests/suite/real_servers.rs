//! Reads from unmodified servers: Python's `http.server`, nginx, and `docker-registry` behind nginx.
//!
//! `NGINX` and `DOCKER_REGISTRY` name the programs; `cargo xtask test` installs them and sets the variables.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use crate::common::{Known, Outcome, docker, helm, read, reader, requests, versions};
use crate::real_registry::{Auth, RealRegistry};
use domain::time::Span;
use engine::ports::{FeedReader, Reading, Validators};
use feeds::DirectFeeds;
use registry_server::{Imitation, Registry};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

/// The date of all files in reproducible images, 1980-01-01, in seconds since 1970.
const FIXED: u64 = 315_532_800;

/// A date at which a file may have been written.
const OLD: u64 = 1_600_000_000;

/// A server process, until it is dropped.
struct Server {
    url: String,
    /// The folder of its files.
    folder: TempDir,
    _process: Child,
}

impl Server {
    async fn python() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut process = Command::new("python3")
            .args([
                "-u",
                "-m",
                "http.server",
                "0",
                "--bind",
                "127.0.0.1",
                "--directory",
            ])
            .arg(folder.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("python3 should be in the PATH");
        let output = BufReader::new(process.stdout.take().unwrap());
        let line = output.lines().next_line().await.unwrap().unwrap();
        // Serving HTTP on 127.0.0.1 port 41234 (http://127.0.0.1:41234/) ...
        let port = line.split("port ").nth(1).unwrap();
        let port = port.split(' ').next().unwrap();
        Self {
            url: format!("http://127.0.0.1:{port}"),
            folder,
            _process: process,
        }
    }

    /// nginx with these lines in the configuration of its server.
    async fn nginx(lines: &str) -> Self {
        let program = std::env::var_os("NGINX").expect(
            "NGINX must name Debian's nginx program; `cargo xtask test` installs it and sets the variable",
        );
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let root = folder.path().display();
        let config = format!(
            "daemon off;\nmaster_process off;\npid {root}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n\
             access_log off;\nclient_body_temp_path {root}/body;\nproxy_temp_path {root}/proxy;\n\
             fastcgi_temp_path {root}/fastcgi;\nuwsgi_temp_path {root}/uwsgi;\nscgi_temp_path {root}/scgi;\n\
             server {{\nlisten 127.0.0.1:{port};\nroot {root};\n{lines}\n}}\n}}\n"
        );
        let path = folder.path().join("nginx.conf");
        fs::write(&path, config).unwrap();
        let process = Command::new(program)
            .arg("-p")
            .arg(folder.path())
            .arg("-c")
            .arg(&path)
            .args(["-e", "stderr"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("NGINX should name a program that starts");
        for _ in 0..500 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Self {
            url: format!("http://127.0.0.1:{port}"),
            folder,
            _process: process,
        }
    }

    /// Writes the index with these versions of a chart, as of this time in seconds since 1970.
    fn write_index(&self, versions: &[&str], modified: u64) {
        let mut index = "apiVersion: v1\nentries:\n  app:\n".to_owned();
        for version in versions {
            index.push_str(&format!("  - name: app\n    version: {version}\n"));
        }
        write_as_of(&self.folder.path().join("index.yaml"), &index, modified);
    }
}

fn write_as_of(path: &Path, text: &str, modified: u64) {
    fs::write(path, text).unwrap();
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(modified))
        .unwrap();
}

/// A port that nothing listens at. nginx does not report the port that it chose.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

fn seconds_now() -> u64 {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    now.unwrap().as_secs()
}

async fn read_again(reader: &DirectFeeds, url: &str, known: Option<&Validators>) -> Outcome {
    let answer = reader.read(&helm(url), &requests(&["app"], known)).await;
    answer.readings.into_iter().next().unwrap()
}

fn validators(outcome: &Outcome) -> Option<Validators> {
    match outcome {
        Ok(Reading::Listing { validators, .. }) => validators.clone(),
        other => panic!("not a listing: {other:?}"),
    }
}

/// Checks whether a new chart is seen in a file whose date does not change.
async fn check(server: &Server, modified: u64, may_be_missed: bool) {
    let reader = reader(Known::default());
    server.write_index(&["1.0.0"], modified);
    let first = read_again(&reader, &server.url, None).await;
    assert_eq!(versions(&first), ["1.0.0"]);
    let known = validators(&first);
    server.write_index(&["1.0.0"], modified);
    let same = read_again(&reader, &server.url, known.as_ref()).await;
    assert_eq!(matches!(same, Ok(Reading::Unchanged)), known.is_some());

    server.write_index(&["1.1.0", "1.0.0"], modified);
    let changed = read_again(&reader, &server.url, known.as_ref()).await;
    if !may_be_missed {
        assert_eq!(versions(&changed), ["1.1.0", "1.0.0"]);
        return;
    }
    assert!(matches!(changed, Ok(Reading::Unchanged)), "{changed:?}");
    // No later than a day after the last full read.
    let known = known.map(|known| Validators {
        received_at: known.received_at.map(|at| at - Span::from_days(1)),
        ..known
    });
    let full = read_again(&reader, &server.url, known.as_ref()).await;
    assert_eq!(versions(&full), ["1.1.0", "1.0.0"]);
    assert!(
        known
            .unwrap()
            .is_contradicted_by(&validators(&full).unwrap())
    );
}

#[tokio::test]
async fn python_http_server_with_fixed_dates_is_read() {
    let server = Server::python().await;
    check(&server, FIXED, false).await;
    check(&server, 0, false).await;
    // Written again within the resolution of the date.
    check(&server, seconds_now(), false).await;
    // A fixed date that is possible, as of a commit.
    check(&server, OLD, true).await;
}

#[tokio::test]
async fn nginx_with_etag_is_read() {
    let server = Server::nginx("etag on;").await;
    // The `ETag` consists of the date and the size, and the size changes.
    for modified in [FIXED, 0, seconds_now(), OLD] {
        check(&server, modified, false).await;
    }
}

#[tokio::test]
async fn nginx_without_etag_is_read() {
    let server = Server::nginx("etag off;").await;
    for modified in [FIXED, seconds_now()] {
        check(&server, modified, false).await;
    }
    check(&server, OLD, true).await;
}

/// nginx as it is set up in front of a registry that does not know the host and port that it is reached by.
fn rewriting_proxy(registry: &str) -> String {
    format!(
        "location / {{\nproxy_pass {registry};\nproxy_set_header Host registry.internal:5000;\n\
         proxy_set_header X-Forwarded-Proto https;\nproxy_redirect off;\n}}"
    )
}

#[tokio::test]
async fn docker_registry_behind_nginx_that_rewrites_host_and_port_is_read() {
    let registry = RealRegistry::start(Auth::Open).await;
    for tag in ["1.0.0", "1.1.0", "2.0.0"] {
        registry.push("acme/web", tag).await;
    }
    let proxy = Server::nginx(&rewriting_proxy(&registry.url)).await;
    let outcome = read(&reader(Known::default()), &docker(&proxy.url), "acme/web").await;
    assert_eq!(versions(&outcome), ["1.0.0", "1.1.0", "2.0.0"]);

    let protected = RealRegistry::start(Auth::Htpasswd).await;
    protected.push("acme/web", "1.0.0").await;
    let proxy = Server::nginx(&rewriting_proxy(&protected.url)).await;
    let outcome = read(
        &reader(Known::user("joe", "s3cret")),
        &docker(&proxy.url),
        "acme/web",
    )
    .await;
    assert_eq!(versions(&outcome), ["1.0.0"]);
}

/// A registry that pages with absolute links to itself, behind nginx at another port.
#[tokio::test]
async fn links_of_registry_behind_nginx_are_followed_through_nginx() {
    let registry = Registry::start().await.unwrap();
    for number in 0..25 {
        registry.push("acme/web", &format!("1.{number}.0"), "same");
    }
    registry.set_page_size(10);
    for imitation in [Imitation::Ecr, Imitation::Nexus, Imitation::BehindProxy] {
        registry.imitate(imitation);
        let proxy = Server::nginx(&format!(
            "location / {{\nproxy_pass {};\n}}",
            registry.url()
        ))
        .await;
        let outcome = read(&reader(Known::default()), &docker(&proxy.url), "acme/web").await;
        assert_eq!(versions(&outcome).len(), 25, "{imitation:?}");
    }
}
