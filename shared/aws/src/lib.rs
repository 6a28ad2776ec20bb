//! Implements the engine's ports with AWS services. This is the only crate that uses the AWS SDK; it contains
//! no decisions.
//!
//! [`AwsContext`] is the configuration that all clients share. [`DynamoTable`] implements the store's table,
//! [`EventBus`] the engine's bus, [`EcrImages`] the feed reader for ECR; [`Secrets`] fetches and caches secrets.
//! The feature `sqs` adds [`DelayedQueue`], `queues` adds [`StackQueues`], a stack's queues and dead-letter queues, and `operator` adds
//! [`Stack`], the lookup of a stack by its name.
//!
//! Cold starts are short because clients are created on first use, the configuration comes from Lambda's
//! environment without the SDK's search for profiles and metadata services, and only Amazon's five roots are
//! trusted, so the system's certificates are not read. `feedctl` uses the feature `profiles` and resolves
//! credentials like the AWS CLI.

mod bus;
mod context;
#[cfg(feature = "sqs")]
mod delayed_queue;
mod dynamo;
mod ecr;
mod endpoint;
#[cfg(feature = "queues")]
mod operator;
mod roots;
mod secrets;
mod transport;

use std::sync::LazyLock;

#[cfg(feature = "queues")]
pub use self::operator::{QueueUrls, StackQueues};
#[cfg(feature = "operator")]
pub use self::operator::{Stack, StackError};
pub use bus::EventBus;
pub use context::AwsContext;
#[cfg(feature = "sqs")]
pub use delayed_queue::{DelayedQueue, SendError};
pub use dynamo::DynamoTable;
pub use ecr::{EcrImages, EcrLogin};
pub use secrets::{SecretError, Secrets};

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// A value that is created on first use, so that unused clients add nothing to a cold start.
type OnFirstUse<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

fn on_first_use<T>(make: impl FnOnce() -> T + Send + 'static) -> OnFirstUse<T> {
    LazyLock::new(Box::new(make))
}
