//! Checks the packages of a release that its trigger does not select. Octopus selects their versions and refuses to
//! create a release without one, so a decision that is only shown must not promise that release.

use domain::decide::{Decision, ExplainedDecision, Reason};
use domain::plan::Plan;
use domain::process::{TemplatePackage, rule_for};

use super::Evaluate;
use super::situation::Gathered;
use crate::ports::{OctopusError, OctopusReader};
use crate::with_causes;

impl<S, O: OctopusReader, B, C> Evaluate<'_, S, O, B, C> {
    /// The decision; a plan is refused if Octopus has no version of another package of its release.
    ///
    /// # Errors
    /// If Octopus rejects the key or throttles it.
    pub async fn with_unwatched(
        &self,
        gathered: &Gathered,
        decided: ExplainedDecision,
    ) -> Result<ExplainedDecision, OctopusError> {
        let Decision::Create(plan, _) = &decided.decision else {
            return Ok(decided);
        };
        for package in &gathered.process.template.packages {
            if package.fixed_version.is_none()
                && !selects(plan, package)
                && let Some(decision) = self.without_version(gathered, package).await?
            {
                let more = false;
                return Ok(ExplainedDecision {
                    decision,
                    more,
                    ..decided
                });
            }
        }
        Ok(decided)
    }

    /// The decision if the release cannot get a version of this package; `None` if it can.
    async fn without_version(
        &self,
        gathered: &Gathered,
        package: &TemplatePackage,
    ) -> Result<Option<Decision>, OctopusError> {
        let reason = |why: String| Reason::NoOtherVersion {
            package: package.package.to_string(),
            action: package.action_name.clone(),
            why,
        };
        if !package.is_resolvable {
            let why = "it depends on variables that have no value before a deployment; remove their scopes";
            return Ok(Some(Decision::Refuse(reason(why.to_owned()))));
        }
        let key = package.key(&gathered.project.space);
        let rule = rule_for(&gathered.channel.rules, package);
        match self.octopus.has_permitted(&key, &rule).await {
            Ok(true) => Ok(None),
            Ok(false) => {
                let why = "the channel's rules permit none of its versions; publish one, or change the rule";
                Ok(Some(Decision::Refuse(reason(why.to_owned()))))
            }
            Err(error) if error.kind.concerns_key() => Err(error),
            Err(error) => Ok(Some(Decision::Wait(reason(with_causes(&error)), None))),
        }
    }
}

fn selects(plan: &Plan, package: &TemplatePackage) -> bool {
    let mut planned = plan.packages.iter();
    planned.any(|one| package.is(&one.action_name, &one.package_reference))
}
