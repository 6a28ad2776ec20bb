//! Servers under any names, with and without TLS, at two ports: the default one and another. They answer by a test's
//! rules and record every byte that they receive.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use http_client::{AllowedNetworks, Certificates, LookUp, Names, OutboundClient, Surroundings};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tempfile::TempDir;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// How an origin answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// 401 with this challenge, unless an `Authorization` came along; then tags.
    Challenge(String),
    /// This status with a `Location`.
    Redirect(u16, String),
    /// A page of tags with a `Link`.
    Linked(String),
    /// This body.
    Body(String),
    /// These bytes, from the status line on.
    Bytes(String),
    /// These bytes if the request has an `Authorization`, else 401.
    BytesIfAuthorized(String),
}

/// The first rule applies whose text is the beginning of the request's URL.
type Rules = Vec<(String, Reply)>;

/// Servers under any names.
pub struct Origins {
    shared: Arc<Shared>,
    usual: SocketAddr,
    other: SocketAddr,
    folder: TempDir,
}

struct Shared {
    tls: TlsAcceptor,
    rules: Mutex<Rules>,
    /// Origin, and the request with its body.
    seen: Mutex<Vec<(String, Vec<u8>)>>,
}

impl Origins {
    /// Starts them, with a certificate authority of their own.
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = Authority::new();
        std::fs::write(folder.path().join("root.pem"), authority.pem()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(authority));
        let shared = Arc::new(Shared {
            tls: TlsAcceptor::from(Arc::new(tls)),
            rules: Mutex::default(),
            seen: Mutex::default(),
        });
        let mut addresses = Vec::new();
        for _ in 0..2 {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            addresses.push(listener.local_addr().unwrap());
            tokio::spawn(listen(listener, Arc::clone(&shared)));
        }
        Self {
            shared,
            usual: addresses[0],
            other: addresses[1],
            folder,
        }
    }

    /// The port of every origin that is not the usual one.
    pub fn other_port(&self) -> u16 {
        self.other.port()
    }

    /// Name resolution and root certificates for a client to which these servers are the internet.
    pub fn surroundings(&self) -> Surroundings {
        Surroundings {
            names: Arc::new(Everywhere(self.usual)),
            certificates: Some(Certificates::File(self.root())),
            proxies: Default::default(),
        }
    }

    /// A client that reaches them.
    pub fn client(&self) -> OutboundClient {
        let loopback: AllowedNetworks = "127.0.0.0/8".parse().unwrap();
        OutboundClient::within(&self.surroundings(), loopback).unwrap()
    }

    fn root(&self) -> PathBuf {
        self.folder.path().join("root.pem")
    }

    /// Answers by these rules from now on, and forgets what was sent.
    pub fn answer(&self, rules: Rules) {
        *self.shared.rules.lock().unwrap() = rules;
        self.shared.seen.lock().unwrap().clear();
    }

    /// The received requests, each with the origin that received it.
    pub fn seen(&self) -> Vec<(String, Vec<u8>)> {
        self.shared.seen.lock().unwrap().clone()
    }
}

/// Resolves every name to one address.
#[derive(Debug)]
struct Everywhere(SocketAddr);

impl Names for Everywhere {
    fn look_up(&self, _: &str) -> LookUp {
        let address = self.0;
        Box::pin(async move { Ok(vec![address]) })
    }
}

async fn listen(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((connection, _)) = listener.accept().await {
        let shared = Arc::clone(&shared);
        // An error is a client that disconnected or rejected a certificate.
        tokio::spawn(async move { drop(serve(connection, &shared).await) });
    }
}

/// TLS shows in the first byte.
async fn serve(connection: TcpStream, shared: &Shared) -> io::Result<()> {
    let mut first = [0];
    connection.peek(&mut first).await?;
    if first == [22] {
        let connection = shared.tls.accept(connection).await?;
        answer(connection, "https", shared).await
    } else {
        answer(connection, "http", shared).await
    }
}

async fn answer<C>(mut client: C, scheme: &str, shared: &Shared) -> io::Result<()>
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let request = receive(&mut client).await?;
    let text = String::from_utf8_lossy(&request).into_owned();
    let path = text.split(' ').nth(1).unwrap_or_default();
    let origin = format!("{scheme}://{}", header(&text, "host").unwrap_or_default());
    let url = format!("{origin}{path}");
    let rules = shared.rules.lock().unwrap().clone();
    let rule = rules.into_iter().find(|(start, _)| url.starts_with(start));
    let has_authorization = header(&text, "authorization").is_some();
    shared.seen.lock().unwrap().push((origin, request));
    let reply = rule.map_or_else(|| greedy(path), |(_, reply)| reply);
    client
        .write_all(reply.bytes(has_authorization).as_bytes())
        .await?;
    client.shutdown().await
}

/// The default: request a credential, and return a token to every token request.
fn greedy(path: &str) -> Reply {
    if path.contains("token") || path.contains("exchange") || path.contains("auth") {
        let token = r#"{"token":"for-all","access_token":"for-all","refresh_token":"more"}"#;
        Reply::Body(token.to_owned())
    } else {
        Reply::Challenge("Basic realm=\"give it to me\"".to_owned())
    }
}

impl Reply {
    fn bytes(self, has_authorization: bool) -> String {
        let ask = "WWW-Authenticate: Basic realm=\"x\"\r\n";
        let tags = r#"{"name":"acme/web","tags":["1.0.0"]}"#;
        let (status, header, body) = match self {
            Self::Challenge(_) if has_authorization => (200, String::new(), tags.to_owned()),
            Self::Challenge(challenge) => (
                401,
                format!("WWW-Authenticate: {challenge}\r\n"),
                String::new(),
            ),
            Self::Redirect(status, to) => (status, format!("Location: {to}\r\n"), String::new()),
            Self::Linked(to) => (
                200,
                format!("Link: <{to}>; rel=\"next\"\r\n"),
                tags.to_owned(),
            ),
            Self::Body(body) => (200, String::new(), body),
            Self::Bytes(bytes) => return bytes,
            Self::BytesIfAuthorized(bytes) if has_authorization => return bytes,
            Self::BytesIfAuthorized(_) => (401, ask.to_owned(), String::new()),
        };
        let length = body.len();
        format!(
            "HTTP/1.1 {status} X\r\n{header}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
        )
    }
}

async fn receive<C: AsyncRead + Unpin>(client: &mut C) -> io::Result<Vec<u8>> {
    let mut request = Vec::new();
    loop {
        let end = request.windows(4).position(|four| four == b"\r\n\r\n");
        if let Some(end) = end {
            let head = String::from_utf8_lossy(&request[..end]).into_owned();
            let length = header(&head, "content-length").and_then(|value| value.parse().ok());
            if request.len() >= end + 4 + length.unwrap_or(0) {
                return Ok(request);
            }
        }
        if client.read_buf(&mut request).await? == 0 {
            return Ok(request);
        }
    }
}

fn header<'a>(head: &'a str, searched: &str) -> Option<&'a str> {
    let lines = head.lines().take_while(|line| !line.is_empty());
    let mut headers = lines.filter_map(|line| line.split_once(':'));
    let (_, value) = headers.find(|(name, _)| name.eq_ignore_ascii_case(searched))?;
    Some(value.trim())
}

/// Makes a certificate for whatever name is asked for.
struct Authority {
    issuer: Issuer<'static, KeyPair>,
    certificate: rcgen::Certificate,
}

impl Authority {
    fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let certificate = params.self_signed(&key).unwrap();
        Self {
            issuer: Issuer::new(params, key),
            certificate,
        }
    }

    fn pem(&self) -> String {
        self.certificate.pem()
    }

    fn certify(&self, name: &str) -> Option<CertifiedKey> {
        let key = KeyPair::generate().ok()?;
        let params = CertificateParams::new(vec![name.to_owned()]).ok()?;
        let certificate = params.signed_by(&key, &self.issuer).ok()?;
        let private = PrivateKeyDer::try_from(key.serialize_der()).ok()?;
        let private = rustls::crypto::ring::sign::any_supported_type(&private).ok()?;
        Some(CertifiedKey::new(vec![certificate.der().clone()], private))
    }
}

impl std::fmt::Debug for Authority {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Authority").finish_non_exhaustive()
    }
}

impl ResolvesServerCert for Authority {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.certify(hello.server_name()?).map(Arc::new)
    }
}
