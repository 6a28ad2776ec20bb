//! The arrows between the crates point inwards only, and each third-party library stays where it belongs.
//!
//! Only dependencies of shipped crates are checked; tests may depend on anything.

#![expect(clippy::unwrap_used, reason = "in a test a panic is the report")]

use std::process::Command;

use serde::Deserialize;

/// The workspace's crates that each crate may depend on, from the inside out.
const ARROWS: &[(&str, &[&str])] = &[
    ("domain", &[]),
    ("engine", &["domain"]),
    ("host", &["domain", "engine"]),
    ("operator", &["domain", "engine"]),
    ("wire", &["domain", "engine"]),
    ("store", &["domain", "engine", "host", "wire"]),
    ("trigger-file", &["domain"]),
    ("webhooks", &["domain"]),
    ("signatures", &["domain"]),
    (
        "web-console",
        &["domain", "engine", "operator", "trigger-file", "webhooks"],
    ),
    ("http-client", &[]),
    (
        "google-keys",
        &["domain", "engine", "http-client", "webhooks"],
    ),
    ("feeds", &["domain", "engine", "http-client", "signatures"]),
    ("registry-logins", &["domain", "engine", "feeds"]),
    ("octopus", &["domain", "engine", "http-client"]),
    ("aws", &["domain", "engine", "operator", "store", "wire"]),
    ("local", &["domain", "engine", "host", "store", "wire"]),
    (
        "machine",
        &[
            "domain",
            "engine",
            "feeds",
            "google-keys",
            "host",
            "http-client",
            "local",
            "octopus",
            "operator",
            "registry-logins",
            "store",
        ],
    ),
    (
        "lambda-kit",
        &[
            "aws",
            "domain",
            "engine",
            "feeds",
            "google-keys",
            "host",
            "http-client",
            "octopus",
            "store",
            "wire",
        ],
    ),
    ("feed-checker", FUNCTION),
    (
        "hook-receiver",
        &[
            "aws",
            "domain",
            "engine",
            "google-keys",
            "host",
            "lambda-kit",
            "store",
            "webhooks",
        ],
    ),
    ("push-receiver", FUNCTION),
    ("release-creator", FUNCTION),
    ("scheduler", FUNCTION),
    (
        "stack-console",
        &[
            "aws",
            "domain",
            "engine",
            "host",
            "lambda-kit",
            "operator",
            "store",
            "web-console",
        ],
    ),
    (
        "feedctl",
        &[
            "aws",
            "web-console",
            "domain",
            "engine",
            "feeds",
            "google-keys",
            "host",
            "http-client",
            "local",
            "machine",
            "octopus",
            "operator",
            "registry-logins",
            "store",
            "trigger-file",
            "webhooks",
            "wire",
        ],
    ),
];

/// The crates that a function may depend on: the kit wires it, and it has no logic of its own.
const FUNCTION: &[&str] = &["aws", "domain", "engine", "host", "lambda-kit", "store"];

/// The functions that carry out the steps.
const STEP_FUNCTIONS: [&str; 4] = [
    "feed-checker",
    "push-receiver",
    "release-creator",
    "scheduler",
];

/// Libraries that only some of the shipped crates may use: a name, or the beginning of names with `*`; those crates;
/// the reason.
const LIBRARIES: &[(&str, &[&str], &str)] = &[
    ("aws-*", &["aws"], "only `aws` speaks to AWS"),
    (
        "reqwest",
        &[
            "http-client",
            "feeds",
            "google-keys",
            "octopus",
            "aws",
            "feedctl",
        ],
        "only the crates that speak to registries, to Octopus, to AWS and to Google make requests, and feedctl sends notifications",
    ),
    (
        "rustls",
        &["http-client", "aws"],
        "how connections are secured is set up in one place for each client",
    ),
    (
        "ring",
        &["signatures", "webhooks"],
        "only `signatures` and `webhooks` verify signatures; TLS has its own through rustls",
    ),
    ("rusqlite", &["local"], "only `local` keeps state in a file"),
    (
        "lambda_runtime",
        &[
            "lambda-kit",
            "feed-checker",
            "hook-receiver",
            "push-receiver",
            "release-creator",
            "scheduler",
            "stack-console",
        ],
        "only functions run in Lambda",
    ),
    (
        "maud",
        &["web-console"],
        "only `web-console` renders pages, and escapes their content",
    ),
    ("clap", &["feedctl"], "only `feedctl` has a command line"),
    (
        "anyhow",
        &["feedctl"],
        "errors in shared crates and functions are typed",
    ),
    (
        "fancy-regex",
        &["domain"],
        "only `domain` judges patterns, with their limits",
    ),
];

/// Libraries that a crate must not use: the crate, the libraries, why.
const BANNED: &[(&str, &[&str], &str)] = &[
    (
        "domain",
        &[
            "tokio", "futures*", "serde*", "tracing*", "http*", "url", "jiff", "chrono", "rand",
            "uuid",
        ],
        "`domain` has no I/O, no clock, no chance, no logs, and knows no written form",
    ),
    (
        "engine",
        &[
            "tokio", "serde*", "http*", "url", "jiff", "chrono", "rand", "uuid",
        ],
        "`engine` reaches the world through its ports alone, and `wire` alone writes messages down",
    ),
    ("wire", &["tokio", "http*", "url"], "`wire` only translates"),
    (
        "web-console",
        &["tokio", "hyper*", "axum", "serde*"],
        "`web-console` contains no server; its host provides one",
    ),
    (
        "store",
        &["tokio", "http*"],
        "`store` reaches the world through its table alone",
    ),
];

/// Features that only some of the shipped crates may enable: the crate that declares them, the features, those crates,
/// the reason.
const FEATURES: &[(&str, &[&str], &[&str], &str)] = &[
    (
        "aws",
        &["operator", "profiles"],
        &["feedctl"],
        "functions know their stack, and start the sooner the less they carry",
    ),
    (
        "aws",
        &["queues"],
        &["feedctl", "stack-console"],
        "the steps read their queues by Lambda alone",
    ),
];

#[derive(Deserialize)]
struct Workspace {
    packages: Vec<Package>,
    workspace_root: String,
}

#[derive(Deserialize)]
struct Package {
    name: String,
    manifest_path: String,
    dependencies: Vec<Dependency>,
}

#[derive(Deserialize)]
struct Dependency {
    name: String,
    /// `dev` or `build`; nothing for what is shipped.
    kind: Option<String>,
    /// The folder of a crate of the workspace.
    path: Option<String>,
    features: Vec<String>,
    /// It is built only if a feature requests it.
    optional: bool,
}

impl Package {
    fn shipped(&self) -> impl Iterator<Item = &Dependency> {
        self.dependencies
            .iter()
            .filter(|dependency| dependency.kind.as_deref() != Some("dev"))
    }

    /// Tests and tasks are not shipped.
    fn is_shipped(&self, root: &str) -> bool {
        let place = self.manifest_path.strip_prefix(root).unwrap();
        !["/tests/", "/xtask/"]
            .iter()
            .any(|inside| place.starts_with(inside))
    }
}

/// The crates that are shipped.
fn shipped() -> Vec<Package> {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let output = Command::new(cargo)
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let workspace: Workspace = serde_json::from_slice(&output.stdout).unwrap();
    let Workspace {
        mut packages,
        workspace_root,
    } = workspace;
    packages.retain(|package| package.is_shipped(&workspace_root));
    packages
}

fn fits(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

/// Fails with everything that is wrong at once.
#[track_caller]
fn assert_none(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n"));
}

#[test]
fn shipped_crates_are_all_listed() {
    let mut named: Vec<_> = ARROWS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let mut found: Vec<_> = shipped().into_iter().map(|package| package.name).collect();
    named.sort();
    found.sort();
    assert_eq!(
        found, named,
        "a crate was added or removed: list in the table what it may depend on"
    );
}

/// Logs below warnings appear only for crates in this list.
#[test]
fn shipped_crates_all_log() {
    for package in shipped() {
        let target = package.name.replace('-', "_");
        assert!(
            host::log::is_ours(&target),
            "{target} is missing among the crates whose logs are ours: add it in `host::log`"
        );
    }
}

#[test]
fn dependencies_point_inwards() {
    let mut faults = Vec::new();
    for package in shipped() {
        let place = ARROWS.iter().find(|(name, _)| *name == package.name);
        let allowed = place.map_or(&[][..], |(_, allowed)| allowed);
        for dependency in package.shipped().filter(|one| one.path.is_some()) {
            if !allowed.contains(&dependency.name.as_str()) {
                faults.push(format!(
                    "{} must not depend on {}: it may depend on {allowed:?} and nothing further out",
                    package.name, dependency.name
                ));
            }
        }
    }
    assert_none(&faults);
}

/// The step functions start faster the less they contain, and what operators see is never part of a step.
#[test]
fn step_functions_do_not_contain_operator() {
    let packages = shipped();
    let find = |name: &str| packages.iter().find(|package| package.name == name);
    for function in STEP_FUNCTIONS {
        let mut ahead = vec![function.to_owned()];
        let mut contained = Vec::new();
        while let Some(name) = ahead.pop() {
            let Some(package) = find(&name).filter(|_| !contained.contains(&name)) else {
                continue;
            };
            let always = package.shipped().filter(|one| !one.optional);
            ahead.extend(always.map(|dependency| dependency.name.clone()));
            contained.push(name);
        }
        assert!(
            !contained.contains(&"operator".to_owned()),
            "{function} contains `operator`, through {contained:?}"
        );
    }
}

/// Each crate depends only on those before it in the table, so that there are no circles.
#[test]
fn table_is_ordered_from_the_inside_out() {
    for (index, (name, allowed)) in ARROWS.iter().enumerate() {
        for inner in *allowed {
            let before = ARROWS[..index].iter().any(|(other, _)| other == inner);
            assert!(before, "{name} depends on {inner}, which is not before it");
        }
    }
}

#[test]
fn features_are_enabled_by_permitted_crates_alone() {
    let mut faults = Vec::new();
    for package in shipped() {
        let name = package.name.as_str();
        for dependency in package.shipped() {
            let asked = FEATURES.iter().filter(|(of, features, users, _)| {
                let asks = |feature: &String| features.contains(&feature.as_str());
                *of == dependency.name
                    && dependency.features.iter().any(asks)
                    && !users.contains(&name)
            });
            faults.extend(asked.map(|(of, features, _, why)| {
                format!("{name} must not ask for any of {features:?} of {of}: {why}")
            }));
        }
    }
    assert_none(&faults);
}

#[test]
fn libraries_are_used_by_permitted_crates_alone() {
    let mut faults = Vec::new();
    for package in shipped() {
        let name = package.name.as_str();
        for dependency in package.shipped().filter(|one| one.path.is_none()) {
            let library = dependency.name.as_str();
            let elsewhere = LIBRARIES
                .iter()
                .filter(|(pattern, users, _)| fits(pattern, library) && !users.contains(&name))
                .map(|(_, _, why)| why);
            let banned = BANNED
                .iter()
                .filter(|(of, patterns, _)| {
                    *of == name && patterns.iter().any(|pattern| fits(pattern, library))
                })
                .map(|(_, _, why)| why);
            let fault = |why| format!("{name} must not depend on {library}: {why}");
            faults.extend(elsewhere.chain(banned).map(fault));
        }
    }
    assert_none(&faults);
}
