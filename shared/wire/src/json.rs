//! Reading JSON so that an error names the field.

use serde::{Deserialize, Deserializer};
use serde_json::Value;

use crate::WireError;

/// The value of `text`.
pub(crate) fn parse(what: &str, text: &str) -> Result<Value, WireError> {
    serde_json::from_str(text).map_err(|source| WireError::NotJson {
        what: what.to_owned(),
        source,
    })
}

/// The `T` that `value` is, parsed already or a text. `place` is where the value stands, for the error's
/// path.
pub(crate) fn read<'de, T: Deserialize<'de>>(
    what: &str,
    place: &str,
    value: impl Deserializer<'de, Error = serde_json::Error>,
) -> Result<T, WireError> {
    serde_path_to_error::deserialize(value).map_err(|error| {
        let field = match error.path().to_string() {
            path if path == "." => place.to_owned(),
            path if place.is_empty() => path,
            path => format!("{place}.{path}"),
        };
        WireError::Field {
            what: what.to_owned(),
            field,
            source: error.into_inner(),
        }
    })
}

/// Fails unless the number that stands at `place` is `known`. The version is looked at before all else,
/// so that a newer message is told apart from a broken one.
pub(crate) fn expect_version(
    what: &str,
    place: &str,
    version: Value,
    known: u64,
) -> Result<(), WireError> {
    let version: u64 = read(what, place, version)?;
    if version == known {
        return Ok(());
    }
    Err(WireError::Version {
        what: what.to_owned(),
        version,
        known,
    })
}
