//! The filter for log records, the same for every program and every log format.

use tracing::{Level, Metadata};

/// The crates of this project, by their names in log targets. Their records contain no secrets; tests
/// search them.
const OURS: [&str; 26] = [
    "aws",
    "domain",
    "engine",
    "feed_checker",
    "feedctl",
    "feeds",
    "google_keys",
    "hook_receiver",
    "host",
    "http_client",
    "lambda_kit",
    "local",
    "machine",
    "octopus",
    "operator",
    "push_receiver",
    "registry_logins",
    "release_creator",
    "scheduler",
    "signatures",
    "stack_console",
    "store",
    "trigger_file",
    "web_console",
    "webhooks",
    "wire",
];

/// Whether an event or a span may leave the process if the log level is `finest`. Records of other crates
/// must be warnings at least: their finer records contain requests with headers and bodies.
pub fn may_be_logged(metadata: &Metadata<'_>, finest: Level) -> bool {
    let finest = if is_ours(metadata.target()) {
        finest
    } else {
        finest.min(Level::WARN)
    };
    *metadata.level() <= finest
}

/// Whether the module path belongs to a crate of this project.
pub fn is_ours(target: &str) -> bool {
    let crate_name = target.split("::").next().unwrap_or_default();
    OURS.contains(&crate_name)
}

#[cfg(test)]
mod tests {
    use super::is_ours;

    #[test]
    fn is_ours_compares_whole_crate_names() {
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
