//! The lists of tags of the world's registries, each in its own manner, read to the end.

use std::collections::BTreeSet;

use crate::common::{Known, docker, error, limited, read, reader, requests, versions};
use engine::ports::{FeedErrorKind, FeedReader};
use feeds::Limits;
use registry_server::{Fault, FaultKind, Imitation, Registry};

/// More than any registry lists on a page, and not in the order of their names.
const TAGS: usize = 1_205;

async fn registry(tags: usize) -> (Registry, BTreeSet<String>) {
    let registry = Registry::start().await.unwrap();
    let names: BTreeSet<_> = (0..tags).map(|number| format!("1.{number}.0")).collect();
    for number in 0..tags {
        registry.push("acme/web", &format!("1.{}.0", (number * 7) % tags), "same");
    }
    (registry, names)
}

#[tokio::test]
async fn package_beyond_the_tags_of_a_read_is_an_error() {
    let (registry, names) = registry(20).await;
    for package in ["acme/api", "acme/job"] {
        for tag in &names {
            registry.push(package, tag, "same");
        }
    }
    let limits = Limits {
        read_tags: 45,
        ..Limits::default()
    };
    let reader = limited(Known::default(), limits);
    let packages = requests(&["acme/web", "acme/api", "acme/job"], None);
    let answer = reader.read(&docker(&registry.url()), &packages).await;
    let failed: Vec<_> = answer
        .readings
        .into_iter()
        .filter_map(Result::err)
        .collect();
    let [failed] = &failed[..] else {
        panic!("{failed:?}");
    };
    assert_eq!(failed.kind, FeedErrorKind::Incomplete);
    let expected =
        "has 20 tags, and one read of the feed may have 45 tags of all packages together";
    assert!(failed.message.contains(expected), "{}", failed.message);
}

/// Each registry at its natural page size: how many requests it takes, and nothing is missed.
#[tokio::test]
async fn every_registry_is_read_to_its_end() {
    let (registry, names) = registry(TAGS).await;
    for (imitation, requests) in [
        (Imitation::Distribution3, 2),
        (Imitation::Distribution2, 1),
        (Imitation::DockerHub, 2),
        (Imitation::Ecr, 2),
        (Imitation::EcrPublic, 2),
        (Imitation::Ghcr, 2),
        (Imitation::Azure, 2),
        (Imitation::Google, 2),
        (Imitation::Harbor, 2),
        (Imitation::Quay, 14),
        (Imitation::OldQuay, 25),
        (Imitation::GitLab, 13),
        (Imitation::Artifactory, 2),
        (Imitation::Nexus, 2),
        (Imitation::OldNexus, 2),
        (Imitation::NexusGroup, 2),
        (Imitation::Gitea, 2),
        (Imitation::Zot, 2),
        (Imitation::Mcr, 1),
        (Imitation::NullTags, 2),
        (Imitation::SeveralLinks, 2),
        (Imitation::BehindProxy, 2),
        (Imitation::BareTargets, 2),
    ] {
        registry.imitate(imitation);
        registry.clear_requests();
        let outcome = read(
            &reader(Known::default()),
            &docker(&registry.url()),
            "acme/web",
        )
        .await;
        let found: BTreeSet<_> = versions(&outcome).into_iter().map(str::to_owned).collect();
        assert_eq!(
            found.len(),
            versions(&outcome).len(),
            "{imitation:?}: each once"
        );
        assert!(found == names, "{imitation:?}: {} tags", found.len());
        let asked = registry.requests();
        assert_eq!(asked.len(), requests, "{imitation:?}: {:?}", asked.last());
    }
}

/// A registry that refuses large pages has refused once, and is not asked for them again.
#[tokio::test]
async fn large_pages_are_refused_once() {
    let (registry, names) = registry(150).await;
    registry.imitate(Imitation::Quay);
    let reader = reader(Known::default());
    for requests in [3, 2, 2] {
        registry.clear_requests();
        let outcome = read(&reader, &docker(&registry.url()), "acme/web").await;
        assert_eq!(versions(&outcome).len(), names.len());
        assert_eq!(registry.requests().len(), requests);
    }
}

/// Small pages, where the registry links to more.
#[tokio::test]
async fn every_link_is_followed_page_after_page() {
    let (registry, names) = registry(50).await;
    registry.set_page_size(7);
    for imitation in Imitation::ALL {
        if matches!(imitation, Imitation::OldNexus | Imitation::Gitea) {
            continue;
        }
        registry.imitate(imitation);
        registry.clear_requests();
        let outcome = read(
            &reader(Known::default()),
            &docker(&registry.url()),
            "acme/web",
        )
        .await;
        assert_eq!(versions(&outcome).len(), names.len(), "{imitation:?}");
        assert!(
            registry
                .requests()
                .iter()
                .all(|(_, target, _)| target.starts_with("/v2/acme/web/tags/list?")),
            "{imitation:?}: {:?}",
            registry.requests()
        );
    }
}

/// A second look behind a full page may be answered with an error where there is nothing: zot and others.
#[tokio::test]
async fn nothing_behind_a_full_page_may_be_an_error() {
    for (imitation, code) in [
        (Imitation::Zot, 404),
        (Imitation::Gitea, 400),
        (Imitation::OldNexus, 404),
    ] {
        let (registry, names) = registry(1_000).await;
        registry.imitate(imitation);
        let nothing = FaultKind::Status(code, Vec::new(), String::new());
        registry.fault(Fault::new("last=", 1, nothing));
        let outcome = read(
            &reader(Known::default()),
            &docker(&registry.url()),
            "acme/web",
        )
        .await;
        assert_eq!(versions(&outcome).len(), names.len(), "{imitation:?}");
        assert_eq!(registry.requests().len(), 2, "{imitation:?}");
    }
}

#[tokio::test]
async fn a_repository_without_tags_is_empty_in_every_manner() {
    let registry = Registry::start().await.unwrap();
    registry.push("acme/web", "1", "1");
    registry.delete_tag("acme/web", "1");
    for imitation in Imitation::ALL {
        registry.imitate(imitation);
        let outcome = read(
            &reader(Known::default()),
            &docker(&registry.url()),
            "acme/web",
        )
        .await;
        assert_eq!(versions(&outcome), [""; 0], "{imitation:?}");
    }
}

/// 429 and a cut-off half-way are never the end of a list, for any registry.
#[tokio::test]
async fn half_of_a_list_is_an_error_in_every_manner() {
    let (registry, _) = registry(20).await;
    registry.set_page_size(7);
    for imitation in Imitation::ALL {
        let manner_pages = !matches!(
            imitation,
            Imitation::OldNexus | Imitation::Gitea | Imitation::Mcr | Imitation::Distribution2
        );
        if !manner_pages {
            continue;
        }
        registry.imitate(imitation);
        for (fault, kind) in [
            (
                FaultKind::TooManyRequests(None),
                FeedErrorKind::Throttled(None),
            ),
            (FaultKind::Truncate, FeedErrorKind::Incomplete),
        ] {
            registry.clear_faults();
            let second = if imitation == Imitation::OldQuay {
                "next_page="
            } else {
                "last="
            };
            registry.fault(Fault::new(second, usize::MAX, fault));
            let outcome = read(
                &reader(Known::default()),
                &docker(&registry.url()),
                "acme/web",
            )
            .await;
            let (found, text) = error(&outcome);
            assert_eq!(found, kind, "{imitation:?}");
            assert!(text.contains("page 2"), "{imitation:?}: {text}");
        }
    }
}
