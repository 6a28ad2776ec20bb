//! Codes and values beside the texts for users. Messages and rows of earlier versions have only the texts.

use std::collections::BTreeMap;

use domain::coded::{Code, Coded, DetailValue, Details};
use serde::{Deserialize, Serialize};

use super::truncation::clip;

/// The values by name.
pub(super) type ValuesData = BTreeMap<String, DetailValueData>;

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum DetailValueData {
    Text(String),
    Number(i64),
}

/// The name of the code; `None` if it is unknown.
pub(super) fn code<C: Code>(details: &Details<C>) -> Option<String> {
    (details.code != C::default()).then(|| details.code.name().to_owned())
}

pub(super) fn values<C>(details: &Details<C>) -> ValuesData {
    let values = details.values.iter().map(|(name, value)| {
        let value = match value {
            DetailValue::Text(text) => DetailValueData::Text(clip(text)),
            DetailValue::Number(number) => DetailValueData::Number(*number),
        };
        (name.clone(), value)
    });
    values.collect()
}

pub(super) fn details<C: Code>(code: Option<String>, values: ValuesData) -> Details<C> {
    let value = |(name, value)| {
        let value = match value {
            DetailValueData::Text(text) => DetailValue::Text(text),
            DetailValueData::Number(number) => DetailValue::Number(number),
        };
        (name, value)
    };
    Details {
        code: code.map(|name| C::from_name(&name)).unwrap_or_default(),
        values: values.into_iter().map(value).collect(),
    }
}

pub(super) fn coded<C: Code>(
    message: String,
    code: Option<String>,
    values: ValuesData,
) -> Coded<C> {
    Coded {
        details: details(code, values),
        message,
    }
}
