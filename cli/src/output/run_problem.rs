//! The problems of a scheduler run.

use domain::coded::{Coded, CodedText};
use engine::with_causes;
use machine::RunReport;

domain::codes! {
    /// The code of a problem of a scheduler run.
    RunProblemCode:
    /// The triggers could not be read from Octopus; the previous list was used.
    TriggersNotRead,
    PackageNotRead,
    /// A step failed; a later run repeats it.
    StepFailed,
}

/// The problems of the run, each with its cause.
pub(super) fn run_problems(report: &RunReport) -> Vec<CodedText> {
    let stale = report.stale.iter().map(|why| {
        let message = format!("cannot read the triggers; using the previous list: {why}");
        Coded::new(RunProblemCode::TriggersNotRead, message).text("error", why)
    });
    let unread = report.unread.iter().map(|(package, error)| {
        let error = with_causes(error);
        Coded::new(RunProblemCode::PackageNotRead, error.as_str())
            .text("package", package.package.as_str())
            .text("feedId", package.feed.as_str())
            .text("spaceId", package.space.as_str())
            .text("error", error)
    });
    let broken = report.broken.iter().map(|why| {
        let message = format!("step failed and will be retried: {why}");
        Coded::new(RunProblemCode::StepFailed, message).text("error", why)
    });
    let all = stale.chain(unread).chain(broken);
    all.map(CodedText::from).collect()
}
