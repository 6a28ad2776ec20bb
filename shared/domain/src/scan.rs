//! The result of a registry's scan of an image for vulnerabilities, as ECR and Amazon Inspector report it.

use std::collections::BTreeMap;
use std::fmt;

/// The severity of a finding, the lowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Not rated: ECR's `UNDEFINED`, Inspector's `UNTRIAGED`, and any name that ECR adds later.
    Undefined,
    Informational,
    Low,
    Medium,
    High,
    Critical,
}

impl Severity {
    const ALL: [Self; 6] = [
        Self::Undefined,
        Self::Informational,
        Self::Low,
        Self::Medium,
        Self::High,
        Self::Critical,
    ];

    /// ECR's name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Undefined => "UNDEFINED",
            Self::Informational => "INFORMATIONAL",
            Self::Low => "LOW",
            Self::Medium => "MEDIUM",
            Self::High => "HIGH",
            Self::Critical => "CRITICAL",
        }
    }

    /// The severity with this name, in any case. `None`: there is none.
    pub fn parse(name: &str) -> Option<Self> {
        let is_named = |one: &Self| one.name().eq_ignore_ascii_case(name);
        Self::ALL.into_iter().find(is_named)
    }
}

/// The number of findings of each severity.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(BTreeMap<Severity, u32>);

impl Findings {
    /// Adds findings, such as those of another image of an index.
    pub fn add(&mut self, severity: Severity, count: u32) {
        if count > 0 {
            let total = self.0.entry(severity).or_default();
            *total = total.saturating_add(count);
        }
    }

    /// The findings that are more severe than the worst permitted severity. `None` permits no finding.
    #[must_use]
    pub fn above(&self, worst: Option<Severity>) -> Self {
        let is_above = |severity: Severity| worst.is_none_or(|worst| severity > worst);
        let above = self.0.iter().filter(|(severity, _)| is_above(**severity));
        Self(above.map(|(severity, count)| (*severity, *count)).collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The counts by severity, the lowest first.
    pub fn counts(&self) -> impl Iterator<Item = (Severity, u32)> {
        self.0.iter().map(|(severity, count)| (*severity, *count))
    }
}

impl FromIterator<(Severity, u32)> for Findings {
    fn from_iter<I: IntoIterator<Item = (Severity, u32)>>(counts: I) -> Self {
        let mut findings = Self::default();
        for (severity, count) in counts {
            findings.add(severity, count);
        }
        findings
    }
}

/// The worst first: `2 CRITICAL, 5 HIGH`.
impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, (severity, count)) in self.0.iter().rev().enumerate() {
            let separator = if at == 0 { "" } else { ", " };
            write!(f, "{separator}{count} {}", severity.name())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_above_a_severity_are_named_worst_first() {
        use Severity::{Critical, High, Informational, Low, Medium, Undefined};
        let findings: Findings = [
            (Undefined, 4),
            (High, 2),
            (Critical, 1),
            (High, 3),
            (Low, 0),
        ]
        .into_iter()
        .collect();
        for (worst, expected) in [
            (Some(Critical), ""),
            (Some(High), "1 CRITICAL"),
            (Some(Medium), "1 CRITICAL, 5 HIGH"),
            (Some(Informational), "1 CRITICAL, 5 HIGH"),
            (None, "1 CRITICAL, 5 HIGH, 4 UNDEFINED"),
        ] {
            assert_eq!(findings.above(worst).to_string(), expected, "{worst:?}");
        }
        assert!(findings.above(Some(Critical)).is_empty());
    }

    #[test]
    fn severity_is_parsed_by_its_name_in_any_case() {
        for severity in Severity::ALL {
            let name = severity.name();
            assert_eq!(Severity::parse(name), Some(severity));
            assert_eq!(Severity::parse(&name.to_lowercase()), Some(severity));
        }
        assert_eq!(Severity::parse("UNTRIAGED"), None);
    }
}
