//! Parses an index in JSON, which Helm reads too, as a stream with serde.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Read;

use http_client::{lenient, lenient_object};
use serde::Deserialize;
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::chart::{Chart, Entry, Index, Versions};
use super::error::IndexError;

/// The watched charts in an index.
pub(super) fn index(bytes: impl Read, watched: &BTreeSet<String>) -> Result<Index, IndexError> {
    let mut deserializer = serde_json::Deserializer::from_reader(bytes);
    let read = Watched(watched)
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

struct Watched<'a>(&'a BTreeSet<String>);

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

struct Entries<'a>(&'a BTreeSet<String>);

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
            if !self.0.contains(&chart) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let versions: Option<Listing> = map.next_value()?;
            if charts.contains_key(&chart) {
                return Err(A::Error::custom(format_args!(
                    "chart {chart:?} is there twice"
                )));
            }
            charts.insert(chart, versions.unwrap_or_default().0.into_chart());
        }
        Ok(charts)
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

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut list: A) -> Result<Self, A::Error> {
        while let Some(entry) = list.next_element::<Option<JsonEntry>>()? {
            if let Some(JsonEntry {
                version,
                created,
                digest,
                removed,
            }) = entry
            {
                self.0.add(Entry {
                    version,
                    created,
                    digest,
                    removed,
                });
            }
        }
        Ok(self)
    }
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
