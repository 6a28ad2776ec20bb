//! Images that `cosign` signs in a registry, under a trigger that requires signatures.

use std::process::Command;

use crate::programs::{COSIGN, DISTRIBUTION, DOCKER_REGISTRY, Program, output};
use crate::registries::{IMAGE, Registry};
use crate::world::World;

/// The form of a signature: of cosign 3, or of cosign 1 and 2.
const FORMS: [&[&str]; 2] = [&[], &["--new-bundle-format=false"]];

/// `cosign` in the registry's own folder. `None`: it is not here.
fn cosign(registry: &Registry) -> Option<Command> {
    let mut command = COSIGN.optional()?;
    command
        .current_dir(registry.folder())
        .env("COSIGN_PASSWORD", "")
        .env("HOME", registry.folder());
    Some(command)
}

/// Pushes an image and signs it with the key of this name.
fn push_signed(registry: &Registry, tag: &str, key: &str, form: &[&str]) {
    registry.push(tag);
    let image = format!("{}/{IMAGE}@{}", registry.host(), registry.digest(tag));
    let mut sign = cosign(registry).unwrap();
    sign.args(["sign", "--yes", "--allow-http-registry"]);
    sign.args(["--tlog-upload=false", "--use-signing-config=false"]);
    sign.args(["--key", &format!("{key}.key"), &image]);
    output(sign.args(form));
}

/// Signed images are released, and unsigned ones and those of another key are not.
async fn release_signed_images(program: Program) {
    let registry = Registry::start(program, None);
    if cosign(&registry).is_none() {
        println!("skipped: cosign is not here");
        return;
    }
    for name in ["cosign", "other"] {
        let generate = ["generate-key-pair", "--output-key-prefix", name];
        output(cosign(&registry).unwrap().args(generate));
    }
    let key = std::fs::read_to_string(registry.folder().join("cosign.pub")).unwrap();
    let key = serde_json::to_string(&key).unwrap();
    push_signed(&registry, "1.0.0", "cosign", &[]);
    let world = World::new("Docker", &registry.url(), None, IMAGE).await;
    let file = format!(
        "native: [{{ project: Shop, name: Watch, require: {{ signed: {{ keys: [{key}] }} }} }}]"
    );
    std::fs::write(world.folder().join("triggers.yaml"), file).unwrap();
    output(world.feedctl().args(["apply", "triggers.yaml"]));

    assert_eq!(world.run().await.as_deref(), Some("1.0.0"));
    registry.push("1.1.0");
    assert_eq!(world.run().await.as_deref(), Some("1.0.0"), "not signed");
    for (minor, form) in FORMS.iter().enumerate() {
        let version = format!("2.{minor}.0");
        push_signed(&registry, &version, "cosign", form);
        assert_eq!(world.run().await.as_deref(), Some(&*version), "{form:?}");
        push_signed(&registry, &format!("2.{minor}.1"), "other", form);
        let newest = world.run().await;
        assert_eq!(newest.as_deref(), Some(&*version), "another key: {form:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn images_signed_by_cosign_in_docker_registry_are_released() {
    release_signed_images(DOCKER_REGISTRY).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs the programs of `cargo xtask interop`"]
async fn images_signed_by_cosign_in_distribution_are_released() {
    release_signed_images(DISTRIBUTION).await;
}
