//! Runs a function: each invocation in a span with its request id, and errors with their chain of causes.

use std::cell::Cell;
use std::error::Error;
use std::future::Future;
use std::time::{Duration, SystemTime};

use engine::with_causes;
use lambda_runtime::{Context, Diagnostic, LambdaEvent, service_fn};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::Instant;
use tracing::Instrument;

/// The error of an invocation with its causes. Lambda shows only the `Display` of an error, without its sources,
/// so this type displays the whole chain.
pub struct Failure {
    kind: &'static str,
    chain: String,
}

impl Failure {
    /// A failure with an error type, such as `StepFailed`.
    pub fn new(kind: &'static str, error: &dyn Error) -> Self {
        Self {
            kind,
            chain: with_causes(error),
        }
    }

    /// A function that cannot start; logs the error.
    pub fn at_start(error: &dyn Error) -> Self {
        let failure = Self::new("CannotStart", error);
        tracing::error!(exception_name = failure.kind, exception = %failure, "the function cannot start");
        failure
    }
}

impl std::fmt::Debug for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.kind, self.chain)
    }
}

impl From<Failure> for Diagnostic {
    fn from(failure: Failure) -> Self {
        Self {
            error_type: failure.kind.to_owned(),
            error_message: failure.chain,
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.chain)
    }
}

impl Error for Failure {}

/// One invocation, as far as a handler needs it.
#[derive(Clone, Debug)]
pub struct Invocation {
    /// Its id.
    pub request_id: String,
    ends_at: Instant,
}

impl Invocation {
    fn new(context: &Context) -> Self {
        let ends_at = SystemTime::UNIX_EPOCH + Duration::from_millis(context.deadline);
        let left = ends_at.duration_since(SystemTime::now());
        Self::ending_in(context.request_id.clone(), left.unwrap_or_default())
    }

    /// An invocation that Lambda ends after this time.
    pub(crate) fn ending_in(request_id: String, left: Duration) -> Self {
        Self {
            request_id,
            ends_at: Instant::now() + left,
        }
    }

    /// Ends this long before Lambda kills the function.
    pub async fn nearly_over(&self, margin: Duration) {
        let left = self.ends_at.saturating_duration_since(Instant::now());
        tokio::time::sleep(left.saturating_sub(margin)).await;
    }
}

/// Handles invocations until Lambda ends the process.
///
/// # Errors
/// When the Lambda runtime API fails.
pub async fn serve<E, R, F, Fut>(handler: F) -> Result<(), lambda_runtime::Error>
where
    E: DeserializeOwned + 'static,
    R: Serialize + 'static,
    F: Fn(E, Invocation) -> Fut + 'static,
    Fut: Future<Output = Result<R, Failure>> + 'static,
{
    let cold = Cell::new(true);
    lambda_runtime::run(service_fn(move |event: LambdaEvent<E>| {
        let LambdaEvent { payload, context } = event;
        let span = tracing::info_span!(
            "invoke",
            function_name = %context.env_config.function_name,
            function_request_id = %context.request_id,
            xray_trace_id = context.xray_trace_id.as_deref().unwrap_or_default(),
            cold_start = cold.replace(false),
        );
        let handled = handler(payload, Invocation::new(&context));
        async move {
            let result = handled.await;
            if let Err(failure) = &result {
                tracing::error!(exception_name = failure.kind, exception = %failure, "invocation failed");
            }
            result
        }
        .instrument(span)
    }))
    .await
}
