//! The permissions of the API key's user in Octopus, with their purpose.

/// A permission that is needed in a space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Needed {
    /// Its name in Octopus.
    pub name: &'static str,
    /// The purpose.
    pub purpose: &'static str,
    pub when: Necessity,
}

/// When a permission is needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Necessity {
    /// For everything.
    Always,
    /// For creating releases, not for observing.
    Creating,
    /// Only for some channels, or only for actions of operators.
    Sometimes,
}

/// All permissions, in the order of the guide.
pub const NEEDED: [Needed; 16] = [
    always("SpaceView", "finding the space"),
    always("TriggerView", "the triggers"),
    always("FeedView", "the feeds, and the versions that Octopus lists"),
    always("ProjectView", "projects and their settings"),
    always(
        "ProcessView",
        "deployment process, channels with their rules, release template",
    ),
    always("ReleaseView", "the channel's previous release"),
    creating("ReleaseCreate", "the release"),
    sometimes(
        "BuildInformationView",
        "commits and work items in release notes (`releaseContext: [buildInformation]`), which are left out without it",
    ),
    sometimes("LifecycleView", "channels with a lifecycle of their own"),
    sometimes(
        "EnvironmentView",
        "variables that are frozen into the release",
    ),
    sometimes("VariableView", "variables that are frozen into the release"),
    sometimes(
        "LibraryVariableSetView",
        "variables that are frozen into the release",
    ),
    sometimes(
        "DeploymentCreate",
        "lifecycles whose first phase deploys automatically",
    ),
    sometimes("TriggerEdit", "`feedctl triggers adopt` and `return`"),
    sometimes("TriggerCreate", "`feedctl triggers add`"),
    sometimes(
        "TriggerDelete",
        "`feedctl triggers remove` of a trigger in Octopus",
    ),
];

const fn always(name: &'static str, purpose: &'static str) -> Needed {
    needed(name, purpose, Necessity::Always)
}

const fn creating(name: &'static str, purpose: &'static str) -> Needed {
    needed(name, purpose, Necessity::Creating)
}

const fn sometimes(name: &'static str, purpose: &'static str) -> Needed {
    needed(name, purpose, Necessity::Sometimes)
}

const fn needed(name: &'static str, purpose: &'static str, when: Necessity) -> Needed {
    Needed {
        name,
        purpose,
        when,
    }
}
