//! A deployed stack, with the region and credentials of whoever runs this program, and what it was deployed with.

use aws::{AwsContext, DynamoTable, EventBus, Stack, StackQueues};
use domain::feed::Access;
use domain::time::Span;
use domain::trigger::NativeTriggers;
use operator::doctor::StackFacts;

/// The stack, and the way to it.
#[derive(Debug)]
pub(crate) struct Deployed {
    context: AwsContext,
    stack: Stack,
}

impl Deployed {
    /// Looks the stack up by its name.
    pub(crate) async fn find(
        name: &str,
        profile: Option<&str>,
        region: Option<&str>,
    ) -> anyhow::Result<Self> {
        let context = AwsContext::load_user_config(profile, region).await;
        let stack = Stack::find(&context, name).await?;
        Ok(Self { context, stack })
    }

    /// What is known of it as a whole.
    pub(crate) fn facts(&self) -> StackFacts {
        StackFacts {
            name: self.stack.name.clone(),
            status: self.stack.status.clone(),
            alarm_topic: self.parameter("AlarmTopicArn").map(str::to_owned),
        }
    }

    /// The address of its Octopus Server.
    pub(crate) fn octopus_url(&self) -> Option<&str> {
        self.parameter("OctopusUrl")
    }

    /// The spaces that it watches; none, if it does not tell.
    pub(crate) fn spaces(&self) -> Vec<String> {
        let spaces = self.parameter("Spaces").unwrap_or_default().split(',');
        let spaces = spaces.map(str::trim).filter(|space| !space.is_empty());
        spaces.map(str::to_owned).collect()
    }

    /// Which of Octopus's own triggers it runs.
    pub(crate) fn native_triggers(&self) -> Option<NativeTriggers> {
        self.parameter("NativeTriggers")?.parse().ok()
    }

    /// The time between two checks of a feed.
    pub(crate) fn check_every(&self) -> Option<Span> {
        let seconds: u32 = self.parameter("CheckInterval")?.parse().ok()?;
        Some(Span::from_seconds(seconds.into()))
    }

    /// The most that the index of a Helm repository may have.
    pub(crate) fn index_mebibytes(&self) -> Option<u16> {
        self.parameter("HelmIndexMaxMiB")?.parse().ok()
    }

    /// What its feed-checker reaches by itself, as far as that can be told from here.
    pub(crate) fn access(&self) -> Access {
        Access {
            aws_account: self.stack.account.clone(),
            own_credentials: Vec::new(),
        }
    }

    /// Whether it has secrets for feeds. For which stands in these alone, and whoever looks does not read
    /// them: that would take a permission to see what they hold.
    pub(crate) fn has_feed_secrets(&self) -> bool {
        self.parameter("FeedSecretArns").is_some()
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.stack.parameters.get(name).map(String::as_str)
    }

    /// Its table.
    pub(crate) fn table(&self) -> DynamoTable {
        DynamoTable::new(&self.context, &self.stack.table)
    }

    /// Its bus.
    pub(crate) fn bus(&self) -> EventBus {
        EventBus::new(&self.context, &self.stack.bus)
    }

    /// Its queues, with their dead letters.
    pub(crate) fn queues(&self) -> StackQueues {
        StackQueues::new(&self.context, self.stack.queues.clone())
    }
}
