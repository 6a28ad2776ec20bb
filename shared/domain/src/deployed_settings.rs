//! The settings of a deployment, and their difference from those of the deployment before.

use std::collections::BTreeMap;

use crate::time::Timestamp;

/// The name of the setting that decides whether releases are created.
const MODE: &str = "Mode";
/// The mode in which no releases are created.
const OBSERVE: &str = "observe";

/// The settings with which a stack runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeployedSettings {
    /// The settings by name, such as `Mode` and `CheckInterval`.
    pub values: BTreeMap<String, String>,
    /// The settings that the last deployment changed; empty if there was only one deployment.
    pub changes: Vec<SettingChange>,
    /// When the scheduler first ran with these settings.
    pub since: Timestamp,
}

/// A setting with another value than in the deployment before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingChange {
    pub name: String,
    /// The value before; empty if the setting is new.
    pub before: String,
    /// The value now; empty if the setting is gone.
    pub after: String,
}

impl DeployedSettings {
    /// The record of these values, to be stored. `None` if `stored` already has them.
    pub fn after(
        stored: Option<&Self>,
        values: &BTreeMap<String, String>,
        now: Timestamp,
    ) -> Option<Self> {
        let changes = match stored {
            Some(stored) if stored.values == *values => return None,
            Some(stored) => changes(&stored.values, values),
            None => Vec::new(),
        };
        Some(Self {
            values: values.clone(),
            changes,
            since: now,
        })
    }

    /// Whether the stack decides and records, but creates no releases.
    pub fn observes(&self) -> bool {
        observes(&self.values)
    }
}

/// Whether these settings create no releases.
pub fn observes(values: &BTreeMap<String, String>) -> bool {
    values.get(MODE).is_some_and(|mode| mode == OBSERVE)
}

fn changes(
    before: &BTreeMap<String, String>,
    after: &BTreeMap<String, String>,
) -> Vec<SettingChange> {
    let mut names: Vec<_> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let value = |values: &BTreeMap<String, String>, name: &String| {
        values.get(name).cloned().unwrap_or_default()
    };
    names
        .into_iter()
        .map(|name| SettingChange {
            name: name.clone(),
            before: value(before, name),
            after: value(after, name),
        })
        .filter(|change| change.before != change.after)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{BTreeMap, DeployedSettings, SettingChange, Timestamp};

    fn values(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let pair = |&(name, value): &(&str, &str)| (name.to_owned(), value.to_owned());
        pairs.iter().map(pair).collect()
    }

    #[test]
    fn changes_are_those_of_the_last_deployment() {
        let [t1, t2, t3] = [1, 2, 3].map(Timestamp::from_millis);
        let create = values(&[("Mode", "create"), ("CheckInterval", "60")]);
        let first = DeployedSettings::after(None, &create, t1).unwrap();
        assert!(first.changes.is_empty() && !first.observes());
        assert_eq!(DeployedSettings::after(Some(&first), &create, t2), None);

        let observe = values(&[
            ("Mode", "observe"),
            ("CheckInterval", "60"),
            ("Spaces", "*"),
        ]);
        let second = DeployedSettings::after(Some(&first), &observe, t2).unwrap();
        let change = |name: &str, before: &str, after: &str| SettingChange {
            name: name.to_owned(),
            before: before.to_owned(),
            after: after.to_owned(),
        };
        assert_eq!(
            second.changes,
            [
                change("Mode", "create", "observe"),
                change("Spaces", "", "*")
            ]
        );
        assert!(second.observes());
        assert_eq!(second.since, t2);

        let third = DeployedSettings::after(Some(&second), &create, t3).unwrap();
        assert_eq!(
            third.changes,
            [
                change("Mode", "observe", "create"),
                change("Spaces", "*", "")
            ]
        );
    }
}
