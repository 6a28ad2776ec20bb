//! The codes of findings.

domain::codes! {
    /// The code of a finding that is neither the problem of a trigger nor the reason of a decision.
    FindingCode:
    ServerReachable,
    /// The server has no external feed triggers.
    NoFeedTriggers,
    /// A request to Octopus failed.
    OctopusFailed,
    ClockDifference,
    ServiceAccount,
    PersonalAccount,
    PermissionGiven,
    /// The permission is limited to some projects, environments or tenants.
    PermissionLimited,
    PermissionMissing,
    /// Octopus does not show all permissions of the user.
    PermissionUnknown,
    /// Only some operations need the permission.
    PermissionNotNeeded,
    FeedNotWatched,
    FeedThrottled,
    FeedAnswers,
    /// The read of a package failed now.
    FeedFailed,
    LowQuota,
    /// The rate limit of Octopus is too small for the feed's interval.
    RateTooLow,
    /// The last check of the feed failed.
    LastCheckFailed,
    NoTriggers,
    SpaceNotRead,
    /// The last refresh could not read the trigger.
    TriggerStale,
    TriggerStalled,
    NotEvaluated,
    /// This machine has no state file.
    NoState,
    NoSchedulerRun,
    LastSchedulerRun,
    ModeCreate,
    ModeObserve,
    ParametersChanged,
    DeploymentStatus,
    NoAlarms,
    AlarmsNotify,
    QueueMessages,
    /// The last request of a receiver of webhooks.
    LastWebhook,
}
