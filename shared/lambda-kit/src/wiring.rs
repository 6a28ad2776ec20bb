//! Builds the adapters of the functions.
//!
//! The API key of Octopus and the credentials of feeds are secrets of Secrets Manager. They are fetched at their
//! first use, and once more after they were refused. ECR is read with the function's role.

mod certificates;
mod credentials;
mod direct;

use std::rc::Rc;
use std::time::Duration;

use aws::{AwsContext, DynamoTable, EcrImages, Secrets};
use domain::feed::Access;
use engine::ports::{OctopusError, OctopusErrorKind};
use engine::routed::Routed;
use feeds::{DirectFeeds, INDEX_MEBIBYTES, Limits};
use http_client::{AllowedNetworks, OutboundClient, Surroundings};
use octopus::{ApiKeys, OctopusClient, Timeouts};
use secrecy::SecretString;
use store::Store;

use crate::env::{self, Env};
use credentials::FeedSecrets;
use direct::StackCredentials;
pub use direct::StackFeeds;

/// The stack's Octopus Server.
pub type StackOctopus = OctopusClient<StackKey>;

/// Reads each feed by its route.
pub type StackReader = Routed<StackFeeds, StackOctopus>;

/// For the scheduler, with a timeout of 60 seconds.
pub const SCHEDULING: Timeouts = Timeouts {
    read: Duration::from_secs(15),
    versions: Duration::from_secs(15),
    whole_read: Duration::from_secs(45),
    create: Duration::from_secs(15),
};

/// For the feed checker, with a timeout of 120 seconds.
pub const CHECKING: Timeouts = Timeouts {
    versions: Duration::from_secs(80),
    whole_read: Duration::from_secs(90),
    ..SCHEDULING
};

/// For the release creator, with a timeout of 120 seconds.
pub const CREATING: Timeouts = Timeouts {
    read: Duration::from_secs(20),
    versions: Duration::from_secs(45),
    whole_read: Duration::from_secs(80),
    create: Duration::from_secs(75),
};

/// For the console, with a timeout of 60 seconds during which the user waits.
pub const LOOKING: Timeouts = Timeouts {
    read: Duration::from_secs(10),
    versions: Duration::from_secs(15),
    whole_read: Duration::from_secs(30),
    create: Duration::from_secs(30),
};

/// For the console's pages, which show stored data if Octopus does not respond.
pub const PAGES: Timeouts = Timeouts {
    read: Duration::from_secs(2),
    ..LOOKING
};

/// An error while building the adapters.
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
                message: "cannot read the Octopus API key from its secret".to_owned(),
                kind: OctopusErrorKind::Unavailable,
                source: Some(Box::new(error)),
            })
    }
}

/// The resolver, proxies and certificates of the function. Reads the secret with certificates now, if there is one.
///
/// # Errors
/// When a proxy is invalid, or the secret cannot be read.
pub async fn surroundings(env: &Env, aws: &AwsContext) -> Result<Surroundings, WiringError> {
    let process = Surroundings::of_process()?;
    Ok(match env.get(env::CA_BUNDLE_SECRET_ARN) {
        None => process,
        Some(arn) => Surroundings {
            certificates: Some(certificates::read(&Secrets::new(aws), arn).await?),
            ..process
        },
    })
}

/// The Octopus Server of the environment. Sends no request. All functions of the stack share the rate limiter by
/// the table. The timeouts are shorter than the function's, so that
/// a slow answer is an error that the function can handle.
///
/// # Errors
/// When a variable is missing, or the address or a certificate is invalid.
pub fn octopus(
    env: &Env,
    aws: &AwsContext,
    surroundings: &Surroundings,
    timeouts: Timeouts,
) -> Result<StackOctopus, WiringError> {
    let key = StackKey {
        secrets: Secrets::new(aws),
        arn: env.required(env::OCTOPUS_SECRET_ARN)?,
    };
    let http = surroundings.named_server_client()?;
    let client = OctopusClient::new(http, &env.required(env::OCTOPUS_URL)?, key)?;
    let table = DynamoTable::new(aws, env.required(env::TABLE_NAME)?);
    let client = client.with_shared_limiter(Store::new(table));
    Ok(client.with_timeouts(timeouts))
}

/// The limits of what is read from a feed.
fn limits(env: &Env) -> Result<Limits, WiringError> {
    let mebibytes = env.parsed(env::HELM_INDEX_MAX_MIB, INDEX_MEBIBYTES)?;
    Ok(Limits::default().with_index_of(mebibytes))
}

/// A reader of all feeds. Reads the secrets of feeds now, if any.
///
/// # Errors
/// When a variable is missing or invalid, or a secret of a feed cannot be read.
pub async fn reader(
    env: &Env,
    aws: &AwsContext,
    surroundings: &Surroundings,
    timeouts: Timeouts,
) -> Result<StackReader, WiringError> {
    let networks: AllowedNetworks = env.parsed(env::ALLOWED_NETWORKS, Default::default())?;
    let http = OutboundClient::within(surroundings, networks)?;
    let feed_secrets =
        FeedSecrets::read(Secrets::new(aws), env.list(env::FEED_SECRET_ARNS)).await?;
    let access = Access {
        aws_account: Some(env.required(env::AWS_ACCOUNT)?),
        own_credentials: feed_secrets.feeds(),
    };
    let ecr = Rc::new(EcrImages::new(aws));
    let credentials = StackCredentials {
        secrets: feed_secrets,
        ecr: ecr.clone(),
        access: access.clone(),
    };
    Ok(Routed {
        direct: StackFeeds {
            ecr,
            registries: DirectFeeds::new(http, credentials, limits(env)?),
            access: access.clone(),
        },
        octopus: octopus(env, aws, surroundings, timeouts)?,
        access,
    })
}
