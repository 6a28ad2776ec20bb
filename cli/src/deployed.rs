//! A deployed stack, with the region and credentials of whoever runs this program.

use aws::{AwsContext, DynamoTable, EventBus, Stack, StackQueues};
use engine::doctor::StackFacts;

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
        let context = AwsContext::load_of_user(profile, region).await;
        let stack = Stack::find(&context, name).await?;
        Ok(Self { context, stack })
    }

    /// What is known of it as a whole.
    pub(crate) fn facts(&self) -> StackFacts {
        StackFacts {
            name: self.stack.name.clone(),
            status: self.stack.status.clone(),
            alarm_topic: self.stack.alarm_topic.clone(),
        }
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
