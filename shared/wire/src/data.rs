//! The JSON structs of messages and rows, separate from the types of `domain` and `engine`.

mod cause;
mod changes;
mod check;
mod coded;

mod definition;
mod evaluation;
mod feed;
mod key;
mod options;
mod package_details;
mod package_push;
mod requirements;
mod stalled;
mod trigger;
mod truncation;
mod window;

pub(crate) use changes::AnnouncementData;
pub(crate) use check::{CheckData, EvaluationRequestData, FailureData};
pub(crate) use definition::DefinitionsData;
pub(crate) use evaluation::EvaluationData;
pub(crate) use feed::FeedData;
pub(crate) use key::PackageData;
pub(crate) use options::{OptionsData, SelectionData};
pub(crate) use package_details::{NameData, PackageDetailsData};
pub(crate) use package_push::PackagePushData;
pub(crate) use stalled::StalledData;
pub(crate) use trigger::TriggerData;
pub(crate) use truncation::Truncation;
