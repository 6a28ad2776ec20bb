//! Deployment processes: steps, actions, package references, and the variables in them.

/// A step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    /// Only the resolved process contains its actions.
    pub(crate) from_template: bool,
    /// The plain process contains a placeholder action instead.
    pub(crate) placeholder: bool,
    pub(crate) actions: Vec<Action>,
}

/// An action; channels by id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Action {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) kind: String,
    pub(crate) disabled: bool,
    pub(crate) channels: Vec<String>,
    pub(crate) packages: Vec<PackageReference>,
}

impl Action {
    /// Whether a release in this channel contains the action.
    pub(crate) fn belongs_in(&self, channel: &str) -> bool {
        !self.disabled && (self.channels.is_empty() || self.channels.iter().any(|id| id == channel))
    }
}

/// A package reference; its package and feed may be given by variables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PackageReference {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) package_id: String,
    pub(crate) feed: String,
    pub(crate) fixed_version: Option<String>,
}

/// A project variable.
#[derive(Clone, Debug)]
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) value: String,
    pub(crate) scoped: bool,
}

/// `text` with every `#{Name}` replaced, or `None` when one of them has no value before deployment.
/// A value may contain variables too, up to ten levels.
pub(crate) fn evaluate(text: &str, lookup: &dyn Fn(&str) -> Option<String>) -> Option<String> {
    let mut text = text.to_owned();
    for _ in 0..10 {
        let Some(start) = text.find("#{") else {
            return Some(text);
        };
        let end = start + text[start..].find('}')?;
        let value = lookup(text[start + 2..end].trim())?;
        text.replace_range(start..=end, &value);
    }
    (!text.contains("#{")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evaluate_replaces_all_variables_or_fails() {
        let lookup = |name: &str| match name {
            "Name" => Some("web".to_owned()),
            "Full" => Some("acme/#{Name}".to_owned()),
            "Loop" => Some("#{Loop}".to_owned()),
            _ => None,
        };
        for (text, expected) in [
            ("plain", Some("plain")),
            ("#{Full}:#{ Name }", Some("acme/web:web")),
            ("#{Unknown}", None),
            ("#{Loop}", None),
            ("#{Open", None),
        ] {
            assert_eq!(evaluate(text, &lookup).as_deref(), expected, "{text}");
        }
    }
}
