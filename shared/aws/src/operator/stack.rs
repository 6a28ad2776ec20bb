//! Looks up a stack by its name and reads its outputs and parameters.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use operator::ports::QueueKind;

use super::queue_urls::QueueUrls;
use crate::{AwsContext, BoxError};

/// CloudFormation's error code for a stack that does not exist.
const NO_SUCH_STACK: &str = "ValidationError";

/// A deployed stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    pub name: String,
    /// CloudFormation's status, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// The AWS account; `None` if CloudFormation returns no ARN.
    pub account: Option<String>,
    /// The parameters with a non-empty value.
    pub parameters: BTreeMap<String, String>,
    pub table: String,
    pub bus: String,
    /// The queues with their dead-letter queues; the schedule has only the latter.
    pub queues: BTreeMap<QueueKind, QueueUrls>,
    /// All outputs.
    pub outputs: BTreeMap<String, String>,
}

/// A stack that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    #[error("cannot find the stack {name}; check its name, the region and the account")]
    Unknown { name: String },
    #[error(
        "cannot look up the stack {name}; check the region, the credentials with \
         `aws sts get-caller-identity`, and the permission cloudformation:DescribeStacks"
    )]
    Unread {
        name: String,
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The stack belongs to another program or to another version of the template.
    #[error(
        "the stack {name} has no output {output}; check that it is a stack of External Feed Triggers"
    )]
    NoOutput { name: String, output: &'static str },
}

impl Stack {
    /// The outputs of the template that this type reads. Their names are stable.
    pub const OUTPUTS: [&str; 9] = [
        "TableName",
        "BusName",
        "ScheduleDeadLettersUrl",
        "CheckQueueUrl",
        "CheckDeadLettersUrl",
        "ReleaseQueueUrl",
        "ReleaseDeadLettersUrl",
        "PushQueueUrl",
        "PushDeadLettersUrl",
    ];

    /// The parameters of the template that other crates read. Their names are stable.
    pub const PARAMETERS: [&str; 7] = [
        "OctopusUrl",
        "Spaces",
        "NativeTriggers",
        "CheckInterval",
        "HelmIndexMaxMiB",
        "FeedSecretArns",
        "AlarmTopicArn",
    ];

    /// Looks up a stack by name or ARN.
    ///
    /// # Errors
    /// When it does not exist, when CloudFormation does not respond, or when an output is missing.
    pub async fn find(context: &AwsContext, name: &str) -> Result<Self, StackError> {
        let client = context.client(Client::new);
        let answer = client.describe_stacks().stack_name(name).send().await;
        let answer = answer.map_err(|error| {
            let is_unknown = error.code() == Some(NO_SUCH_STACK);
            let (name, source) = (name.to_owned(), BoxError::from(error));
            if is_unknown {
                StackError::Unknown { name }
            } else {
                StackError::Unread { name, source }
            }
        })?;
        let stack = answer.stacks.unwrap_or_default().into_iter().next();
        let stack = stack.ok_or_else(|| StackError::Unknown {
            name: name.to_owned(),
        })?;
        let status = stack.stack_status.as_ref().map(ToString::to_string);
        let parameters = stack.parameters.unwrap_or_default().into_iter();
        let parameters =
            parameters.filter_map(|one| Some((one.parameter_key?, one.parameter_value?)));
        let outputs = stack.outputs.unwrap_or_default();
        let outputs = outputs
            .into_iter()
            .filter_map(|output| Some((output.output_key?, output.output_value?)));
        Ok(Self {
            status: status.unwrap_or_default(),
            account: stack.stack_id.as_deref().and_then(account),
            parameters: parameters.filter(|(_, value)| !value.is_empty()).collect(),
            ..Self::from_outputs(name, outputs.collect())?
        })
    }

    fn from_outputs(name: &str, outputs: BTreeMap<String, String>) -> Result<Self, StackError> {
        let output = |output: &'static str| {
            let value = outputs.get(output).cloned();
            let name = name.to_owned();
            value.ok_or(StackError::NoOutput { name, output })
        };
        let queue = |queue: Option<&'static str>, dead_letters| {
            Ok(QueueUrls {
                queue: queue.map(output).transpose()?,
                dead_letters: output(dead_letters)?,
            })
        };
        let [
            table,
            bus,
            dead_runs,
            checks,
            dead_checks,
            releases,
            dead_releases,
            pushes,
            dead_pushes,
        ] = Self::OUTPUTS;
        let (table, bus) = (output(table)?, output(bus)?);
        let queues = BTreeMap::from([
            (QueueKind::Schedule, queue(None, dead_runs)?),
            (QueueKind::Checks, queue(Some(checks), dead_checks)?),
            (QueueKind::Releases, queue(Some(releases), dead_releases)?),
            (QueueKind::Pushes, queue(Some(pushes), dead_pushes)?),
        ]);
        Ok(Self {
            name: name.to_owned(),
            status: String::new(),
            account: None,
            parameters: BTreeMap::new(),
            table,
            bus,
            queues,
            outputs,
        })
    }
}

/// The account of an ARN, its fifth part.
fn account(arn: &str) -> Option<String> {
    let account = arn.split(':').nth(4)?;
    (!account.is_empty()).then(|| account.to_owned())
}
