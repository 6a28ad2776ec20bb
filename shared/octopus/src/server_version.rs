//! Feature detection by the server's version.

/// A server's version: year, quarter, build.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServerVersion(u32, u32, u32);

impl ServerVersion {
    /// The first with `releases/create/v1`.
    pub(crate) const EXECUTIONS_API: Self = Self(2022, 3, 5512);
    /// The first with external feed triggers.
    pub(crate) const FEED_TRIGGERS: Self = Self(2024, 2, 0);
    /// The first with escapes in package overrides.
    pub(crate) const OVERRIDE_ESCAPES: Self = Self(2025, 4, 10680);

    /// Parses the leading numbers and ignores the rest. `0.0.0` is a development build and counts as the
    /// newest server; text without numbers counts as the oldest.
    pub(crate) fn parse(text: &str) -> Self {
        let mut parts = text.trim().splitn(3, '.');
        let mut next = || parts.next().map_or(0, leading_number);
        match (next(), next(), next()) {
            (0, 0, 0) if text.trim().starts_with("0.0.0") => Self(u32::MAX, 0, 0),
            (year, quarter, build) => Self(year, quarter, build),
        }
    }
}

fn leading_number(text: &str) -> u32 {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text[..end].parse().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parse_reads_leading_numbers() {
        for (text, has_executions, has_escapes) in [
            ("2022.3.5512", true, false),
            ("2022.3.5511", false, false),
            ("2025.4.10680", true, true),
            ("2026.2.8841-my-branch", true, true),
            ("2020.5", false, false),
            ("0.0.0-local", true, true),
            ("0.0.0", true, true),
            ("unknown", false, false),
            ("", false, false),
        ] {
            let version = ServerVersion::parse(text);
            assert_eq!(
                version >= ServerVersion::EXECUTIONS_API,
                has_executions,
                "{text}"
            );
            assert_eq!(
                version >= ServerVersion::OVERRIDE_ESCAPES,
                has_escapes,
                "{text}"
            );
        }
    }
}
