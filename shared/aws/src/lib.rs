//! AWS behind the ports: the only crate that knows the AWS SDK. It decides nothing.
//!
//! [`AwsContext`] holds what all clients share; [`DynamoTable`] is the table of the store,
//! [`EventBus`] the engine's bus, [`EcrImages`] its reader of ECR; [`Secrets`] fetches and keeps secrets.
//! With the feature `queues` there is also [`StackQueues`], a stack's queues and dead letters, and with
//! `operator` [`Stack`], one found by its name.
//!
//! A function's start is short because nothing is done before it is needed: the configuration is read
//! from the environment that Lambda sets, without the SDK's search for profiles and metadata services,
//! and only Amazon's own five roots are trusted, so the system's list is never read. Only `feedctl`, with
//! the feature `profiles`, looks for what a person has.

mod bus;
mod context;
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
pub use dynamo::DynamoTable;
pub use ecr::EcrImages;
pub use secrets::{SecretError, Secrets};

/// Any error of the SDK.
type Cause = Box<dyn std::error::Error + Send + Sync>;

/// Something that is made when it is first used: what a function never needs costs its start nothing.
type OnFirstUse<T> = LazyLock<T, Box<dyn FnOnce() -> T + Send>>;

fn on_first_use<T>(make: impl FnOnce() -> T + Send + 'static) -> OnFirstUse<T> {
    LazyLock::new(Box::new(make))
}
