//! Labels of versions of charts.

use std::fmt::Write as _;

use domain::ids::PackageId;
use domain::metadata::VersionMetadata;
use engine::ports::{FeedError, FeedErrorKind, FeedReader, MetadataRequest};
use registry_server::HelmRepository;

use crate::common::{Known, helm, paths, reader};

const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

const YAML: &str = "apiVersion: v1
entries:
  other:
  - annotations:
      team: other
    version: 1.1.0
  app:
  - annotations:
      org.opencontainers.image.revision: 4f2a9c1
      team: shop
      count: 7
      ? [not, text]
      : value
      nested:
        team: nested
    appVersion: \"2.5\"
    created: 2026-03-01T12:00:00Z
    digest: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    home: https://app.example.com
    sources:
    - https://github.com/acme/app
    - https://github.com/acme/charts
    version: 1.1.0
  - annotations:
      team: repeated
    version: 1.1.0
  - annotations:
      org.opencontainers.image.source: https://github.com/acme/annotated
    sources: https://github.com/acme/text
    home: [https://app.example.com]
    version: 1.0.0
  - version: 0.9.0
";

const JSON: &str = r#"{"apiVersion":"v1","entries":{"other":[{"version":"1.1.0","annotations":{"team":"other"}}],"app":[
{"annotations":{"org.opencontainers.image.revision":"4f2a9c1","team":"shop","count":7,"nested":{"team":"nested"}},
 "appVersion":"2.5","created":"2026-03-01T12:00:00Z","home":"https://app.example.com",
 "digest":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
 "sources":["https://github.com/acme/app","https://github.com/acme/charts"],"version":"1.1.0"},
{"version":"1.1.0","annotations":{"team":"repeated"}},
{"annotations":{"org.opencontainers.image.source":"https://github.com/acme/annotated"},
 "sources":"https://github.com/acme/text","home":["https://app.example.com"],"version":"1.0.0"},
{"version":"0.9.0"}]}}"#;

fn request(chart: &str, version: &str, digest: Option<&str>) -> MetadataRequest {
    MetadataRequest {
        package: PackageId::new(chart),
        version: version.to_owned(),
        digest: digest.map(str::to_owned),
        keys: Vec::new(),
        record: None,
    }
}

async fn labels(
    repository: &HelmRepository,
    requests: &[MetadataRequest],
) -> Vec<Result<VersionMetadata, FeedError>> {
    let feed = helm(&repository.url());
    let reader = reader(Known::default());
    reader.read_metadata(&feed, requests).await.readings
}

#[tokio::test]
async fn labels_of_several_versions_take_one_request() {
    for index in [YAML, JSON] {
        let repository = HelmRepository::start().await.unwrap();
        repository.set_index(index);
        let requests = [
            request("app", "1.1.0", Some(DIGEST)),
            request("app", "1.0.0", None),
            request("other", "1.1.0", None),
        ];
        let read = labels(&repository, &requests).await;
        assert_eq!(
            paths(&repository.requests()),
            [("/charts/index.yaml", false)]
        );
        let read: Vec<_> = read.into_iter().map(Result::unwrap).collect();
        for (version, name, expected) in [
            (0, "revision", Some("4f2a9c1")),
            (0, "team", Some("shop")),
            (0, "nested", None),
            (0, "appVersion", Some("2.5")),
            (0, "version", Some("1.1.0")),
            (0, "source", Some("https://github.com/acme/app")),
            (0, "url", Some("https://app.example.com")),
            (0, "created", Some("2026-03-01T12:00:00Z")),
            (1, "source", Some("https://github.com/acme/annotated")),
            (1, "url", None),
            (1, "team", None),
            (2, "team", Some("other")),
        ] {
            assert_eq!(read[version].label(name), expected, "{version} {name}");
        }
        assert_eq!(read[0].digest(), Some(DIGEST));
        assert_eq!(read[0].platforms(), [""; 0]);
    }
}

#[tokio::test]
async fn labels_of_a_replaced_or_removed_version_are_an_error() {
    let repository = HelmRepository::start().await.unwrap();
    repository.set_index(YAML);
    let other = format!("sha256:{}", "b".repeat(64));
    let requests = [
        request("app", "1.1.0", Some(&other)),
        request("app", "3.0.0", None),
        request("none", "1.1.0", None),
        request("app", "0.9.0", None),
    ];
    let read = labels(&repository, &requests).await;
    let kinds: Vec<_> = read
        .iter()
        .map(|read| read.as_ref().err().map(|error| error.kind))
        .collect();
    let missing = Some(FeedErrorKind::NotFound);
    assert_eq!(
        kinds,
        [Some(FeedErrorKind::Incomplete), missing, missing, None]
    );
}

#[tokio::test]
async fn many_and_long_annotations_are_limited() {
    let repository = HelmRepository::start().await.unwrap();
    let mut index = "apiVersion: v1\nentries:\n  app:\n".to_owned();
    for version in 0..50 {
        index.push_str("  - annotations:\n");
        for number in 0..500 {
            let value = "x".repeat(if number % 2 == 0 { 20 } else { 2_000 });
            let _ = writeln!(index, "      a{number:03}: {value}");
        }
        let _ = writeln!(index, "    version: 1.{version}.0");
    }
    repository.set_index(index);
    let read = labels(&repository, &[request("app", "1.7.0", None)]).await;
    let read = read[0].as_ref().unwrap();
    assert_eq!(read.labels().len(), 64);
    assert_eq!(read.label("version"), Some("1.7.0"));
    assert!(read.labels().values().all(|value| value.len() <= 1_024));
}
