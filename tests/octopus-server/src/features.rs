//! Features by server version. The seed sets the version; everything newer than it is
//! hidden: routes answer 404, fields are left out, input is not understood.

/// A feature that a version of Octopus Server introduced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Feature {
    /// `PersistenceSettings`, process and settings below `/projects/{id}/`.
    ProjectScopedProcess,
    /// Config as Code: git references and everything below `{gitRef}`.
    ConfigAsCode,
    /// `releases/create/v1`.
    ExecutionsApi,
    /// `Slug` of steps and actions.
    ActionSlugs,
    /// The `FeedFilter` of triggers.
    FeedFilter,
    /// `GitReferenceRules` of channels.
    GitReferenceRules,
    /// `Version` of a package in the process and `FixedVersion` in the template.
    FixedVersion,
    /// `CustomFieldDefinitions` of channels and `CustomFields` of releases.
    CustomFields,
    /// Backslash escapes in package overrides.
    OverrideEscapes,
    /// Steps that come from process templates, and the resolved process.
    ProcessTemplates,
    /// `/lifecycles/previews`, in place of `/lifecycles/{id}/preview`.
    LifecyclePreviews,
    /// `VersioningStrategy` and `VersionTagRegex` of channel rules and version queries.
    RuleStrategies,
}

impl Feature {
    /// The first version that has it: year, month, build.
    fn since(self) -> (u32, u32, u32) {
        match self {
            Self::ProjectScopedProcess => (2021, 2, 0),
            Self::ConfigAsCode => (2022, 1, 0),
            Self::ExecutionsApi | Self::ActionSlugs => (2022, 3, 5512),
            Self::FeedFilter => (2024, 2, 0),
            Self::GitReferenceRules => (2024, 3, 0),
            Self::FixedVersion => (2024, 4, 0),
            Self::CustomFields => (2025, 3, 0),
            Self::OverrideEscapes => (2025, 4, 10680),
            Self::LifecyclePreviews | Self::ProcessTemplates => (2026, 1, 0),
            Self::RuleStrategies => (2026, 3, 0),
        }
    }
}

/// The server's version: free text that begins with `YEAR.MONTH.BUILD`.
#[derive(Clone, Debug)]
pub(crate) struct ServerVersion {
    text: String,
    numbers: (u32, u32, u32),
}

impl ServerVersion {
    /// Reads the leading numbers. `0.0.0...` is a development build with every feature; text without
    /// numbers counts as the oldest server.
    pub(crate) fn new(text: impl Into<String>) -> Self {
        let text = text.into();
        let mut numbers = text
            .split(['.', '-', '+'])
            .map(|part| part.parse().unwrap_or(0));
        let mut next = || numbers.next().unwrap_or(0);
        let numbers = match (next(), next(), next()) {
            (0, 0, 0) if text.starts_with("0.0.0") => (u32::MAX, 0, 0),
            numbers => numbers,
        };
        Self { text, numbers }
    }

    /// The text as the root document shows it.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether this server has `feature`.
    pub(crate) fn has(&self, feature: Feature) -> bool {
        self.numbers >= feature.since()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn feature_starts_with_its_version() {
        for (version, expected) in [
            ("2022.3.5512", true),
            ("2022.3.5511", false),
            ("2026.3.1234-my-branch", true),
            ("2020.5.1", false),
            ("0.0.0-local", true),
            ("unknown", false),
        ] {
            let has = ServerVersion::new(version).has(Feature::ExecutionsApi);
            assert_eq!(has, expected, "{version}");
        }
    }
}
