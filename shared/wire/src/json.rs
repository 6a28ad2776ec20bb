//! Reads JSON with errors that name the field.
//!
//! The parser reports the position of an error, from which the field's path is computed. Valid input is parsed
//! once, at no extra cost.

mod path;

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::WireError;

pub(crate) fn parse(kind: &str, text: &str) -> Result<Value, WireError> {
    serde_json::from_str(text).map_err(|source| WireError::NotJson {
        kind: kind.to_owned(),
        source,
    })
}

/// Parses `text`. `base` is the path of `text` within a larger document, for errors.
pub(crate) fn read<T: DeserializeOwned>(
    kind: &str,
    base: &str,
    text: &str,
) -> Result<T, WireError> {
    serde_json::from_str(text).map_err(|source| data_error(kind, base, text, source))
}

/// Parses `value`, whose path is `base`.
pub(crate) fn read_value<T: DeserializeOwned>(
    kind: &str,
    base: &str,
    value: &Value,
) -> Result<T, WireError> {
    read(kind, base, &value.to_string())
}

/// Fails unless `version` is `known`. The version is checked before the data, so that a newer message is not
/// reported as an invalid one.
pub(crate) fn expect_version(
    kind: &str,
    base: &str,
    version: &Value,
    known: u64,
) -> Result<(), WireError> {
    let version: u64 = read_value(kind, base, version)?;
    if version == known {
        return Ok(());
    }
    Err(WireError::Version {
        kind: kind.to_owned(),
        version,
        known,
    })
}

/// Converts the parser's error to an error of the text or of a field.
fn data_error(kind: &str, base: &str, text: &str, source: serde_json::Error) -> WireError {
    let kind = kind.to_owned();
    if !source.is_data() {
        return WireError::NotJson { kind, source };
    }
    let field = match path::at(text.as_bytes(), source.line(), source.column()) {
        path if path.is_empty() => base.to_owned(),
        path if base.is_empty() || path.starts_with('[') => format!("{base}{path}"),
        path => format!("{base}.{path}"),
    };
    WireError::Field {
        kind,
        field,
        source,
    }
}
