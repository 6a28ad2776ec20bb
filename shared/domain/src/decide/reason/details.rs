//! The code and the values of a reason.

use super::Reason;
use crate::coded::Code as _;
use crate::problem::Problem;
use crate::reason_code::{ReasonCode, ReasonDetails};
use crate::time::Span;
use crate::trigger::SourceRef;

impl Reason {
    /// The reason for programs. Its text names the same values.
    pub fn details(&self) -> ReasonDetails {
        let of = ReasonDetails::of;
        let package_of = |code, package: &str| of(code).text("package", package);
        match self {
            Self::Newer {
                package,
                version,
                previous,
            } => package_of(ReasonCode::Newer, package)
                .text("version", version)
                .text("previous", previous),
            Self::First { package, version } => {
                package_of(ReasonCode::First, package).text("version", version)
            }
            Self::OtherPackage {
                package,
                version,
                former,
            } => package_of(ReasonCode::OtherPackage, package)
                .text("version", version)
                .text("former", former),
            Self::RolledBack { package, from, to } => package_of(ReasonCode::RolledBack, package)
                .text("version", to)
                .text("previous", from),
            Self::PushedAgain {
                package,
                tag,
                digest,
            } => package_of(ReasonCode::PushedAgain, package)
                .text("tag", tag)
                .text("digest", digest),
            Self::NothingNewer { release } => {
                of(ReasonCode::NothingNewer).text("releaseVersion", release)
            }
            Self::AlreadyReleased { release, version } => of(ReasonCode::AlreadyReleased)
                .text("releaseId", release.as_str())
                .text("releaseVersion", version),
            Self::ReplacedByHand {
                release,
                version,
                newest,
            } => of(ReasonCode::ReplacedByHand)
                .text("releaseId", release.as_str())
                .text("releaseVersion", version)
                .text("newestVersion", newest),
            Self::TriggersDisagree {
                trigger,
                newest,
                version,
            } => of(ReasonCode::TriggersDisagree)
                .text("otherTriggerId", trigger.as_str())
                .text("newestVersion", newest)
                .text("releaseVersion", version),
            Self::NothingPermitted { package } => package_of(ReasonCode::NothingPermitted, package),
            Self::NothingSelected { package } => package_of(ReasonCode::NothingSelected, package),
            Self::WouldGoBack { package, from, to } => package_of(ReasonCode::WouldGoBack, package)
                .text("version", to)
                .text("previous", from),
            Self::TooRecent {
                package, version, ..
            } => package_of(ReasonCode::TooRecent, package).text("version", version),
            Self::QuietPeriod { quiet, required } => of(ReasonCode::QuietPeriod)
                .number("quietSeconds", seconds(*quiet))
                .number("requiredSeconds", seconds(*required)),
            Self::NotAll { missing } => of(ReasonCode::NotAll).text("missing", missing),
            Self::NothingInCommon { newest } => {
                of(ReasonCode::NothingInCommon).text("newest", newest)
            }
            Self::NoLabelInCommon { label, newest } => of(ReasonCode::NothingInCommon)
                .text("label", label)
                .text("newest", newest),
            Self::LabelsNotRead { package, version } => {
                package_of(ReasonCode::LabelsNotRead, package).text("version", version)
            }
            Self::ConditionNotMet {
                packages,
                values,
                older,
            } => of(ReasonCode::ConditionNotMet)
                .text("packages", packages)
                .text("values", values)
                .number("olderCombinations", *older),
            Self::Baseline => of(ReasonCode::Baseline),
            Self::NotVerified { package, version } => {
                package_of(ReasonCode::NotVerified, package).text("version", version)
            }
            Self::NotSigned {
                package,
                version,
                why,
                until,
            } => package_of(ReasonCode::NotSigned, package)
                .text("version", version)
                .text("error", why)
                .text("until", until.to_string()),
            Self::SignatureMissing {
                package,
                version,
                why,
                within,
            } => package_of(ReasonCode::SignatureMissing, package)
                .text("version", version)
                .text("error", why)
                .number("withinSeconds", seconds(*within)),
            Self::NotScanned {
                package,
                version,
                why,
                until,
            } => package_of(ReasonCode::NotScanned, package)
                .text("version", version)
                .text("error", why)
                .text("until", until.to_string()),
            Self::ScanMissing {
                package,
                version,
                why,
                within,
            } => package_of(ReasonCode::ScanMissing, package)
                .text("version", version)
                .text("error", why)
                .number("withinSeconds", seconds(*within)),
            Self::RequirementUnmet {
                package,
                version,
                requirement,
                why,
            } => package_of(ReasonCode::RequirementUnmet, package)
                .text("version", version)
                .text("requirement", requirement)
                .text("error", why),
            Self::TooMany { made, most } => of(ReasonCode::TooMany)
                .number("releases", *made)
                .number("maxReleasesPerHour", *most),
            Self::OutsideWindow {
                freeze,
                opens,
                opens_local,
                time_zone,
            } => {
                let details = of(ReasonCode::OutsideWindow)
                    .text("until", opens.to_string())
                    .text("untilLocal", opens_local)
                    .text("timeZone", time_zone);
                match freeze {
                    Some(freeze) => details
                        .text("freezeFrom", freeze.from.to_string())
                        .text("freezeTo", freeze.to.to_string()),
                    None => details,
                }
            }
            _ => self.error_details(),
        }
    }

    /// The details of the reasons that are errors, and of those about what was not read yet.
    fn error_details(&self) -> ReasonDetails {
        let of = ReasonDetails::of;
        let package_of = |code, package: &str| of(code).text("package", package);
        match self {
            Self::NotRead { package } => package_of(ReasonCode::NotRead, package),
            Self::CannotRead {
                package,
                why,
                failures,
                since,
            } => package_of(ReasonCode::CannotRead, package)
                .text("error", why)
                .number("failedChecks", *failures)
                .text("failingSince", since.to_string()),
            Self::CannotVerify {
                package,
                version,
                why,
            } => package_of(ReasonCode::CannotVerify, package)
                .text("version", version)
                .text("error", why),
            Self::ProcessChanged { reference } => source(ReasonCode::ProcessChanged, reference),
            Self::Unresolved { reference, why } => {
                with_problem(source(ReasonCode::Unresolved, reference), why)
            }
            Self::Unidentified {
                package,
                release,
                reference,
            } => source(ReasonCode::Unidentified, reference)
                .text("package", package)
                .text("releaseVersion", release),
            Self::NotReady { why } => with_problem(of(ReasonCode::NotReady), why),
            Self::NoSources => of(ReasonCode::NoSources),
            Self::UnmatchedRule { why } => with_problem(of(ReasonCode::UnmatchedRule), why),
            Self::NoOtherVersion {
                package,
                action,
                why,
            } => package_of(ReasonCode::NoOtherVersion, package)
                .text("action", action)
                .text("error", why),
            Self::InvalidRule { package, error } => {
                package_of(ReasonCode::InvalidRule, package).text("error", error)
            }
            Self::NoNumber { why } => of(ReasonCode::NoNumber).text("error", why),
            Self::LabelsUnavailable {
                package,
                version,
                why,
            } => package_of(ReasonCode::LabelsUnavailable, package)
                .text("version", version)
                .text("error", why),
            Self::FollowedGone { package, tag } => {
                package_of(ReasonCode::FollowedGone, package).text("tag", tag)
            }
            Self::NoDigest { package, tag } => {
                package_of(ReasonCode::NoDigest, package).text("tag", tag)
            }
            Self::InvalidOption { package, error } => {
                let details = of(ReasonCode::InvalidOption)
                    .text("option", &error.option)
                    .text("error", &error.problem);
                match package {
                    Some(package) => details.text("package", package),
                    None => details,
                }
            }
            Self::MissingField { field } => of(ReasonCode::MissingField).text("field", field),
            _ => ReasonDetails::default(),
        }
    }
}

/// Adds the problem's code, values and text. Values of the reason take precedence.
fn with_problem(mut details: ReasonDetails, problem: &Problem) -> ReasonDetails {
    for (name, value) in &problem.details.values {
        details
            .values
            .entry(name.clone())
            .or_insert_with(|| value.clone());
    }
    details
        .text("problem", problem.details.code.name())
        .text("error", &problem.message)
}

fn source(code: ReasonCode, reference: &SourceRef) -> ReasonDetails {
    ReasonDetails::of(code)
        .text("actionSlug", &reference.action_slug)
        .text("packageReference", &reference.package_reference)
}

fn seconds(span: Span) -> i64 {
    span.as_millis() / 1_000
}
