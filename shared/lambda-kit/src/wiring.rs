//! The adapters put together, the same way in each function.
//!
//! Octopus's API key and the credentials of feeds come from Secrets Manager. They are fetched when they
//! are first needed, and again once when they are refused. ECR is read with the function's own role.

mod credentials;
mod direct;

use std::time::Duration;

use aws::{AwsContext, EcrImages, Secrets};
use domain::feed::Access;
use engine::ports::{OctopusError, OctopusErrorKind};
use engine::routed::Routed;
use feeds::{DirectFeeds, INDEX_MEBIBYTES, Limits};
use http_client::{AllowedNetworks, OutboundClient};
use octopus::{ApiKeys, OctopusClient, Timeouts};
use secrecy::SecretString;

use crate::env::{self, Env};
use credentials::FeedSecrets;
pub use direct::StackFeeds;

/// The stack's Octopus Server.
pub type StackOctopus = OctopusClient<StackKey>;

/// Reads feeds, each by its own route.
pub type StackReader = Routed<StackFeeds, StackOctopus>;

/// For the scheduler, which lives for 60 seconds.
pub const SCHEDULING: Timeouts = Timeouts {
    read: Duration::from_secs(15),
    versions: Duration::from_secs(15),
    whole_read: Duration::from_secs(45),
    create: Duration::from_secs(15),
};

/// For the feed checker, which lives for 120 seconds.
pub const CHECKING: Timeouts = Timeouts {
    versions: Duration::from_secs(80),
    whole_read: Duration::from_secs(90),
    ..SCHEDULING
};

/// For the release creator, which lives for 300 seconds.
pub const CREATING: Timeouts = Timeouts {
    read: Duration::from_secs(20),
    versions: Duration::from_secs(60),
    whole_read: Duration::from_secs(120),
    create: Duration::from_secs(180),
};

/// For the console, which lives for 60 seconds and whose reader waits meanwhile.
pub const LOOKING: Timeouts = Timeouts {
    read: Duration::from_secs(10),
    versions: Duration::from_secs(15),
    whole_read: Duration::from_secs(30),
    create: Duration::from_secs(30),
};

/// What kept the adapters from being put together.
pub type WiringError = Box<dyn std::error::Error>;

/// Octopus's API key, from the stack's secret.
pub struct StackKey {
    secrets: Secrets,
    arn: String,
}

impl ApiKeys for StackKey {
    async fn key(&self, refresh: bool) -> Result<SecretString, OctopusError> {
        self.secrets
            .api_key(&self.arn, refresh)
            .await
            .map_err(|error| OctopusError {
                message: "the Octopus API key could not be read from its secret".to_owned(),
                kind: OctopusErrorKind::Unavailable,
                source: Some(Box::new(error)),
            })
    }
}

/// The Octopus Server that the environment names. Nothing is asked of it yet. The timeouts lie below the
/// function's own, so that a slow answer is an error that is handled and not the end of the process.
///
/// # Errors
/// When a variable is missing or the address cannot be used.
pub fn octopus(
    env: &Env,
    aws: &AwsContext,
    timeouts: Timeouts,
) -> Result<StackOctopus, WiringError> {
    let key = StackKey {
        secrets: Secrets::new(aws),
        arn: env.required(env::OCTOPUS_SECRET_ARN)?,
    };
    let client = OctopusClient::connect(&env.required(env::OCTOPUS_URL)?, key)?;
    Ok(client.with_timeouts(timeouts))
}

/// How much a feed may give.
fn limits(env: &Env) -> Result<Limits, WiringError> {
    let mebibytes = env.parsed(env::HELM_INDEX_MAX_MIB, INDEX_MEBIBYTES)?;
    Ok(Limits::default().with_index_of(mebibytes))
}

/// A reader of all feeds. The secrets of feeds are read now, if there are any.
///
/// # Errors
/// When a variable is missing or cannot be used, or a secret of a feed cannot be read.
pub async fn reader(
    env: &Env,
    aws: &AwsContext,
    timeouts: Timeouts,
) -> Result<StackReader, WiringError> {
    let networks: AllowedNetworks = env.parsed(env::ALLOWED_NETWORKS, Default::default())?;
    let http = OutboundClient::new(networks)?;
    let feed_secrets =
        FeedSecrets::read(Secrets::new(aws), env.list(env::FEED_SECRET_ARNS)).await?;
    let access = Access {
        aws_account: Some(env.required(env::AWS_ACCOUNT)?),
        own_credentials: feed_secrets.feeds(),
    };
    Ok(Routed {
        direct: StackFeeds {
            ecr: EcrImages::new(aws),
            others: DirectFeeds::new(http, feed_secrets, limits(env)?),
            access: access.clone(),
        },
        octopus: octopus(env, aws, timeouts)?,
        access,
    })
}
