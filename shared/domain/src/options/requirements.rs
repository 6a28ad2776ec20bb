//! The requirements of a version beyond its number.

use std::collections::{BTreeMap, BTreeSet};

use super::{OptionError, pattern_error};
use crate::feed::Feed;
use crate::public_key::{PublicKey, PublicKeyError};
use crate::scan::Severity;
use crate::time::Span;
use crate::version::VersionFormat;

/// The default of `within`: pipelines sign an image minutes after its push, and scans take minutes.
pub const DEFAULT_WITHIN: Span = Span::from_hours(1);

/// The requirements of the selected version of a source. They are read for the selected version only.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Requirements {
    /// A signature of the image.
    pub signed: Option<SignedBy>,
    /// The platforms that the image must have, such as `linux/arm64`, `arm64` or `linux/arm64/v8`.
    pub platforms: BTreeSet<String>,
    /// A pattern that the value of each of these labels must match.
    pub labels: BTreeMap<String, String>,
    /// A finished scan of the image in ECR.
    pub scan: Option<ScanLimit>,
}

/// The findings that the scan of an image may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScanLimit {
    /// The worst permitted severity. `None`: no findings at all.
    pub allow: Option<Severity>,
    /// How long a release waits for the scan after the version was first seen. `None`: [`DEFAULT_WITHIN`].
    pub within: Option<Span>,
}

/// The keys or the profile that may sign an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignedBy {
    /// Public keys in PEM. Empty with a profile.
    pub keys: Vec<String>,
    /// The ARN of a signing profile of AWS Signer, with which ECR signs images.
    pub profile: Option<String>,
    /// How long a release waits for a signature after the version was first seen. `None`: [`DEFAULT_WITHIN`].
    pub within: Option<Span>,
}

impl Requirements {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// All problems of the requirements, for packages of this feed. `None`: problems in every feed.
    pub fn check(&self, feed: Option<&Feed>) -> Vec<OptionError> {
        let mut errors = feed.map(|feed| self.check_feed(feed)).unwrap_or_default();
        if let Some(signed) = &self.signed {
            for (at, key) in signed.keys.iter().enumerate() {
                let error = PublicKey::parse(key).err();
                let option = format!("require.signed.keys.{at}");
                errors.extend(error.map(|error| OptionError::new(option, &error)));
            }
        }
        for (name, pattern) in &self.labels {
            errors.extend(pattern_error(&format!("require.labels.{name}"), pattern));
        }
        errors
    }

    /// The requirements that no package of this feed can meet.
    fn check_feed(&self, feed: &Feed) -> Vec<OptionError> {
        if self.is_empty() {
            return Vec::new();
        }
        if feed.kind.version_format() != VersionFormat::Docker {
            let problem = format!(
                "the feed {:?} has no images; set `require` for the packages that are images",
                feed.name
            );
            return vec![OptionError::new("require", &problem)];
        }
        if feed.ecr_registry().is_some() {
            return Vec::new();
        }
        let signed = self.signed.as_ref();
        let by_profile = signed.is_some_and(|signed| signed.profile.is_some());
        let records = [
            ("require.signed.profile", by_profile),
            ("require.scan", self.scan.is_some()),
        ];
        let required = records.into_iter().filter(|(_, is_required)| *is_required);
        let problem = format!(
            "the feed {:?} is no private registry of ECR, which alone has this; remove the option",
            feed.name
        );
        required
            .map(|(option, _)| OptionError::new(option, &problem))
            .collect()
    }
}

impl SignedBy {
    /// The keys.
    ///
    /// # Errors
    /// When one is not a key that signatures are verified with.
    pub fn public_keys(&self) -> Result<Vec<PublicKey>, PublicKeyError> {
        self.keys.iter().map(|key| PublicKey::parse(key)).collect()
    }

    pub fn within(&self) -> Span {
        self.within.unwrap_or(DEFAULT_WITHIN)
    }
}

impl ScanLimit {
    /// The word of a trigger file for the worst permitted severity: `none`, or a severity in lower case.
    pub fn allowed(&self) -> String {
        self.allow
            .map_or_else(|| "none".to_owned(), |worst| worst.name().to_lowercase())
    }

    pub fn within(&self) -> Span {
        self.within.unwrap_or(DEFAULT_WITHIN)
    }
}
