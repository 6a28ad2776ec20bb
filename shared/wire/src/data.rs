//! The data of messages and rows: what `domain` and `engine` say, in this crate's own structs.

mod changes;
mod check;
mod cut;
mod definition;
mod evaluation;
mod feed;
mod key;
mod options;
mod package_details;
mod stalled;
mod trigger;

pub(crate) use changes::AnnouncementData;
pub(crate) use check::{CheckData, EvaluationRequestData, FailureData};
pub(crate) use cut::Cut;
pub(crate) use definition::DefinitionsData;
pub(crate) use evaluation::EvaluationData;
pub(crate) use feed::FeedData;
pub(crate) use key::PackageData;
pub(crate) use options::{OptionsData, SelectionData};
pub(crate) use package_details::{NameData, PackageDetailsData};
pub(crate) use stalled::StalledData;
pub(crate) use trigger::TriggerData;
