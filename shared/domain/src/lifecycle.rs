//! Lifecycles: where the releases of a channel are deployed, and what of that happens by itself.

/// A lifecycle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lifecycle {
    /// Its name.
    pub name: String,
    /// Its phases, in order.
    pub phases: Vec<Phase>,
}

/// A phase; environments by name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phase {
    /// Its name.
    pub name: String,
    /// Environments that a release is deployed to as soon as it enters the phase.
    pub automatic: Vec<String>,
    /// Environments that somebody deploys it to.
    pub manual: Vec<String>,
    /// Releases may skip it.
    pub is_optional: bool,
}

impl Lifecycle {
    /// The environments that a new release is deployed to by itself: the automatic ones of the first phase.
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
            ([], []) => f.write_str("any environment, by hand"),
            ([], manual) => write!(f, "{} by hand", manual.join(", ")),
            (automatic, []) => write!(f, "{} automatically", automatic.join(", ")),
            (automatic, manual) => write!(
                f,
                "{} automatically, {} by hand",
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
    fn only_the_first_phase_deploys_a_new_release_and_no_optional_one_does() {
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
    fn a_phase_says_what_it_does() {
        for (phase, text) in [
            (phase("Dev", &["Dev"], &[], false), "Dev: Dev automatically"),
            (
                phase("Test", &["A"], &["B", "C"], true),
                "Test (optional): A automatically, B, C by hand",
            ),
            (phase("Prod", &[], &["Prod"], false), "Prod: Prod by hand"),
            (
                phase("Any", &[], &[], false),
                "Any: any environment, by hand",
            ),
        ] {
            assert_eq!(phase.to_string(), text);
        }
    }
}
