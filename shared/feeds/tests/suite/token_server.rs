//! Tokens as a real registry requires them: signed, and with the certificate of the key in them.
//!
//! Keys and signatures are made by the `openssl` program when the test runs; none is kept.

use std::path::Path;
use std::process::Command;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;

/// The issuer and the service of the tokens, as configured in the registry.
pub(crate) const ISSUER: &str = "token-server";
pub(crate) const SERVICE: &str = "registry-server";

/// A key with its certificate.
pub(crate) struct Signer {
    directory: TempDir,
    certificate: String,
}

impl Signer {
    pub(crate) fn new() -> Self {
        let directory = tempfile::tempdir().unwrap();
        let made = Command::new("openssl")
            .args([
                "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
            ])
            .args([
                "-subj",
                "/CN=tokens",
                "-keyout",
                "key.pem",
                "-out",
                "cert.pem",
            ])
            .current_dir(directory.path())
            .output()
            .expect("openssl makes the key of the token server; install it");
        assert!(made.status.success(), "{made:?}");
        let text = std::fs::read_to_string(directory.path().join("cert.pem")).unwrap();
        let lines = text.lines().filter(|line| !line.starts_with("-----"));
        let certificate = lines.collect();
        Self {
            directory,
            certificate,
        }
    }

    /// The file with the certificate.
    pub(crate) fn certificate(&self) -> std::path::PathBuf {
        self.directory.path().join("cert.pem")
    }

    /// A token for scopes, such as `repository:acme/web:pull`, with spaces between them; one for nothing if
    /// there is none.
    pub(crate) fn token(&self, scopes: &str) -> String {
        let now = Timestamp::now().as_second();
        let access: Vec<_> = scopes.split_whitespace().map(access).collect();
        let header = json!({ "typ": "JWT", "alg": "RS256", "x5c": [self.certificate] });
        let claims = json!({
            "iss": ISSUER, "sub": "", "aud": SERVICE, "jti": scopes,
            "exp": now + 300, "nbf": now - 10, "iat": now,
            "access": access,
        });
        let encode = |value: serde_json::Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", encode(header), encode(claims));
        let signature = sign(self.directory.path(), &signed);
        format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
    }
}

fn access(scope: &str) -> serde_json::Value {
    let mut parts = scope.split(':');
    let (kind, name, actions) = (parts.next(), parts.next(), parts.next());
    let actions: Vec<_> = actions.unwrap_or_default().split(',').collect();
    json!({ "type": kind, "name": name, "actions": actions })
}

fn sign(directory: &Path, text: &str) -> Vec<u8> {
    // Each test has a signer of its own, which signs one token at a time.
    std::fs::write(directory.join("token"), text).unwrap();
    let signed = Command::new("openssl")
        .args(["dgst", "-sha256", "-sign", "key.pem", "token"])
        .current_dir(directory)
        .output()
        .unwrap();
    assert!(signed.status.success(), "{signed:?}");
    signed.stdout
}
