//! Registries that others wrote, filled by `crane`, under `feedctl run --once`.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::programs::{
    CRANE, DISTRIBUTION, DOCKER_REGISTRY, NGINX, Program, SKOPEO, Server, free_address, output,
};
use crate::token_server::{ISSUER, SERVICE, Signer};
use crate::world::{Login, World};

/// `joe` with the password `s3cret`, as bcrypt.
const HTPASSWD: &str = "joe:$2y$05$.SeQcMq91iTWOLFph/SFSOYaGdJrqmZLqtRm/Yy4KG1epGlEcNY8y\n";
pub(crate) const JOE: Login<'static> = ("joe", "s3cret");

pub(crate) const IMAGE: &str = "acme/web";

/// A registry with persistent storage, so that it can be restarted.
pub(crate) struct Registry {
    address: SocketAddr,
    program: Program,
    folder: TempDir,
    login: Option<Login<'static>>,
    server: Option<Server>,
}

impl Registry {
    pub(crate) fn start(program: Program, login: Option<Login<'static>>) -> Self {
        Self::with(program, login, "")
    }

    /// A registry with further lines of configuration; its `auth` replaces the password file.
    pub(crate) fn with(program: Program, login: Option<Login<'static>>, lines: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        let storage = folder.path().join("storage");
        std::fs::create_dir(&storage).unwrap();
        let passwords = folder.path().join("htpasswd");
        std::fs::write(&passwords, HTPASSWD).unwrap();
        let of_file = || {
            format!(
                "auth:\n  htpasswd:\n    realm: interop\n    path: {}\n",
                passwords.display()
            )
        };
        let auth = match login {
            Some(_) if !lines.starts_with("auth:") => of_file(),
            _ => String::new(),
        };
        let config = format!(
            "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {}\n  delete:\n    enabled: true\nhttp:\n  \
             addr: {address}\n{auth}{lines}",
            storage.display()
        );
        std::fs::write(folder.path().join("config.yml"), config).unwrap();
        let mut registry = Self {
            address,
            program,
            folder,
            login,
            server: None,
        };
        registry.restart();
        if let Some((user, password)) = login {
            let login = [
                "auth",
                "login",
                &registry.host(),
                "-u",
                user,
                "-p",
                password,
            ];
            output(registry.crane().args(login));
        }
        registry
    }

    pub(crate) fn restart(&mut self) {
        self.server = None;
        let mut command = self.program.command();
        if self.program.0 == CRANE.0 {
            let disk = self.folder.path().join("storage");
            command
                .args(["registry", "serve", "--address"])
                .arg(self.address.to_string())
                .arg("--disk")
                .arg(disk);
        } else {
            command
                .arg("serve")
                .arg(self.folder.path().join("config.yml"))
                .env("OTEL_TRACES_EXPORTER", "none");
        }
        self.server = Some(Server::start(&mut command, self.address));
    }

    pub(crate) fn stop(&mut self) {
        self.server = None;
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The registry's own folder, in which `crane` keeps its login.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// `crane` with credentials in the registry's own folder.
    pub(crate) fn crane(&self) -> Command {
        let mut command = CRANE.command();
        command
            .arg("--insecure")
            .env("DOCKER_CONFIG", self.folder.path());
        command
    }

    /// Pushes an image of one layer.
    pub(crate) fn push(&self, tag: &str) {
        let layer = layer(self.folder.path(), tag);
        let image = format!("{}/{IMAGE}:{tag}", self.address);
        let append = ["append", "--new_layer", &layer, "--new_tag", &image];
        output(self.crane().args(append));
    }

    /// Pushes an index that contains the image of another tag.
    fn push_index(&self, tag: &str, of: &str) {
        let image = |tag: &str| format!("{}/{IMAGE}:{tag}", self.address);
        let append = ["index", "append", "-m", &image(of), "-t", &image(tag)];
        output(self.crane().args(append));
    }

    /// Adds a tag to the image of another tag.
    pub(crate) fn tag(&self, of: &str, tag: &str) {
        let image = format!("{}/{IMAGE}:{of}", self.address);
        output(self.crane().args(["tag", &image, tag]));
    }

    /// Adds tags in the storage, which is faster than over the protocol.
    pub(crate) fn tag_in_storage(&self, of: &str, tags: impl Iterator<Item = String>) {
        let tag_folder = format!("storage/docker/registry/v2/repositories/{IMAGE}/_manifests/tags");
        let tag_folder = self.folder.path().join(tag_folder);
        let link = std::fs::read(tag_folder.join(of).join("current/link")).unwrap();
        for tag in tags {
            let current = tag_folder.join(tag).join("current");
            std::fs::create_dir_all(&current).unwrap();
            std::fs::write(current.join("link"), &link).unwrap();
        }
    }

    /// Copies the image of a tag to another one.
    fn copy_with_skopeo(&self, of: &str, tag: &str) -> bool {
        let Some(mut copy) = SKOPEO.optional() else {
            return false;
        };
        let image = |tag: &str| format!("docker://{}/{IMAGE}:{tag}", self.address);
        copy.args(["copy", "--insecure-policy", "--src-tls-verify=false"]);
        copy.args(["--dest-tls-verify=false", &image(of), &image(tag)]);
        output(copy.env("REGISTRY_AUTH_FILE", self.folder.path().join("config.json")));
        true
    }

    /// The digest of a tag.
    pub(crate) fn digest(&self, tag: &str) -> String {
        let image = format!("{}/{IMAGE}:{tag}", self.address);
        output(self.crane().args(["digest", &image]))
            .trim()
            .to_owned()
    }

    fn delete(&self, tag: &str) {
        let image = format!("{}/{IMAGE}@{}", self.address, self.digest(tag));
        output(self.crane().args(["delete", &image]));
    }
}

/// A layer of one file with this content.
pub(crate) fn layer(folder: &Path, content: &str) -> String {
    std::fs::write(folder.join("content"), content).unwrap();
    let layer = folder.join("layer.tar");
    let mut tar = Command::new("tar");
    output(
        tar.current_dir(folder)
            .arg("--create")
            .arg("--file")
            .arg(&layer)
            .arg("content"),
    );
    layer.to_string_lossy().into_owned()
}

/// Images, indexes, signatures, many tags, a deletion and an outage.
async fn follow(mut registry: Registry) {
    registry.push("1.0.0");
    let world = World::new("Docker", &registry.url(), registry.login, IMAGE).await;
    assert_eq!(world.run().await.as_deref(), Some("1.0.0"));
    assert_eq!(world.run().await.as_deref(), Some("1.0.0"));
    assert_eq!(world.releases(), 1, "nothing changed");

    registry.push_index("1.1.0", "1.0.0");
    let signature = registry.digest("1.1.0").replace(':', "-");
    registry.tag("1.0.0", &format!("{signature}.sig"));
    registry.tag("1.0.0", &format!("{signature}.att"));
    registry.tag("1.0.0", "latest");
    assert_eq!(world.run().await.as_deref(), Some("1.1.0"));

    registry.push("1.2.0");
    registry.delete("1.1.0");
    assert_eq!(world.run().await.as_deref(), Some("1.2.0"));

    registry.stop();
    world.run().await;
    assert_eq!(world.releases(), 3, "the registry is down");
    registry.restart();
    // The registry of crane forgets its manifests.
    registry.push("1.0.0");
    for patch in 0..120 {
        registry.tag("1.0.0", &format!("1.2.{}", patch + 1));
    }
    assert_eq!(world.run().await.as_deref(), Some("1.2.120"));
    assert_eq!(world.releases(), 4);

    if registry.copy_with_skopeo("1.0.0", "1.3.0") {
        assert_eq!(world.run().await.as_deref(), Some("1.3.0"));
    } else {
        println!("skipped: skopeo is not here");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn distribution_is_followed() {
    follow(Registry::start(DISTRIBUTION, None)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn distribution_with_a_password_is_followed() {
    follow(Registry::start(DISTRIBUTION, Some(JOE))).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn docker_registry_is_followed() {
    follow(Registry::start(DOCKER_REGISTRY, None)).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn crane_registry_is_followed() {
    follow(Registry::start(CRANE, None)).await;
}

/// Tokens that the registry verifies, issued without a login or for a user.
async fn follow_with_tokens(login: Option<Login<'static>>) {
    let signer = Signer::new();
    let tokens = registry_server::Registry::start().await.unwrap();
    tokens.require_token(login);
    // crane refuses a token server at another private address, but not at a name.
    let realm = tokens.url().replace("127.0.0.1", "localhost");
    let auth = format!(
        "auth:\n  token:\n    realm: {}/token\n    service: {SERVICE}\n    issuer: {ISSUER}\n    rootcertbundle: {}\n",
        realm,
        signer.certificate().display()
    );
    tokens.set_token_maker(Box::new(move |scopes| signer.token(scopes)));
    follow(Registry::with(DISTRIBUTION, login, &auth)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn distribution_with_a_token_server_is_followed() {
    follow_with_tokens(None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn distribution_with_a_token_server_for_users_is_followed() {
    follow_with_tokens(Some(JOE)).await;
}

/// nginx in front of a registry: another scheme, host and port. The registry's links name its own.
fn https_proxy(registry: &Registry, folder: &Path) -> (Server, String) {
    let mut certificate = Command::new("openssl");
    certificate.args([
        "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
    ]);
    certificate.args([
        "-subj",
        "/CN=interop",
        "-addext",
        "subjectAltName=IP:127.0.0.1",
    ]);
    certificate.args(["-keyout", "key.pem", "-out", "cert.pem"]);
    output(certificate.current_dir(folder));
    let address = free_address();
    let root = folder.display();
    let config = format!(
        "daemon off;\nmaster_process off;\npid {root}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n\
         access_log off;\nclient_body_temp_path {root}/body;\nproxy_temp_path {root}/proxy;\n\
         fastcgi_temp_path {root}/fastcgi;\nuwsgi_temp_path {root}/uwsgi;\nscgi_temp_path {root}/scgi;\n\
         server {{\nlisten {address} ssl;\nssl_certificate {root}/cert.pem;\nssl_certificate_key {root}/key.pem;\n\
         location / {{\nproxy_pass {};\nproxy_set_header Host registry.internal:5000;\nproxy_redirect off;\n}}\n}}\n}}\n",
        registry.url()
    );
    let file = folder.join("nginx.conf");
    std::fs::write(&file, config).unwrap();
    let mut nginx = NGINX.command();
    nginx.arg("-p").arg(folder).arg("-c").arg(&file);
    nginx.args(["-e", "stderr"]);
    (
        Server::start(&mut nginx, address),
        format!("https://{address}"),
    )
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn pages_of_a_registry_behind_nginx_are_followed() {
    let registry = Registry::start(DISTRIBUTION, None);
    registry.push("1.0.0");
    registry.tag_in_storage(
        "1.0.0",
        (0..2_500).map(|number| format!("1.0.0-rc.{number}")),
    );
    registry.tag_in_storage("1.0.0", std::iter::once("zzz-2.0.0".to_owned()));
    let folder = tempfile::tempdir().unwrap();
    let (_nginx, url) = https_proxy(&registry, folder.path());
    let world = World::new("Docker", &url, None, IMAGE).await;
    let world = world.with("SSL_CERT_FILE", &folder.path().join("cert.pem"));
    assert_eq!(world.run().await.as_deref(), Some("1.0.0"));
    registry.tag_in_storage("1.0.0", std::iter::once("2.0.0".to_owned()));
    assert_eq!(world.run().await.as_deref(), Some("2.0.0"));
}
