//! Reading JSON so that an error names the field.
//!
//! The parser says at which byte it stopped; what stands there is looked up when somebody wants to know. So
//! what is right is read once and costs nothing for it.

mod place;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::WireError;

/// The value of `text`.
pub(crate) fn parse(what: &str, text: &str) -> Result<Value, WireError> {
    serde_json::from_str(text).map_err(|source| WireError::NotJson {
        what: what.to_owned(),
        source,
    })
}

/// The `T` that `text` is. `place` is where the text stands in a larger one, for the error's path.
pub(crate) fn read<T: DeserializeOwned>(
    what: &str,
    place: &str,
    text: &str,
) -> Result<T, WireError> {
    serde_json::from_str(text).map_err(|source| wrong(what, place, text, source))
}

/// The `T` that `value` is, which stands at `place`.
pub(crate) fn read_value<T: DeserializeOwned>(
    what: &str,
    place: &str,
    value: &Value,
) -> Result<T, WireError> {
    read(what, place, &value.to_string())
}

/// Fails unless the number that stands at `place` is `known`. The version is looked at before all else,
/// so that a newer message is told apart from a broken one.
pub(crate) fn expect_version(
    what: &str,
    place: &str,
    version: &Value,
    known: u64,
) -> Result<(), WireError> {
    let version: u64 = read_value(what, place, version)?;
    if version == known {
        return Ok(());
    }
    Err(WireError::Version {
        what: what.to_owned(),
        version,
        known,
    })
}

/// The error that the parser's is: of the text, or of a field in it.
fn wrong(what: &str, place: &str, text: &str, source: serde_json::Error) -> WireError {
    let what = what.to_owned();
    if !source.is_data() {
        return WireError::NotJson { what, source };
    }
    let field = match place::at(text.as_bytes(), source.line(), source.column()) {
        path if path.is_empty() => place.to_owned(),
        path if place.is_empty() || path.starts_with('[') => format!("{place}{path}"),
        path => format!("{place}.{path}"),
    };
    WireError::Field {
        what,
        field,
        source,
    }
}
