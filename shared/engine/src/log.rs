//! What may be logged. Every program asks here, whatever writes its lines.

use tracing::{Level, Metadata};

/// Our own crates, as they name themselves in logs. What they say holds no secret, and tests look for it.
const OURS: [&str; 18] = [
    "aws",
    "domain",
    "engine",
    "feed_checker",
    "feedctl",
    "feeds",
    "http_client",
    "lambda_kit",
    "local",
    "octopus",
    "push_receiver",
    "release_creator",
    "scheduler",
    "stack_console",
    "store",
    "trigger_file",
    "web_console",
    "wire",
];

/// Whether an event or a span may leave the process, where nothing finer than `finest` is asked for. The
/// libraries beneath us are heard when they warn and not before: what they tell of their work has requests
/// in it, with headers and bodies.
pub fn may_be_logged(metadata: &Metadata<'_>, finest: Level) -> bool {
    let finest = if is_ours(metadata.target()) {
        finest
    } else {
        finest.min(Level::WARN)
    };
    *metadata.level() <= finest
}

/// Whether the module at this path is ours.
pub fn is_ours(target: &str) -> bool {
    let of_crate = target.split("::").next().unwrap_or_default();
    OURS.contains(&of_crate)
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn a_name_that_begins_like_ours_is_not_ours() {
        assert!(is_ours("feeds") && is_ours("feeds::session::token") && is_ours("aws::ecr"));
        for theirs in [
            "aws_config",
            "aws-sdk",
            "hyper::client",
            "feedsx",
            "",
            "::feeds",
        ] {
            assert!(!is_ours(theirs), "{theirs}");
        }
    }
}
