//! The index of a Helm repository, which is read as it comes and never whole: as a reader has it that holds
//! the whole text.

use std::collections::{BTreeMap, BTreeSet};

use feeds::parsing::{self, Charts};
use serde::Deserialize;

/// What a plain reader makes of an index.
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

fn wanted() -> BTreeSet<String> {
    ["app", "web"].map(str::to_owned).into()
}

/// In YAML: with the sieve as without it, and as another library reads it.
pub(crate) fn yaml(data: &[u8]) {
    let sieved = parsing::index(data.to_vec(), wanted());
    let whole = parsing::index_without_prefilter(data.to_vec(), wanted());
    match (&sieved, &whole) {
        (Ok(sieved), Ok(whole)) => assert_eq!(sieved, whole),
        // In a chart that nobody wants nobody looks for faults.
        (_, Err(_)) => {}
        (Err(error), Ok(_)) => assert!(data.trim_ascii_start().starts_with(b"{"), "{error}"),
    }
    if let (Ok(charts), Ok(plain)) = (whole, serde_yaml_ng::from_slice(data)) {
        agree(&charts, &plain);
    }
}

/// In JSON, which is YAML as well; and one chart of a ChartMuseum, which has JSON alone.
pub(crate) fn json(data: &[u8]) {
    let charts = parsing::index(data.to_vec(), wanted());
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

/// Nothing is there that the plain reader does not see, and no version is missing that everybody reads.
fn agree(charts: &Charts, plain: &Plain) {
    let entries = plain.entries.iter().flatten();
    for (name, list) in entries.filter(|(name, _)| wanted().contains(*name)) {
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
