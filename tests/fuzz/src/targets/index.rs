//! The index of a Helm repository: the streaming reader agrees with a reader of the whole text.

use std::collections::{BTreeMap, BTreeSet};

use feeds::parsing::{self, Charts};
use serde::Deserialize;

/// An index as a plain reader parses it.
#[derive(Deserialize)]
struct Plain {
    entries: Option<BTreeMap<String, Option<Vec<Option<PlainEntry>>>>>,
}

#[derive(Deserialize)]
struct PlainEntry {
    version: Option<String>,
    #[serde(default)]
    removed: Option<bool>,
}

fn watched() -> BTreeSet<String> {
    ["app", "web"].map(str::to_owned).into()
}

/// In YAML: the same with and without the prefilter, and the same as another library.
pub(crate) fn yaml(data: &[u8]) {
    let filtered = parsing::index(data.to_vec(), watched());
    let whole = parsing::index_without_prefilter(data.to_vec(), watched());
    match (&filtered, &whole) {
        (Ok(filtered), Ok(whole)) => assert_eq!(filtered, whole),
        // Faults in an unwatched chart are not looked for.
        (_, Err(_)) => {}
        (Err(error), Ok(_)) => assert!(data.trim_ascii_start().starts_with(b"{"), "{error}"),
    }
    if let (Ok(charts), Ok(plain)) = (whole, serde_yaml_ng::from_slice(data)) {
        agree(&charts, &plain);
    }
}

/// In JSON, which is YAML as well; and one chart of a ChartMuseum, which has JSON alone.
pub(crate) fn json(data: &[u8]) {
    let charts = parsing::index(data.to_vec(), watched());
    if let (Ok(charts), Ok(plain)) = (charts, serde_json::from_slice(data)) {
        agree(&charts, &plain);
    }
    let chart = parsing::chart(data.to_vec());
    if let (Ok(versions), Ok(plain)) = (chart, serde_json::from_slice(data)) {
        let plain = Plain {
            entries: Some([("app".to_owned(), Some(plain))].into()),
        };
        agree(&[("app".to_owned(), versions)].into(), &plain);
    }
}

/// Every found version is found by the plain reader too, and no version is missing that every reader accepts.
fn agree(charts: &Charts, plain: &Plain) {
    let entries = plain.entries.iter().flatten();
    for (name, list) in entries.filter(|(name, _)| watched().contains(*name)) {
        let entries = list.iter().flatten().flatten();
        let kept = entries.filter(|entry| entry.removed != Some(true));
        let expected: BTreeSet<_> = kept.filter_map(|entry| entry.version.as_deref()).collect();
        let listed = charts.get(name).into_iter().flatten();
        let found: BTreeSet<_> = listed.map(|listed| listed.version.as_str()).collect();
        assert!(found.is_subset(&expected), "{found:?} of {expected:?}");
        for version in expected.difference(&found) {
            assert!(
                semver::Version::parse(version).is_err(),
                "{version} is lost"
            );
        }
    }
}
