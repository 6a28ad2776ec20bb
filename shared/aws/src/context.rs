//! What all clients share: region, credentials, HTTP client, limits of time.

use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::future;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::config::timeout::TimeoutConfig;
use aws_sdk_dynamodb::config::{BehaviorVersion, Region};
use aws_types::SdkConfig;

use crate::{OnFirstUse, on_first_use, roots, transport};

/// To connect, TLS included. Within a region that takes some milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// One request. All are small; what takes longer has gone astray and is sent again.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// A call with its repeats: well within every function's own limit.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(15);

/// How often a request is sent in all, when it fails in a way that may pass.
const ATTEMPTS: u32 = 3;

/// The configuration that all clients share. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct AwsContext {
    config: Arc<OnFirstUse<SdkConfig>>,
}

impl AwsContext {
    /// From the variables that Lambda sets: `AWS_REGION` (or `AWS_DEFAULT_REGION`),
    /// `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`; and if they
    /// are set, `AWS_USE_FIPS_ENDPOINT` and `AWS_USE_DUALSTACK_ENDPOINT` (`true` or `false`), by which the
    /// SDK chooses endpoints, and `AWS_ENDPOINT_URL`, if all calls are to go somewhere else. What is
    /// missing shows with the first call that needs it.
    pub fn load() -> Self {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// [`load`](Self::load), from any source of variables. Empty ones count as missing.
    pub fn from_variables(variable: impl Fn(&str) -> Option<String>) -> Self {
        let variable = |name| variable(name).filter(|value| !value.is_empty());
        let region = variable("AWS_REGION").or_else(|| variable("AWS_DEFAULT_REGION"));
        let endpoint = variable("AWS_ENDPOINT_URL");
        let is_true = |name| variable(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
        let credentials = credentials(&variable);
        let (fips, dual_stack) = (
            is_true("AWS_USE_FIPS_ENDPOINT"),
            is_true("AWS_USE_DUALSTACK_ENDPOINT"),
        );
        let make = move || {
            let roots = roots::trusted(region.as_deref(), endpoint.as_deref());
            let mut config = SdkConfig::builder()
                .behavior_version(BehaviorVersion::v2026_01_12())
                .http_client(transport::client(roots, CONNECT_TIMEOUT))
                .credentials_provider(credentials)
                .retry_config(retries())
                .timeout_config(timeouts())
                .use_fips(fips)
                .use_dual_stack(dual_stack)
                .region(region.map(Region::new));
            config.set_endpoint_url(endpoint);
            config.build()
        };
        Self {
            config: Arc::new(on_first_use(make)),
        }
    }

    /// For whoever sits at a terminal: region and credentials as the AWS CLI finds them, from the
    /// environment, the profile (this one, or that of `AWS_PROFILE`), single sign-on, a process or the
    /// machine's role. A region that is given goes before all of them. `AWS_ENDPOINT_URL` is heeded.
    #[cfg(feature = "profiles")]
    pub async fn load_of_user(profile: Option<&str>, region: Option<&str>) -> Self {
        let http = transport::client(roots::of_system(), CONNECT_TIMEOUT);
        let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
            .http_client(http)
            .retry_config(retries())
            .timeout_config(timeouts());
        if let Some(profile) = profile {
            loader = loader.profile_name(profile);
        }
        if let Some(region) = region {
            loader = loader.region(Region::new(region.to_owned()));
        }
        let config = loader.load().await;
        Self {
            config: Arc::new(on_first_use(move || config)),
        }
    }

    /// A client of a service, made when it is first used.
    pub(crate) fn client<C: 'static>(&self, make: fn(&SdkConfig) -> C) -> Arc<OnFirstUse<C>> {
        let context = self.clone();
        Arc::new(on_first_use(move || make(context.config())))
    }

    /// What the SDK's clients are made from.
    pub fn config(&self) -> &SdkConfig {
        &self.config
    }
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS)
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .operation_attempt_timeout(ATTEMPT_TIMEOUT)
        .operation_timeout(OPERATION_TIMEOUT)
        .build()
}

/// Lambda's credentials do not change while a process lives, so they are read once.
fn credentials(variable: &impl Fn(&'static str) -> Option<String>) -> SharedCredentialsProvider {
    let required = |name| variable(name).ok_or(MissingVariable(name));
    let read = || {
        Ok::<_, MissingVariable>(Credentials::new(
            required("AWS_ACCESS_KEY_ID")?,
            required("AWS_SECRET_ACCESS_KEY")?,
            variable("AWS_SESSION_TOKEN"),
            None,
            "environment",
        ))
    };
    match read() {
        Ok(credentials) => SharedCredentialsProvider::new(credentials),
        Err(missing) => SharedCredentialsProvider::new(missing),
    }
}

/// Stands in for credentials that are not there, and says so to whoever needs them.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error("the environment variable {0} is not set")]
struct MissingVariable(&'static str);

impl ProvideCredentials for MissingVariable {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::not_loaded(*self)))
    }
}

#[cfg(test)]
mod tests {
    use aws_sdk_ecr::config::endpoint::{DefaultResolver, Params, ResolveEndpoint};

    use super::*;

    /// What the SDK makes of a region and of the variables for FIPS and dual stack.
    async fn endpoint(region: &str, fips: &str, dual_stack: &str) -> String {
        let context = AwsContext::from_variables(|name| {
            let value = match name {
                "AWS_REGION" => region,
                "AWS_USE_FIPS_ENDPOINT" => fips,
                "AWS_USE_DUALSTACK_ENDPOINT" => dual_stack,
                _ => return None,
            };
            Some(value.to_owned())
        });
        let config = context.config();
        let params = Params::builder()
            .set_region(config.region().map(ToString::to_string))
            .set_use_fips(config.use_fips())
            .set_use_dual_stack(config.use_dual_stack())
            .build()
            .unwrap();
        let found = DefaultResolver::new().resolve_endpoint(&params).await;
        found.unwrap().url().to_owned()
    }

    #[tokio::test]
    async fn calls_go_to_the_region_as_the_variables_say() {
        for (region, fips, dual_stack, expected) in [
            (
                "eu-west-1",
                "",
                "",
                "https://api.ecr.eu-west-1.amazonaws.com",
            ),
            (
                "us-east-1",
                "true",
                "",
                "https://api.ecr-fips.us-east-1.amazonaws.com",
            ),
            (
                "us-east-1",
                "false",
                "TRUE",
                "https://ecr.us-east-1.api.aws",
            ),
            (
                "us-east-1",
                "true",
                "true",
                "https://ecr-fips.us-east-1.api.aws",
            ),
            (
                "us-gov-west-1",
                "",
                "",
                "https://api.ecr.us-gov-west-1.amazonaws.com",
            ),
            (
                "cn-north-1",
                "",
                "",
                "https://api.ecr.cn-north-1.amazonaws.com.cn",
            ),
            (
                "eusc-de-east-1",
                "",
                "",
                "https://api.ecr.eusc-de-east-1.amazonaws.eu",
            ),
            (
                "us-iso-east-1",
                "",
                "",
                "https://api.ecr.us-iso-east-1.c2s.ic.gov",
            ),
        ] {
            let found = endpoint(region, fips, dual_stack).await;
            assert_eq!(found, expected, "{region} {fips} {dual_stack}");
        }
    }
}
