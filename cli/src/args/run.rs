//! Options of `run` and `console`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use domain::time::Span;
use secrecy::SecretString;

/// Options of `run`.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  feedctl run\n  feedctl run --once --dry-run\n  feedctl run --check-interval 5m"
)]
pub struct Run {
    /// Read all triggers, check all feeds, evaluate all triggers once, and exit.
    #[arg(long)]
    pub once: bool,
    /// Decide and record, but create no release.
    #[arg(long)]
    pub dry_run: bool,
    /// Check each feed once in this time, from 1s to 1d; a number is in seconds.
    #[arg(long, value_name = "DURATION", default_value = "60s", value_parser = super::interval)]
    pub check_interval: Span,
    /// Read the triggers from Octopus once in this time, from 1s to 1d; a number is in seconds.
    #[arg(long, value_name = "DURATION", default_value = "5m", value_parser = super::interval)]
    pub refresh_interval: Span,
    /// Serve /healthz, /readyz and /metrics at this address, such as 127.0.0.1:9464.
    #[arg(
        long,
        env = "FEEDCTL_LISTEN",
        value_name = "ADDRESS",
        value_parser = super::address,
        conflicts_with = "once"
    )]
    pub listen: Option<SocketAddr>,
    /// Receive webhooks of registries at /hook/KIND/ID of the --listen address; the JSON file has the receivers.
    #[arg(
        long,
        env = "FEEDCTL_WEBHOOKS",
        value_name = "FILE",
        requires = "listen",
        conflicts_with = "once"
    )]
    pub webhooks: Option<PathBuf>,
    /// Send notifications to this URL.
    #[arg(
        long,
        env = "FEEDCTL_NOTIFY_WEBHOOK",
        value_name = "URL",
        hide_env_values = true,
        value_parser = super::server::secret
    )]
    pub notify_webhook: Option<SecretString>,
    /// Send notifications in this format.
    #[arg(long, env = "FEEDCTL_NOTIFY_FORMAT", value_enum, default_value_t = NotificationFormat::Slack)]
    pub notify_format: NotificationFormat,
    /// Send only these notifications; separate several by commas [default: all].
    #[arg(long, env = "FEEDCTL_NOTIFY_ON", value_enum, value_delimiter = ',')]
    pub notify_on: Vec<NotificationKind>,
}

impl Run {
    /// The options of a process that only evaluates on request.
    pub(crate) fn for_request(dry_run: bool) -> Self {
        Self {
            once: false,
            dry_run,
            check_interval: Span::from_seconds(60),
            refresh_interval: Span::from_minutes(5),
            listen: None,
            webhooks: None,
            notify_webhook: None,
            notify_format: NotificationFormat::Slack,
            notify_on: Vec::new(),
        }
    }
}

/// The format of notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NotificationFormat {
    /// `{"text": "..."}`, for Slack, Mattermost and compatible webhooks.
    Slack,
    /// CloudEvents 1.0 in structured JSON mode.
    Cloudevents,
}

/// The kinds of notifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum NotificationKind {
    /// A release was created.
    Created,
    /// A release was refused.
    Refused,
    /// No evaluation of a trigger has succeeded for four hours.
    Stalled,
    /// A feed cannot be read.
    Failing,
}

/// Options of `console`.
#[derive(Debug, Args)]
pub struct Serve {
    /// Listen on this port of 127.0.0.1; 0 selects a free one.
    #[arg(long, default_value_t = 8066)]
    pub port: u16,
    /// The time between two checks of a feed, as passed to `run` [default: the stack's, or 60s].
    #[arg(long, value_name = "DURATION", value_parser = super::interval)]
    pub check_interval: Option<Span>,
}
