//! Parses an index in JSON, which Helm reads too, as a stream with serde.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Read;

use http_client::{lenient, lenient_object};
use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::chart::{Chart, Entry, Index, Versions};
use super::error::IndexError;
use super::labels::Labels;
use super::selected::Selected;

/// The watched charts in an index.
pub(super) fn index(bytes: impl Read, selected: &Selected) -> Result<Index, IndexError> {
    let mut deserializer = serde_json::Deserializer::from_reader(bytes);
    let read = Watched(selected)
        .deserialize(&mut deserializer)
        .map_err(from_json_error)?;
    deserializer.end().map_err(trailing)?;
    if !read.has_version {
        return Err(IndexError::NoApiVersion);
    }
    Ok(Index {
        charts: read.charts.ok_or(IndexError::NoEntries)?,
        chart_museum: read
            .server_info
            .map(|info| info.context_path.unwrap_or_default()),
    })
}

/// The versions in ChartMuseum's answer about one chart.
pub(super) fn chart(bytes: impl Read) -> Result<Chart, IndexError> {
    let mut deserializer = serde_json::Deserializer::from_reader(bytes);
    let listing = Listing::deserialize(&mut deserializer).map_err(from_json_error)?;
    deserializer.end().map_err(trailing)?;
    Ok(listing.0.into_chart())
}

/// An error for text after the document, which is not parsed as YAML.
fn trailing(error: serde_json::Error) -> IndexError {
    match from_json_error(error) {
        IndexError::Json(_) => IndexError::Unexpected {
            what: "more text",
            expected: "its end",
        },
        other => other,
    }
}

fn from_json_error(error: serde_json::Error) -> IndexError {
    if error.is_io() {
        IndexError::reading(error.into())
    } else if error.is_eof() {
        IndexError::Cut
    } else {
        IndexError::Json(error)
    }
}

/// The parts of the document that are read.
#[derive(Default)]
struct Whole {
    has_version: bool,
    charts: Option<Charts>,
    server_info: Option<ServerInfo>,
}

type Charts = BTreeMap<String, Chart>;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ServerInfo {
    #[serde(default, deserialize_with = "lenient")]
    context_path: Option<String>,
}

/// The information about a ChartMuseum, if it is an object.
#[derive(Deserialize)]
struct Lenient(#[serde(deserialize_with = "lenient_object")] Option<ServerInfo>);

struct Watched<'a>(&'a Selected);

impl<'de> DeserializeSeed<'de> for Watched<'_> {
    type Value = Whole;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Whole, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Watched<'_> {
    type Value = Whole;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an index")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Whole, A::Error> {
        let mut read = Whole::default();
        while let Some(key) = map.next_key::<String>()? {
            match key.as_str() {
                "apiVersion" => {
                    read.has_version = map.next_value::<Option<IgnoredAny>>()?.is_some();
                }
                "entries" if read.charts.is_some() => {
                    return Err(A::Error::duplicate_field("entries"));
                }
                "entries" => read.charts = Some(map.next_value_seed(Entries(self.0))?),
                "serverInfo" => read.server_info = map.next_value::<Lenient>()?.0,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                }
            }
        }
        Ok(read)
    }
}

struct Entries<'a>(&'a Selected);

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = Charts;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Charts, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = Charts;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("charts by name")
    }

    fn visit_unit<E>(self) -> Result<Charts, E> {
        Ok(Charts::new())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Charts, A::Error> {
        let mut charts = Charts::new();
        while let Some(chart) = map.next_key::<String>()? {
            if !self.0.charts.contains(&chart) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let listing = Listing(Versions::with_labels_of(self.0.described(&chart)));
            let versions = map.next_value_seed(OptionalListing(listing))?;
            if charts.contains_key(&chart) {
                return Err(A::Error::custom(format_args!(
                    "chart {chart:?} is there twice"
                )));
            }
            charts.insert(chart, versions.0.into_chart());
        }
        Ok(charts)
    }
}

/// One chart's versions, or null.
struct OptionalListing(Listing);

impl<'de> DeserializeSeed<'de> for OptionalListing {
    type Value = Listing;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Listing, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for OptionalListing {
    type Value = Listing;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of versions")
    }

    fn visit_none<E>(self) -> Result<Listing, E> {
        Ok(self.0)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Listing, D::Error> {
        deserializer.deserialize_seq(self.0)
    }
}

/// One chart's versions.
#[derive(Default)]
struct Listing(Versions);

impl<'de> Deserialize<'de> for Listing {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(Self::default())
    }
}

impl<'de> Visitor<'de> for Listing {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of versions")
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, list: A) -> Result<Self, A::Error> {
        if self.0.has_labels() {
            add_all::<DescribedEntry, _>(&mut self.0, list)?;
        } else {
            add_all::<JsonEntry, _>(&mut self.0, list)?;
        }
        Ok(self)
    }
}

/// Adds the entries of a list, read with the fields of `E`.
fn add_all<'de, E, A>(versions: &mut Versions, mut list: A) -> Result<(), A::Error>
where
    E: Deserialize<'de> + Into<Entry>,
    A: SeqAccess<'de>,
{
    while let Some(entry) = list.next_element::<Option<E>>()? {
        if let Some(entry) = entry {
            versions.add(entry.into());
        }
    }
    Ok(())
}

#[derive(Deserialize)]
struct JsonEntry {
    #[serde(default, deserialize_with = "lenient")]
    version: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    created: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    digest: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    removed: bool,
}

impl From<JsonEntry> for Entry {
    fn from(entry: JsonEntry) -> Self {
        let JsonEntry {
            version,
            created,
            digest,
            removed,
        } = entry;
        Self {
            version,
            created,
            digest,
            removed,
            labels: Labels::default(),
        }
    }
}

/// An entry with the fields that are read for its labels.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct DescribedEntry {
    #[serde(default, deserialize_with = "lenient")]
    version: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    created: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    digest: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    removed: bool,
    #[serde(default, deserialize_with = "lenient")]
    app_version: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    home: Option<String>,
    #[serde(default)]
    sources: FirstText,
    #[serde(default, deserialize_with = "lenient_object")]
    annotations: Option<Annotations>,
}

impl From<DescribedEntry> for Entry {
    fn from(entry: DescribedEntry) -> Self {
        let mut labels = entry.annotations.unwrap_or_default().0;
        labels.app_version = entry.app_version;
        labels.home = entry.home;
        labels.source = entry.sources.0;
        Self {
            version: entry.version,
            created: entry.created,
            digest: entry.digest,
            removed: entry.removed,
            labels,
        }
    }
}

#[derive(Default)]
struct Annotations(Labels);

impl<'de> Deserialize<'de> for Annotations {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Self::default())
    }
}

impl<'de> Visitor<'de> for Annotations {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("annotations by name")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<Self, A::Error> {
        while let Some((name, Text(value))) = map.next_entry::<String, Text>()? {
            self.0.annotate(name, value);
        }
        Ok(self)
    }
}

/// A text; `None` for a value of another type.
#[derive(Deserialize)]
struct Text(#[serde(deserialize_with = "lenient")] Option<String>);

/// The first text of a list; `None` for a value of another type.
#[derive(Default)]
struct FirstText(Option<String>);

impl<'de> Deserialize<'de> for FirstText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self::default())
    }
}

impl<'de> Visitor<'de> for FirstText {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of texts")
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Self, A::Error> {
        while let Some(Text(text)) = list.next_element()? {
            self.0 = self.0.or(text);
        }
        Ok(self)
    }
}
