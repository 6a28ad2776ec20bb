//! Channel rules that name actions or package references that the process does not have.

use super::{Action, ChannelRule, ReleaseTemplate, same_name};
use crate::problem::{Problem, ProblemCode};

/// The first package of these rules that the process does not have, as an error with its remedy. Such a rule applies
/// to nothing, so that versions that it should refuse would be permitted. The rules contain names (`with_names`).
pub fn unmatched_rule(
    rules: &[ChannelRule],
    actions: &[Action],
    template: &ReleaseTemplate,
) -> Option<Problem> {
    let mut named = rules.iter().flat_map(|rule| &rule.packages);
    named.find_map(|(name, reference)| {
        let is_in_template = || template.packages.iter().any(|one| one.is(name, reference));
        let missing = match actions.iter().find(|action| same_name(&action.name, name)) {
            Some(action) if action.has_reference(reference) => return None,
            _ if is_in_template() => return None,
            Some(_) if reference.is_empty() => {
                format!("the package of the action `{name}`, which has none")
            }
            Some(_) => format!(
                "the package reference `{reference}` of the action `{name}`, which the action does not have"
            ),
            None => format!("the action `{name}`, which the process does not have"),
        };
        let message = format!(
            "a version rule of the channel names {missing}; correct the rule in the channel"
        );
        let problem = Problem::new(ProblemCode::UnmatchedRule, message);
        Some(problem.text("action", name).text("packageReference", reference))
    })
}

impl Action {
    fn has_reference(&self, reference: &str) -> bool {
        let mut references = self.package_references.iter();
        references.any(|own| same_name(own, reference))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::Versioning;
    use crate::rule::VersionRule;

    fn unmatched(action: &str, reference: &str) -> Option<String> {
        let actions = [("Deploy web", vec![String::new(), "sidecar".to_owned()])];
        let actions = actions.map(|(name, package_references)| Action {
            slug: None,
            name: name.to_owned(),
            is_disabled: true,
            package_references,
        });
        let rule = ChannelRule {
            packages: vec![(action.to_owned(), reference.to_owned())],
            rule: VersionRule::default(),
        };
        let template = ReleaseTemplate {
            packages: Vec::new(),
            versioning: Versioning::Template { next: None },
        };
        unmatched_rule(&[rule], &actions, &template).map(|problem| problem.message)
    }

    #[test]
    fn rule_that_names_a_missing_package_is_an_error() {
        assert_eq!(unmatched("deploy WEB", ""), None);
        assert_eq!(unmatched("Deploy web", "Sidecar"), None);
        assert_eq!(
            unmatched("Deploy web", "proxy").as_deref(),
            Some(
                "a version rule of the channel names the package reference `proxy` of the action `Deploy web`, \
                 which the action does not have; correct the rule in the channel"
            )
        );
        assert_eq!(
            unmatched("Deploy api", "").as_deref(),
            Some(
                "a version rule of the channel names the action `Deploy api`, which the process does not have; \
                 correct the rule in the channel"
            )
        );
    }
}
