//! Adds the build information of the first changed package to the default notes of a release, if the trigger includes it.
//!
//! It costs one request. It is not part of the plan's key, and a failure of the request does not prevent the release.

use domain::options::{Options, ReleaseContext};
use domain::plan::Plan;

use super::Evaluate;
use crate::ports::OctopusReader;
use crate::with_causes;

impl<S, O: OctopusReader, B, C> Evaluate<'_, S, O, B, C> {
    pub(super) async fn with_build_information(&self, options: &Options, mut plan: Plan) -> Plan {
        let is_included = options.release_notes.is_none()
            && options
                .release_context
                .contains(&ReleaseContext::BuildInformation);
        let mut changed = plan.packages.iter();
        let changed = changed.find(|one| one.previous.as_ref() != Some(&one.version));
        let Some(changed) = changed.filter(|_| is_included) else {
            return plan;
        };
        let (package, version) = (&changed.package, &changed.version);
        let found = self
            .octopus
            .build_information(&plan.space, package, version)
            .await;
        match found {
            Ok(Some(build)) => {
                let section = build.section(package, version);
                plan.notes = format!("{}\n\n{section}", plan.notes);
            }
            Ok(None) => {}
            Err(error) => tracing::warn!(
                package,
                version,
                "cannot add build information to the notes: {}",
                with_causes(&error)
            ),
        }
        plan
    }
}
