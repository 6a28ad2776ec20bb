//! A deployed stack with its parameters, reached with the user's AWS region and credentials.

use aws::{AwsContext, DynamoTable, EventBus, Secrets, Stack, StackQueues};
use domain::feed::Access;
use domain::time::Span;
use domain::trigger::NativeTriggers;
use operator::doctor::StackFacts;

/// A stack and the AWS configuration to reach it.
#[derive(Debug)]
pub(crate) struct Deployed {
    context: AwsContext,
    stack: Stack,
}

impl Deployed {
    /// Looks up the stack by its name.
    pub(crate) async fn find(
        name: &str,
        profile: Option<&str>,
        region: Option<&str>,
    ) -> anyhow::Result<Self> {
        let context = AwsContext::load_user_config(profile, region).await;
        let stack = Stack::find(&context, name).await?;
        Ok(Self { context, stack })
    }

    /// The stack's name, status and alarm topic.
    pub(crate) fn facts(&self) -> StackFacts {
        StackFacts {
            name: self.stack.name.clone(),
            status: self.stack.status.clone(),
            alarm_topic: self.parameter("AlarmTopicArn").map(str::to_owned),
        }
    }

    /// The URL of the stack's Octopus Server.
    pub(crate) fn octopus_url(&self) -> Option<&str> {
        self.parameter("OctopusUrl")
    }

    /// The spaces that the stack watches; empty if the parameter is not set.
    pub(crate) fn spaces(&self) -> Vec<String> {
        let spaces = self.parameter("Spaces").unwrap_or_default().split(',');
        let spaces = spaces.map(str::trim).filter(|space| !space.is_empty());
        spaces.map(str::to_owned).collect()
    }

    /// The triggers of Octopus's that the stack runs.
    pub(crate) fn native_triggers(&self) -> Option<NativeTriggers> {
        self.parameter("NativeTriggers")?.parse().ok()
    }

    /// The time between two checks of a feed.
    pub(crate) fn check_every(&self) -> Option<Span> {
        let seconds: u32 = self.parameter("CheckInterval")?.parse().ok()?;
        Some(Span::from_seconds(seconds.into()))
    }

    /// The maximum size of a Helm repository's index, in MiB.
    pub(crate) fn index_mebibytes(&self) -> Option<u16> {
        self.parameter("HelmIndexMaxMiB")?.parse().ok()
    }

    /// The feeds that the feed-checker reads with its own credentials, as far as the parameters show.
    pub(crate) fn access(&self) -> Access {
        Access {
            aws_account: self.stack.account.clone(),
            own_credentials: Vec::new(),
        }
    }

    /// Whether the stack has secrets for feeds. Only the secrets name their feeds, and feedctl does not read
    /// them: that would require the permission to see the credentials.
    pub(crate) fn has_feed_secrets(&self) -> bool {
        self.parameter("FeedSecretArns").is_some()
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.stack.parameters.get(name).map(String::as_str)
    }

    /// The ARN of the secret with the receivers of webhooks, and their address; `None` if the stack receives none.
    pub(crate) fn webhooks(&self) -> Option<(&str, &str)> {
        let output = |name| self.stack.outputs.get(name).map(String::as_str);
        Some((output("WebhookSecretArn")?, output("WebhookUrl")?))
    }

    pub(crate) fn secrets(&self) -> Secrets {
        Secrets::new(&self.context)
    }

    pub(crate) fn table(&self) -> DynamoTable {
        DynamoTable::new(&self.context, &self.stack.table)
    }

    pub(crate) fn bus(&self) -> EventBus {
        EventBus::new(&self.context, &self.stack.bus)
    }

    /// The queues with their dead-letter queues.
    pub(crate) fn queues(&self) -> StackQueues {
        StackQueues::new(&self.context, self.stack.queues.clone())
    }
}
