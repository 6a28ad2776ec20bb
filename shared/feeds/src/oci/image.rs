//! Parses manifests, indexes and image configurations for their labels and platforms.

use std::fmt;

use domain::platform::Platform;
use http_client::{at_most, lenient, lenient_object};
use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, Visitor};

use super::platform::ImagePlatform;
use crate::facts::is_digest;

/// The platforms whose image is read of an index, in this order.
const PREFERRED: [&str; 2] = ["linux/amd64", "linux/arm64"];

/// The labels of one document that are read. The limits of the stored labels are lower.
const MAX_LABELS: usize = 1_000;

/// The longest text that is kept while a document is parsed.
const MAX_TEXT_BYTES: usize = 4 << 10;

/// A manifest or an index.
#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(default, deserialize_with = "lenient_object")]
    config: Option<Descriptor>,
    manifests: Option<Descriptors>,
    #[serde(default)]
    pub(super) annotations: Labels,
}

/// The configuration of an image.
#[derive(Default, Deserialize)]
pub(super) struct Configuration {
    #[serde(default, deserialize_with = "lenient")]
    pub(super) created: Option<String>,
    #[serde(flatten)]
    platform: ImagePlatform,
    #[serde(default, deserialize_with = "lenient_object")]
    config: Option<Settings>,
}

#[derive(Deserialize)]
struct Settings {
    #[serde(default, rename = "Labels")]
    labels: Labels,
}

#[derive(Deserialize)]
struct Descriptors(#[serde(deserialize_with = "at_most::<_, _, 10_000>")] Vec<Descriptor>);

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Descriptor {
    #[serde(default, deserialize_with = "lenient")]
    media_type: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    digest: String,
    #[serde(default, deserialize_with = "lenient_object")]
    platform: Option<ImagePlatform>,
}

/// Texts by name. Values of other types are left out.
#[derive(Default)]
pub(super) struct Labels(Vec<(String, String)>);

impl Document {
    pub(super) fn is_index(&self) -> bool {
        self.manifests.is_some()
    }

    /// The images of an index. Attestations have an unknown platform.
    fn images(&self) -> impl Iterator<Item = &Descriptor> {
        let entries = self.manifests.iter().flat_map(|list| &list.0);
        entries.filter(|entry| {
            let is_image = matches!(
                entry.media_type.as_deref().unwrap_or_default(),
                "" | "application/vnd.oci.image.manifest.v1+json"
                    | "application/vnd.docker.distribution.manifest.v2+json"
            );
            let platform = entry.platform.as_ref();
            is_image && is_digest(&entry.digest) && !platform.is_some_and(|own| own.is_unknown())
        })
    }

    /// The platforms of an index. Empty for a manifest.
    pub(super) fn platforms(&self) -> Vec<String> {
        let platforms = self.images().filter_map(|image| image.platform.as_ref());
        platforms.filter_map(|own| own.name()).collect()
    }

    /// The digest of the image of an index whose labels are read.
    pub(super) fn image(&self) -> Option<String> {
        let platform_is = |image: &&Descriptor, requested: &Platform| {
            let platform = image.platform.as_ref();
            platform.is_some_and(|own| own.suits(requested))
        };
        let preferred = PREFERRED.iter().find_map(|requested| {
            let requested = Platform::parse(requested);
            self.images().find(|image| platform_is(image, &requested))
        });
        let is_linux = |image: &&Descriptor| {
            let platform = image.platform.as_ref();
            platform.is_some_and(|own| own.name().is_some_and(|name| name.starts_with("linux/")))
        };
        let image = preferred
            .or_else(|| self.images().find(is_linux))
            .or_else(|| self.images().next())?;
        Some(image.digest.clone())
    }

    /// The digest of an image's configuration. `None`: it is a chart or another artifact.
    pub(super) fn configuration(&self) -> Option<String> {
        let config = self.config.as_ref()?;
        let is_image = matches!(
            config.media_type.as_deref().unwrap_or_default(),
            "application/vnd.oci.image.config.v1+json"
                | "application/vnd.docker.container.image.v1+json"
        );
        (is_image && is_digest(&config.digest)).then(|| config.digest.clone())
    }
}

impl Configuration {
    pub(super) fn platform(&self) -> Option<String> {
        self.platform.name()
    }

    pub(super) fn labels(self) -> impl Iterator<Item = (String, String)> {
        let labels = self.config.map(|settings| settings.labels);
        labels.into_iter().flat_map(Labels::into_iter)
    }
}

impl Labels {
    pub(super) fn into_iter(self) -> impl Iterator<Item = (String, String)> {
        self.0.into_iter()
    }
}

impl<'de> Deserialize<'de> for Labels {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        let labels: Option<Self> = lenient_object::<_, Entries>(value)?.map(|entries| entries.0);
        Ok(labels.unwrap_or_default())
    }
}

struct Entries(Labels);

impl<'de> Deserialize<'de> for Entries {
    fn deserialize<D: Deserializer<'de>>(value: D) -> Result<Self, D::Error> {
        value.deserialize_map(EntriesVisitor)
    }
}

struct EntriesVisitor;

impl<'de> Visitor<'de> for EntriesVisitor {
    type Value = Entries;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut labels = Vec::new();
        while labels.len() < MAX_LABELS {
            let Some((name, Text(value))) = map.next_entry::<String, Text>()? else {
                return Ok(Entries(Labels(labels)));
            };
            let fits = |value: &String| name.len() + value.len() <= MAX_TEXT_BYTES;
            labels.extend(value.filter(fits).map(|value| (name, value)));
        }
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Entries(Labels(labels)))
    }
}

#[derive(Deserialize)]
struct Text(#[serde(deserialize_with = "lenient")] Option<String>);

#[cfg(test)]
mod tests {
    use http_client::from_json;

    use super::{Configuration, Document, MAX_LABELS};
    use crate::oci::manifest::digest;

    #[test]
    fn image_of_an_index_is_chosen_by_its_platform() {
        let entry = |name: &str, platform: &str| {
            let (os, architecture) = platform.split_once('/').unwrap();
            format!(
                r#"{{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"{}",
                "platform":{{"os":"{os}","architecture":"{architecture}"}}}}"#,
                digest(name.as_bytes())
            )
        };
        for (platforms, expected) in [
            (
                &["linux/arm64", "linux/amd64", "unknown/unknown"][..],
                Some("linux/amd64"),
            ),
            (
                &["windows/amd64", "linux/s390x", "linux/arm64"],
                Some("linux/arm64"),
            ),
            (&["windows/amd64", "linux/s390x"], Some("linux/s390x")),
            (&["windows/amd64"], Some("windows/amd64")),
            (&["unknown/unknown"], None),
            (&[], None),
        ] {
            let entries: Vec<_> = platforms.iter().map(|one| entry(one, one)).collect();
            let index = format!(r#"{{"manifests":[{}]}}"#, entries.join(","));
            let index: Document = from_json(index.as_bytes()).unwrap();
            assert!(index.is_index());
            let expected = expected.map(|name| digest(name.as_bytes()));
            assert_eq!(index.image(), expected, "{platforms:?}");
        }
    }

    #[test]
    fn labels_are_read_leniently_and_within_limits() {
        let many: Vec<_> = (0..MAX_LABELS + 5)
            .map(|n| format!(r#""l{n}":"x""#))
            .collect();
        for (labels, expected) in [
            (r#"{"a":"b","c":7,"d":null,"e":["f"]}"#.to_owned(), 1),
            ("null".to_owned(), 0),
            ("[]".to_owned(), 0),
            (format!(r#"{{"a":"{}","b":"c"}}"#, "x".repeat(5_000)), 1),
            (format!("{{{}}}", many.join(",")), MAX_LABELS),
        ] {
            let text = format!(
                r#"{{"os":"linux","architecture":"arm64","variant":"v8","created":"2026-03-01T00:00:00Z",
                "config":{{"Labels":{labels}}}}}"#
            );
            let read: Configuration = from_json(text.as_bytes()).unwrap();
            assert_eq!(read.platform().as_deref(), Some("linux/arm64/v8"));
            assert_eq!(read.labels().count(), expected, "{labels:.60}");
        }
        let none: Configuration = from_json(b"{}").unwrap();
        assert_eq!((none.platform(), none.created), (None, None));
    }
}
