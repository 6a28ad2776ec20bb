//! The configuration that all clients share: region, credentials, HTTP client, timeouts.

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

/// Includes the TLS handshake. Within a region, connecting takes some milliseconds.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(2);

/// One request. All requests are small, so a longer one is lost and worth a retry.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);

/// A call with its retries: well below every function's timeout.
const OPERATION_TIMEOUT: Duration = Duration::from_secs(15);

/// Attempts per call, including the first.
const ATTEMPTS: u32 = 3;

/// The configuration that all clients share. Cloning is cheap.
#[derive(Clone, Debug)]
pub struct AwsContext {
    config: Arc<OnFirstUse<SdkConfig>>,
}

impl AwsContext {
    /// Reads the variables that Lambda sets: `AWS_REGION` (or `AWS_DEFAULT_REGION`), `AWS_ACCESS_KEY_ID`,
    /// `AWS_SECRET_ACCESS_KEY`, `AWS_SESSION_TOKEN`, and optionally `AWS_USE_FIPS_ENDPOINT` and
    /// `AWS_USE_DUALSTACK_ENDPOINT` (`true` or `false`), and `AWS_ENDPOINT_URL`, which redirects all calls.
    /// A missing variable is reported by the first call that needs it.
    pub fn load() -> Self {
        Self::from_variables(|name| std::env::var(name).ok())
    }

    /// [`load`](Self::load) from any source of variables. An empty variable counts as missing.
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
            let roots = roots::trusted_roots(region.as_deref(), endpoint.as_deref());
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

    /// Resolves region and credentials like the AWS CLI: environment, profile (`profile` or `AWS_PROFILE`),
    /// single sign-on, credential process, instance role. `region` takes precedence over all of them.
    /// `AWS_ENDPOINT_URL` is respected.
    #[cfg(feature = "profiles")]
    pub async fn load_user_config(profile: Option<&str>, region: Option<&str>) -> Self {
        let http = transport::client(roots::system_roots(), CONNECT_TIMEOUT);
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

    /// A service client that is created on first use.
    pub(crate) fn client<C: 'static>(&self, make: fn(&SdkConfig) -> C) -> Arc<OnFirstUse<C>> {
        let context = self.clone();
        Arc::new(on_first_use(move || make(context.config())))
    }

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

/// Lambda's credentials do not change during the life of a process, so they are read once.
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

/// A credentials provider that fails and names the missing variable.
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

    /// The ECR endpoint that the SDK resolves for a region and the FIPS and dual-stack variables.
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
    async fn endpoint_follows_region_fips_and_dual_stack_variables() {
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
