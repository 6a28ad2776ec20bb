//! The settings of the last deployment.

use std::collections::BTreeMap;

use domain::deployed_settings::{DeployedSettings, SettingChange};
use serde::{Deserialize, Serialize};

use super::{read, write};
use crate::WireError;
use crate::time::Time;

const KIND: &str = "the row of the deployed settings";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct DeployedSettingsData {
    values: BTreeMap<String, String>,
    changes: Vec<SettingChangeData>,
    since: Time,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct SettingChangeData {
    name: String,
    before: String,
    after: String,
}

/// Encodes the row.
///
/// # Errors
/// [`WireError::Unwritable`] for a time that RFC 3339 cannot express.
pub fn encode(settings: &DeployedSettings) -> Result<Vec<u8>, WireError> {
    let changes = settings.changes.iter();
    let changes = changes.map(|change| SettingChangeData {
        name: change.name.clone(),
        before: change.before.clone(),
        after: change.after.clone(),
    });
    write(
        KIND,
        DeployedSettingsData {
            values: settings.values.clone(),
            changes: changes.collect(),
            since: Time(settings.since),
        },
    )
}

/// Decodes the row.
///
/// # Errors
/// [`WireError::NotJson`], [`WireError::Version`], [`WireError::Field`].
pub fn decode(bytes: &[u8]) -> Result<DeployedSettings, WireError> {
    let data: DeployedSettingsData = read(KIND, bytes)?;
    let changes = data.changes.into_iter();
    let changes = changes.map(|change| SettingChange {
        name: change.name,
        before: change.before,
        after: change.after,
    });
    Ok(DeployedSettings {
        values: data.values,
        changes: changes.collect(),
        since: data.since.0,
    })
}
