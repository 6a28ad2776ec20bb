//! Registries that others wrote, filled by `crane`, under `feedctl run --once`.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

use crate::programs::{
    CRANE, DISTRIBUTION, DOCKER_REGISTRY, Program, Server, free_address, output,
};
use crate::world::{Login, World};

/// `joe` with the password `s3cret`, as bcrypt.
const HTPASSWD: &str = "joe:$2y$05$.SeQcMq91iTWOLFph/SFSOYaGdJrqmZLqtRm/Yy4KG1epGlEcNY8y\n";
const JOE: Login = ("joe", "s3cret");

const IMAGE: &str = "acme/web";

/// A registry with persistent storage, so that it can be restarted.
pub(crate) struct Registry {
    address: SocketAddr,
    program: Program,
    folder: TempDir,
    login: Option<Login>,
    server: Option<Server>,
}

impl Registry {
    pub(crate) fn start(program: Program, login: Option<Login>) -> Self {
        Self::with(program, login, "")
    }

    /// A registry with further lines of configuration.
    pub(crate) fn with(program: Program, login: Option<Login>, lines: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let address = free_address();
        let storage = folder.path().join("storage");
        std::fs::create_dir(&storage).unwrap();
        let passwords = folder.path().join("htpasswd");
        std::fs::write(&passwords, HTPASSWD).unwrap();
        let auth = login.map_or(String::new(), |_| {
            format!(
                "auth:\n  htpasswd:\n    realm: interop\n    path: {}\n",
                passwords.display()
            )
        });
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

    /// The digest of a tag.
    fn digest(&self, tag: &str) -> String {
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
fn layer(folder: &Path, content: &str) -> String {
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
