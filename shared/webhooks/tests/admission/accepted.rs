//! Requests that are let in, and what they announce.

use domain::push::{Match, PackageKind, Push};
use ring::hmac;
use webhooks::AdmissionResult;

use super::support::{
    DIGEST, KEY, NOW, STANDARD_KEY, fixture, id, judge, post, proof, proven, pushes, request,
    signature,
};
use http::Method;
use webhooks::Admission;

fn push(
    registry: Option<&str>,
    repository: &str,
    matching: Match,
    kind: Option<PackageKind>,
    digest: bool,
) -> Push {
    Push {
        registry: registry.map(str::to_owned),
        repository: Some(repository.into()),
        matching,
        kind,
        tag: Some("1.4.0".into()),
        digest: digest.then(|| DIGEST.to_owned()),
    }
}

#[test]
fn admission_every_fixture_gives_the_package_it_announces() {
    use Match::{Exact, Package, Suffix};
    use PackageKind::{Helm, Image, Oci};
    let docker = Some(Image);
    let cases = [
        (
            "generic",
            "native.json",
            push(Some("registry.example.com"), "shop/web", Exact, None, true),
        ),
        (
            "github",
            "github-package.json",
            push(Some("ghcr.io"), "acme/web", Exact, docker, true),
        ),
        (
            "docker-hub",
            "docker-hub.json",
            push(None, "acme/web", Exact, docker, false),
        ),
        (
            "harbor",
            "harbor-default.json",
            push(Some("harbor.example.com"), "shop/web", Exact, None, true),
        ),
        (
            "harbor",
            "harbor-cloudevents.json",
            push(Some("harbor.example.com"), "shop/web", Exact, None, true),
        ),
        (
            "acr",
            "acr.json",
            push(Some("acme.azurecr.io"), "shop/web", Exact, docker, true),
        ),
        (
            "acr",
            "acr-chart.json",
            push(None, "web", Package, Some(Helm), false),
        ),
        (
            "event-grid",
            "event-grid.json",
            push(Some("acme.azurecr.io"), "shop/web", Exact, docker, true),
        ),
        (
            "quay",
            "quay.json",
            push(Some("quay.io"), "acme/web", Exact, docker, false),
        ),
        (
            "artifactory",
            "artifactory-docker.json",
            push(None, "shop/web", Suffix, docker, true),
        ),
        (
            "nexus",
            "nexus.json",
            push(None, "shop/web", Suffix, docker, false),
        ),
        (
            "gitea",
            "gitea.json",
            push(Some("git.example.com"), "acme/web", Exact, docker, false),
        ),
        (
            "distribution",
            "distribution.json",
            push(
                Some("registry.example.com"),
                "shop/web",
                Exact,
                Some(Oci),
                true,
            ),
        ),
        (
            "zot",
            "zot-binary.json",
            push(None, "shop/web", Exact, Some(Oci), true),
        ),
        (
            "cloudsmith",
            "cloudsmith.json",
            push(None, "acme/shop/web", Exact, docker, true),
        ),
        (
            "cdevents",
            "cdevents.json",
            push(
                Some("registry.example.com"),
                "shop/web",
                Exact,
                Some(Oci),
                true,
            ),
        ),
        (
            "aliyun",
            "aliyun.json",
            push(None, "shop/web", Exact, docker, true),
        ),
    ];
    for (kind, name, expected) in cases {
        assert_eq!(pushes(&proven(kind, fixture(name))), [expected], "{name}");
    }
}

#[test]
fn admission_artifactory_deployment_asks_for_the_whole_feed() {
    let request = proven("artifactory", fixture("artifactory-artifact.json"));
    assert_eq!(pushes(&request), [Push::default()]);
}

#[test]
fn admission_artifactory_key_in_the_header_is_accepted_only_where_configured() {
    let body = fixture("artifactory-docker.json");
    let plain = [("x-jfrog-event-auth", KEY)];
    let path = format!("/hook/artifactory/{}", id("plain"));
    assert_eq!(
        pushes(&request(Method::POST, &path, &plain, body.clone())).len(),
        1
    );
    assert!(matches!(
        judge(&post("artifactory", &plain, body)),
        AdmissionResult::Refused(_)
    ));
}

#[test]
fn admission_published_vectors_are_the_signatures_it_accepts() {
    let vectors: serde_json::Value = serde_json::from_slice(&fixture("vectors.json")).unwrap();
    for name in [
        "github-package.json",
        "gitea.json",
        "nexus.json",
        "cloudsmith.json",
        "native.json",
    ] {
        let body = fixture(name);
        let of = |algorithm| signature(algorithm, KEY, &body);
        assert_eq!(vectors[name]["sha256"], of(hmac::HMAC_SHA256), "{name}");
        assert_eq!(vectors[name]["sha512"], of(hmac::HMAC_SHA512), "{name}");
        let sha1 = of(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY);
        assert_eq!(vectors[name]["sha1"], sha1, "{name}");
    }
    let documented = signature(
        hmac::HMAC_SHA256,
        "It's a Secret to Everybody",
        b"Hello, World!",
    );
    assert_eq!(vectors["github-doc"], documented);
}

#[test]
fn admission_generic_schemes_are_all_accepted() {
    let body = fixture("native.json");
    let sha256 = format!("sha256={}", signature(hmac::HMAC_SHA256, KEY, &body));
    let sha512 = format!("sha512={}", signature(hmac::HMAC_SHA512, KEY, &body));
    let upper = format!(
        "sha256={}",
        signature(hmac::HMAC_SHA256, KEY, &body).to_uppercase()
    );
    let bearer = format!("Bearer {KEY}");
    for (name, value) in [
        ("authorization", &bearer),
        ("X-Signature", &sha256),
        ("x-signature", &sha512),
        ("X-Hub-Signature-256", &sha256),
        ("x-hub-signature-256", &upper),
    ] {
        let headers = [
            (name, value.as_str()),
            ("content-type", "application/json; charset=utf-8"),
        ];
        assert_eq!(
            pushes(&post("generic", &headers, body.clone())).len(),
            1,
            "{name}"
        );
    }
}

#[test]
fn admission_standard_webhooks_vector_is_accepted_also_beside_a_wrong_signature() {
    let vectors: serde_json::Value = serde_json::from_slice(&fixture("vectors.json")).unwrap();
    let right = vectors["std"]["sig"].as_str().unwrap();
    assert_eq!(vectors["std"]["secret"], STANDARD_KEY);
    let beside = format!("v1,AAAA {right}");
    let path = format!("/hook/generic/{}", id("standard"));
    for signatures in [right, &beside] {
        let headers = [
            ("webhook-id", "msg_0001"),
            ("webhook-timestamp", "1798000000"),
            ("webhook-signature", signatures),
        ];
        let request = request(Method::POST, &path, &headers, fixture("native.json"));
        let AdmissionResult::Accepted(accepted) = judge(&request) else {
            panic!("{signatures} is refused");
        };
        assert_eq!(accepted.delivery, "msg_0001");
    }
}

#[test]
fn admission_both_keys_are_accepted_while_rotating() {
    let body = fixture("github-package.json");
    for key in ["new-key-0123456789", KEY] {
        let signature = format!("sha256={}", signature(hmac::HMAC_SHA256, key, &body));
        let headers = [
            ("x-hub-signature-256", signature.as_str()),
            ("x-github-event", "package"),
        ];
        assert_eq!(
            pushes(&post("github", &headers, body.clone())).len(),
            1,
            "{key}"
        );
    }
}

#[test]
fn admission_delivery_is_the_senders_id_or_the_hash_of_the_body() {
    let delivery = |kind, body: Vec<u8>| match judge(&proven(kind, body)) {
        AdmissionResult::Accepted(accepted) => {
            (accepted.receiver, accepted.delivery, accepted.feeds)
        }
        other => panic!("{other:?}"),
    };
    let (receiver, id, feeds) = delivery("github", fixture("github-package.json"));
    assert_eq!((receiver.as_str(), id.as_str()), ("github", "d1"));
    assert_eq!(feeds, Some(vec!["Default/github".to_owned()]));
    let (_, id, _) = delivery("docker-hub", fixture("docker-hub.json"));
    assert_eq!(id.len(), 64);
    assert_eq!(delivery("docker-hub", fixture("docker-hub.json")).1, id);
}

#[test]
fn admission_two_events_of_one_push_become_one_check() {
    let mut body: serde_json::Value =
        serde_json::from_slice(&fixture("distribution.json")).unwrap();
    let event = body["events"][1].clone();
    body["events"].as_array_mut().unwrap().push(event);
    assert_eq!(pushes(&proven("distribution", body.to_string())).len(), 1);
}

#[test]
fn admission_ten_thousand_events_become_at_most_a_hundred_pushes() {
    let event = |n: usize| {
        format!(
            r#"{{"action":"push","target":{{"mediaType":"a.manifest.b","repository":"r{n}","tag":"1"}}}}"#
        )
    };
    let events: Vec<_> = (0..2_500).map(event).collect();
    let body = format!(r#"{{"events":[{}]}}"#, events.join(","));
    assert_eq!(pushes(&proven("distribution", body)).len(), 100);
}

#[test]
fn admission_storm_of_one_receiver_is_collapsed() {
    let admission = Admission::default();
    let receivers = super::support::receivers();
    let body = fixture("docker-hub.json");
    let asked: Vec<_> = (0..100)
        .map(|_| {
            match admission.judge(&receivers, &proven("docker-hub", body.clone()), NOW, None) {
                AdmissionResult::Accepted(accepted) => accepted.pushes,
                other => panic!("{other:?}"),
            }
        })
        .collect();
    assert!(
        asked[..30]
            .iter()
            .all(|pushes| pushes[0].repository.is_some())
    );
    assert_eq!(asked[30], [Push::default()]);
    assert!(asked[31..].iter().all(Vec::is_empty));
}

#[test]
fn admission_package_registries_beside_containers_are_named_by_package() {
    let nuget = r#"{"action":"published","package":{"name":"Acme.Web","package_type":"nuget",
        "package_version":{"version":"1.4.0"},"registry":{"type":"nuget"}}}"#;
    let found = pushes(&proven("github", nuget));
    assert_eq!(
        (found[0].kind, found[0].matching),
        (Some(PackageKind::Nuget), Match::Package)
    );
    let maven = r#"{"action":"CREATED","component":{"format":"maven2","group":"com.acme","name":"web","version":"1.4.0"}}"#;
    assert_eq!(
        pushes(&proven("nexus", maven))[0].repository.as_deref(),
        Some("com.acme:web")
    );
    let purl = r#"{"context":{"type":"dev.cdevents.artifact.published.0.1.0","id":"1"},
        "subject":{"id":"pkg:maven/com/acme/web@1.4.0"}}"#;
    assert_eq!(
        pushes(&proven("cdevents", purl))[0].repository.as_deref(),
        Some("com.acme:web")
    );
}

#[test]
fn admission_github_without_a_package_version_still_names_the_repository() {
    let body = r#"{"action":"updated","registry_package":{"name":"Web","owner":{"login":"Acme"},
        "package_version":null,"registry":{"type":"CONTAINER"}}}"#;
    let mut headers = proof("github", body.as_bytes());
    headers[1].1 = "registry_package".into();
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_str()))
        .collect();
    let found = pushes(&post("github", &headers, body));
    assert_eq!(found[0].repository.as_deref(), Some("acme/web"));
    assert_eq!(found[0].tag, None);
}

#[test]
fn admission_harbor_replication_names_the_destination() {
    let body = r#"{"type":"REPLICATION","event_data":{"replication":{"dest_resource":{"namespace":"shop"},
        "successful_artifact":[{"name_tag":"web [1 item(s) in total]"}]}}}"#;
    assert_eq!(
        pushes(&proven("harbor", body))[0].repository.as_deref(),
        Some("shop/web")
    );
    let unreadable = r#"{"type":"REPLICATION","event_data":{"replication":{}}}"#;
    assert_eq!(pushes(&proven("harbor", unreadable)), [Push::default()]);
}

#[test]
fn admission_zot_structured_event_is_read_like_a_binary_one() {
    let data: serde_json::Value = serde_json::from_slice(&fixture("zot-binary.json")).unwrap();
    let body = serde_json::json!({"specversion": "1.0", "id": "s1", "type": "zotregistry.image.updated", "data": data});
    let headers = [
        ("authorization", KEY),
        ("content-type", "application/cloudevents+json"),
    ];
    let request = post("zot", &headers, body.to_string());
    assert_eq!(
        pushes(&request),
        pushes(&proven("zot", fixture("zot-binary.json")))
    );
}
