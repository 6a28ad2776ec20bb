//! Notifications of `run` by webhook, as Slack messages or as CloudEvents.
//!
//! A notification is sent once, with one retry; it is lost if the receiver fails twice, and the log has a warning. A
//! refusal is notified again only when its reason changes.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Context;
use domain::history::Outcome;
use domain::ids::{SpaceId, TriggerId};
use engine::messages::{Event, Message};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};

use crate::args::{NotificationFormat, NotificationKind};
use crate::exit::UsageError;
use crate::output::{evaluation_document, show_time};

/// The time limit of a request.
const TIME_LIMIT: Duration = Duration::from_secs(10);

/// The pause before the retry.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// The prefix of the types of CloudEvents.
const TYPE_PREFIX: &str = "octopus.feed-triggers";

/// Sends notifications to a webhook.
pub(super) struct Notifier {
    url: SecretString,
    format: NotificationFormat,
    kinds: Vec<NotificationKind>,
    /// The `source` of CloudEvents: the Octopus Server.
    source: String,
    http: reqwest::Client,
    /// The last reason of each refused trigger.
    refusals: BTreeMap<(SpaceId, TriggerId), String>,
}

/// A notification.
struct Notification {
    kind: NotificationKind,
    text: String,
    /// The name of the CloudEvent's type.
    name: &'static str,
    subject: String,
    data: Value,
}

impl Notifier {
    /// A notifier for this URL; an empty list of kinds selects all.
    ///
    /// # Errors
    /// When the URL is invalid or not allowed, or the HTTP client cannot be created.
    pub(super) fn new(
        url: SecretString,
        format: NotificationFormat,
        kinds: &[NotificationKind],
        source: &str,
    ) -> anyhow::Result<Self> {
        // The URL is a secret; the error does not repeat it.
        let parsed = reqwest::Url::parse(url.expose_secret());
        let parsed = parsed.map_err(|error| {
            UsageError(format!(
                "cannot use --notify-webhook: it is not a URL: {error}"
            ))
        })?;
        http_client::check_named_server(&parsed).context("cannot use --notify-webhook")?;
        Ok(Self {
            url,
            format,
            kinds: kinds.to_vec(),
            source: source.to_owned(),
            http: http_client::named_server_client()?,
            refusals: BTreeMap::new(),
        })
    }

    /// Sends the notifications for the messages of a scheduler run.
    pub(super) async fn send(&mut self, messages: &[Message]) {
        for message in messages {
            let Some(notification) = self.notification(message) else {
                continue;
            };
            if !self.kinds.is_empty() && !self.kinds.contains(&notification.kind) {
                continue;
            }
            let body = self.body(message, &notification).to_string();
            if let Err(error) = self.deliver(&body).await {
                let subject = &notification.subject;
                tracing::warn!(subject, "cannot send the notification: {error:#}");
            }
        }
    }

    /// The notification for a message; `None` for messages without one.
    fn notification(&mut self, message: &Message) -> Option<Notification> {
        let subject = message.event.subject();
        match &message.event {
            Event::ReleaseCreated(one) => {
                self.refusals
                    .remove(&(one.space.clone(), one.trigger.clone()));
                let release = one.release.as_ref();
                let release = release.map_or("", |release| release.version.as_str());
                Some(Notification {
                    kind: NotificationKind::Created,
                    text: format!(
                        "Release {release} of {} created by {}: {}",
                        one.project_name, one.trigger_name, one.reason
                    ),
                    name: "ReleaseCreated",
                    subject,
                    data: evaluation_document(one),
                })
            }
            Event::ReleaseSkipped(one) if one.outcome == Outcome::Refused => {
                let key = (one.space.clone(), one.trigger.clone());
                let before = self.refusals.insert(key, one.reason.clone());
                let is_new = before.as_ref() != Some(&one.reason);
                is_new.then(|| Notification {
                    kind: NotificationKind::Refused,
                    text: format!(
                        "No release of {} by {}: {}",
                        one.project_name, one.trigger_name, one.reason
                    ),
                    name: "ReleaseRefused",
                    subject,
                    data: evaluation_document(one),
                })
            }
            Event::TriggerStalled(one) => Some(Notification {
                kind: NotificationKind::Stalled,
                text: format!(
                    "Trigger {} of {} is stalled: no evaluation has succeeded since {}",
                    one.trigger_name,
                    one.project_name,
                    show_time(one.last_success.unwrap_or(one.watched_since))
                ),
                name: "TriggerStalled",
                subject,
                data: json!({
                    "TriggerId": one.trigger.as_str(),
                    "TriggerName": one.trigger_name,
                    "SpaceId": one.space.as_str(),
                    "ProjectName": one.project_name,
                    "LastSuccess": one.last_success.map(show_time),
                    "WatchedSince": show_time(one.watched_since),
                }),
            }),
            Event::FeedCheckFailed(one) => {
                let packages: Vec<_> = one.packages.iter().map(ToString::to_string).collect();
                Some(Notification {
                    kind: NotificationKind::Failing,
                    text: format!(
                        "Feed {} cannot be read ({}): {}",
                        one.feed_name,
                        packages.join(", "),
                        one.reason
                    ),
                    name: "FeedCheckFailed",
                    subject,
                    data: json!({
                        "FeedId": one.feed.as_str(),
                        "FeedName": one.feed_name,
                        "SpaceId": one.space.as_str(),
                        "Packages": packages,
                        "Reason": one.reason,
                    }),
                })
            }
            _ => None,
        }
    }

    fn body(&self, message: &Message, notification: &Notification) -> Value {
        match self.format {
            NotificationFormat::Slack => json!({ "text": notification.text }),
            NotificationFormat::Cloudevents => json!({
                "specversion": "1.0",
                "id": message.id,
                "source": self.source,
                "type": format!("{TYPE_PREFIX}.{}", notification.name),
                "subject": notification.subject,
                "time": show_time(message.time),
                "datacontenttype": "application/json",
                "data": notification.data,
            }),
        }
    }

    /// Posts a body, with one retry.
    async fn deliver(&self, body: &str) -> anyhow::Result<()> {
        match self.post(body).await {
            Ok(()) => Ok(()),
            Err(_) => {
                tokio::time::sleep(RETRY_AFTER).await;
                self.post(body).await
            }
        }
    }

    async fn post(&self, body: &str) -> anyhow::Result<()> {
        let kind = match self.format {
            NotificationFormat::Slack => "application/json",
            NotificationFormat::Cloudevents => "application/cloudevents+json",
        };
        let request = self
            .http
            .post(self.url.expose_secret())
            .timeout(TIME_LIMIT)
            .header("content-type", kind)
            .body(body.to_owned());
        // The URL is a secret, and the error would repeat it.
        let response = request.send().await.map_err(reqwest::Error::without_url);
        let status = response.context("the webhook cannot be reached")?.status();
        anyhow::ensure!(status.is_success(), "the webhook answered {status}");
        Ok(())
    }
}
