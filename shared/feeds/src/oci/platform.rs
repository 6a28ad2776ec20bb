//! The platforms in indexes and in configurations of images.

use std::ops::Deref;

use domain::platform::Platform;
use http_client::lenient;
use serde::Deserialize;

/// The platform in a document. Fields of other types count as absent.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(from = "Fields")]
pub(super) struct ImagePlatform(Platform);

#[derive(Deserialize)]
struct Fields {
    #[serde(default, deserialize_with = "lenient")]
    os: String,
    #[serde(default, deserialize_with = "lenient")]
    architecture: String,
    #[serde(default, deserialize_with = "lenient")]
    variant: Option<String>,
}

impl From<Fields> for ImagePlatform {
    fn from(fields: Fields) -> Self {
        let Fields {
            os,
            architecture,
            variant,
        } = fields;
        Self(Platform {
            os,
            architecture,
            variant,
        })
    }
}

impl Deref for ImagePlatform {
    type Target = Platform;

    fn deref(&self) -> &Platform {
        &self.0
    }
}
