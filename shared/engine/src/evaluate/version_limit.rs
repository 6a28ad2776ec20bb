//! Bounds the versions that an evaluation has in memory. A package that exceeds the limit is an error of the sources that
//! watch it, so that the trigger creates no release without it.

use domain::ids::PackageKey;
use domain::problem::{Problem, ProblemCode};
use domain::trigger::Trigger;

/// The most versions of all packages of a trigger: with the decision about them they need 150 MB of the function's
/// memory of 256 MB.
const MAX_VERSIONS: usize = 500_000;

/// The room that the packages of a trigger have left.
pub(super) struct VersionLimit {
    most: usize,
    admitted: usize,
    /// The trigger with the errors of refused packages.
    refused: Option<Trigger>,
}

impl Default for VersionLimit {
    fn default() -> Self {
        Self {
            most: MAX_VERSIONS,
            admitted: 0,
            refused: None,
        }
    }
}

impl VersionLimit {
    /// Whether the package fits. Otherwise its sources get an error.
    pub(super) fn admits(
        &mut self,
        trigger: &Trigger,
        package: &PackageKey,
        versions: usize,
    ) -> bool {
        if self.admitted + versions <= self.most {
            self.admitted += versions;
            return true;
        }
        let message = format!(
            "cannot load the {versions} versions of {}: the trigger's packages may have {} versions together, and those \
             before it have {}; delete versions that are not needed in the feed, or watch the package with another \
             trigger",
            package.package, self.most, self.admitted
        );
        let problem = Problem::new(ProblemCode::TooManyVersions, message)
            .text("package", package.package.as_str())
            .number("versions", versions)
            .number("maxVersions", self.most);
        let refused = self.refused.get_or_insert_with(|| trigger.clone());
        for source in &mut refused.sources {
            if source
                .resolution
                .as_ref()
                .is_ok_and(|resolved| resolved.package == *package)
            {
                source.resolution = Err(problem.clone());
            }
        }
        false
    }

    /// The trigger with the errors; `None` if all packages fit.
    pub(super) fn into_refused(self) -> Option<Trigger> {
        self.refused
    }
}
