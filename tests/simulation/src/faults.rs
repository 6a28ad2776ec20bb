//! Planted faults, which the simulation must catch.
//!
//! Each is a bug that an adapter, a setting or a step could have. They are implemented in the fakes and in the adapters
//! between fakes and engine, so that shipped code contains no switch. For a bug of a step, its requests are replaced by
//! those that the faulty step would make.

/// A bug.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// The snapshot is stored without its pending event.
    SnapshotWithoutPendingEvent,
    /// The pending event is cleared before it is published.
    PendingEventClearedFirst,
    /// The head is written before the body that it names.
    HeadBeforeBody,
    /// Heads are written without a condition.
    HeadWithoutCondition,
    /// Channel locks are written without a condition.
    ChannelLockWithoutCondition,
    /// Channel locks are ignored.
    ChannelLockIgnored,
    /// The channel lock and the plan are released although the answer to the creation is missing.
    ClaimReleasedWithoutAnswer,
    /// Claimed and finished plans are ignored.
    ClaimNotChecked,
    /// The ledger forgets after an hour.
    LedgerForgets,
    /// A finished plan is not remembered as done.
    PlanNeverDone,
    /// The plan's key leaves the channel out.
    KeyWithoutChannel,
    /// The plan's key omits the release that the plan repeats. Only [`crate::roll_back`] and
    /// [`crate::returning_tag`] can show it.
    KeyWithoutRepeat,
    /// A finished plan is forgotten while its release is not the newest one in Octopus's list. Only
    /// [`crate::roll_back`] and [`crate::returning_tag`] can show it.
    FinishedPlanForgotten,
    /// The processes of releases have none of the identifiers of the current process. Only
    /// [`crate::renamed_actions`] can show it.
    ReleasesWithoutIdentity,
    /// The key is not stamped into the release's notes.
    KeyNotStamped,
    /// A lease lasts milliseconds instead of seconds.
    LeaseInMilliseconds,
    /// Expiries are taken for milliseconds, although the table keeps seconds.
    ExpiryInMilliseconds,
    /// The clock returns seconds.
    ClockInSeconds,
    /// The clock of some invocations is ten minutes fast.
    ClockRunsAhead,
    /// Snapshots are read without consistency before a decision.
    StaleSnapshot,
    /// The channel's releases are read from a cache that is a minute old.
    StalePrevious,
    /// A conditional write that was refused passes for made.
    ConflictTakenForSuccess,
    /// A write that the table was too busy for passes for made.
    BusyTakenForSuccess,
    /// Rows that the table left out of an answer pass for absent.
    LeftOutTakenForAbsent,
    /// Entries that `PutEvents` left are not looked at.
    PartialPutEventsIgnored,
    /// `PutEvents` that fails passes for done.
    FailedPutEventsIgnored,
    /// The rule of the bus forgets requests for evaluations.
    RuleWithoutEvaluations,
    /// A batch with failed records is acknowledged as a whole.
    BatchAcknowledgedWhole,
    /// Messages are taken off the queue before they are handled.
    AcknowledgedFirst,
    /// The scheduler run is stored before its requests are published.
    RunStoredFirst,
    /// A pause of a trigger is not written, so it is not evaluated again.
    PauseForgotten,
    /// A creation without an answer is sent again at once.
    RetryWithoutLooking,
    /// A creation without an answer is sent again at once, with the number that Octopus chooses.
    RetryWithAnotherNumber,
    /// An invocation takes over the claims of others that still run.
    TakeoverWhileOwnerRuns,
    /// A lost answer to a creation is taken for a refusal.
    LostAnswerTakenForRefusal,
    /// The releases cannot be read, and that passes for there being none.
    UnreadReleasesTakenForNone,
    /// The previous release is looked for in all channels.
    PreviousOfAnyChannel,
    /// The channel's rules are not applied.
    RulesIgnored,
    /// Whether the trigger is still ours is answered out of a cache.
    TriggersFromCache,
    /// Triggers that Octopus runs itself are run as well.
    OthersTriggersRun,
    /// The watch list is read again once a month.
    WatchListNeverRead,
    /// Triggers that cannot be read pass for there being none.
    UnreadTriggersTakenForNone,
    /// Listings are cut at a threshold.
    ThresholdStopsDetection,
    /// A listing that breaks off passes for a complete one.
    BrokenListingAccepted,
    /// A feed that fails passes for an empty one.
    FailedFeedTakenForEmpty,
    /// A feed with a validator is never read again.
    ValidatorTrustedForEver,
    /// The readings of a feed's packages are mixed up.
    ReadingsMixedUp,
    /// Feeds are checked every so many hours instead of minutes.
    IntervalInHours,
    /// An evaluation counts as based on the snapshots at its end instead of those that it has read.
    GenerationsReadLate,
    /// A check lists the tag that a hint announced, although the feed does not.
    HintTakenForListing,
    /// A push that the feed does not list is checked for ever.
    FurtherChecksNeverEnd,
}

impl Fault {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::SnapshotWithoutPendingEvent,
        Self::PendingEventClearedFirst,
        Self::HeadBeforeBody,
        Self::HeadWithoutCondition,
        Self::ChannelLockWithoutCondition,
        Self::ChannelLockIgnored,
        Self::ClaimReleasedWithoutAnswer,
        Self::ClaimNotChecked,
        Self::LedgerForgets,
        Self::PlanNeverDone,
        Self::KeyWithoutChannel,
        Self::KeyNotStamped,
        Self::LeaseInMilliseconds,
        Self::ExpiryInMilliseconds,
        Self::ClockInSeconds,
        Self::ClockRunsAhead,
        Self::StaleSnapshot,
        Self::StalePrevious,
        Self::ConflictTakenForSuccess,
        Self::BusyTakenForSuccess,
        Self::LeftOutTakenForAbsent,
        Self::PartialPutEventsIgnored,
        Self::FailedPutEventsIgnored,
        Self::RuleWithoutEvaluations,
        Self::BatchAcknowledgedWhole,
        Self::AcknowledgedFirst,
        Self::RunStoredFirst,
        Self::PauseForgotten,
        Self::RetryWithoutLooking,
        Self::RetryWithAnotherNumber,
        Self::TakeoverWhileOwnerRuns,
        Self::LostAnswerTakenForRefusal,
        Self::UnreadReleasesTakenForNone,
        Self::PreviousOfAnyChannel,
        Self::RulesIgnored,
        Self::TriggersFromCache,
        Self::OthersTriggersRun,
        Self::WatchListNeverRead,
        Self::UnreadTriggersTakenForNone,
        Self::ThresholdStopsDetection,
        Self::BrokenListingAccepted,
        Self::FailedFeedTakenForEmpty,
        Self::ValidatorTrustedForEver,
        Self::ReadingsMixedUp,
        Self::IntervalInHours,
        Self::GenerationsReadLate,
        Self::HintTakenForListing,
        Self::FurtherChecksNeverEnd,
    ];
}
