//! The answers of the scripted feed.

use domain::snapshot::Listed;
use engine::ports::{FeedError, FeedErrorKind, Reading, Validators};

/// The result of reading a package.
pub(super) type ReadingResult = Result<Reading, FeedError>;

/// The feed's next answer.
pub(super) struct Answer(pub(super) ReadingResult);

impl Answer {
    /// These versions, with what makes the next read conditional.
    pub(super) fn tagged(versions: &[&str], etag: &str) -> Self {
        let Ok(Reading::Listing { versions, .. }) = Self::from(versions).0 else {
            panic!("the answer already is a list");
        };
        let validators = Some(Validators {
            etag: Some(etag.to_owned()),
            ..Validators::default()
        });
        Self(Ok(Reading::Listing {
            versions,
            validators,
        }))
    }

    /// Nothing changed since.
    pub(super) fn unchanged() -> Self {
        Self(Ok(Reading::Unchanged))
    }

    /// It cannot be read.
    pub(super) fn failed(kind: FeedErrorKind) -> Self {
        Self(Err(FeedError {
            message: "the feed Images cannot be read".to_owned(),
            kind,
            source: None,
        }))
    }
}

/// These versions, each alone or as `1.0.0@DIGEST`.
impl From<&[&str]> for Answer {
    fn from(versions: &[&str]) -> Self {
        let listed = |text: &&str| {
            let (version, digest) = match text.split_once('@') {
                Some((version, digest)) => (version, Some(digest)),
                None => (*text, None),
            };
            Listed {
                version: version.to_owned(),
                digest: digest.map(str::to_owned),
                published: None,
            }
        };
        Self(Ok(Reading::Listing {
            versions: versions.iter().map(listed).collect(),
            validators: None,
        }))
    }
}

impl<const N: usize> From<[&str; N]> for Answer {
    fn from(versions: [&str; N]) -> Self {
        Self::from(&versions[..])
    }
}
