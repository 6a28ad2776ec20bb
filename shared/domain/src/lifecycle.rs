//! Lifecycles: the environments that a channel's releases are deployed to, automatically or manually.

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    pub name: String,
    pub phases: Vec<Phase>,
}

/// A phase of a lifecycle, with environments by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    pub name: String,
    /// Environments that Octopus deploys a release to as soon as it enters the phase.
    pub automatic: Vec<String>,
    /// Environments that users deploy it to.
    pub manual: Vec<String>,
    /// Releases may skip it.
    pub is_optional: bool,
}

impl Lifecycle {
    /// The environments that Octopus deploys a new release to automatically: those of the first phase.
    pub fn automatic_environments(&self) -> &[String] {
        let first = self.phases.first().filter(|phase| !phase.is_optional);
        first.map_or(&[], |phase| phase.automatic.as_slice())
    }
}

impl std::fmt::Display for Phase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let optional = if self.is_optional { " (optional)" } else { "" };
        write!(f, "{}{optional}: ", self.name)?;
        match (self.automatic.as_slice(), self.manual.as_slice()) {
            ([], []) => f.write_str("any environment, manually"),
            ([], manual) => write!(f, "{} manually", manual.join(", ")),
            (automatic, []) => write!(f, "{} automatically", automatic.join(", ")),
            (automatic, manual) => write!(
                f,
                "{} automatically, {} manually",
                automatic.join(", "),
                manual.join(", ")
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn phase(name: &str, automatic: &[&str], manual: &[&str], is_optional: bool) -> Phase {
        let texts = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        Phase {
            name: name.to_owned(),
            automatic: texts(automatic),
            manual: texts(manual),
            is_optional,
        }
    }

    #[test]
    fn automatic_environments_are_those_of_a_required_first_phase() {
        for (first, expected) in [
            (phase("Dev", &["Dev", "QA"], &[], false), &["Dev", "QA"][..]),
            (phase("Dev", &["Dev"], &[], true), &[]),
            (phase("Dev", &[], &["Dev"], false), &[]),
        ] {
            let lifecycle = Lifecycle {
                name: "Usual".to_owned(),
                phases: vec![first, phase("Prod", &["Prod"], &[], false)],
            };
            assert_eq!(lifecycle.automatic_environments(), expected);
        }
    }

    #[test]
    fn phase_displays_its_environments() {
        for (phase, text) in [
            (phase("Dev", &["Dev"], &[], false), "Dev: Dev automatically"),
            (
                phase("Test", &["A"], &["B", "C"], true),
                "Test (optional): A automatically, B, C manually",
            ),
            (phase("Prod", &[], &["Prod"], false), "Prod: Prod manually"),
            (
                phase("Any", &[], &[], false),
                "Any: any environment, manually",
            ),
        ] {
            assert_eq!(phase.to_string(), text);
        }
    }
}
