//! A stack by its name: what its outputs and parameters tell.

use std::collections::BTreeMap;

use aws_sdk_cloudformation::Client;
use aws_sdk_cloudformation::error::ProvideErrorMetadata;
use operator::ports::QueueKind;

use super::QueueUrls;
use crate::{AwsContext, Cause};

/// What CloudFormation answers with for a stack that is not there.
const NO_SUCH_STACK: &str = "ValidationError";

/// A deployed stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// What CloudFormation says of it, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// The account that it is in; nothing, if CloudFormation gives it no ARN.
    pub account: Option<String>,
    /// What it was deployed with; what is empty is left out.
    pub parameters: BTreeMap<String, String>,
    /// The table.
    pub table: String,
    /// The bus.
    pub bus: String,
    /// Queues that are worked off, each with that of its dead letters; the schedule has only the latter.
    pub queues: BTreeMap<QueueKind, QueueUrls>,
    /// All outputs, these included.
    pub outputs: BTreeMap<String, String>,
}

/// A stack that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StackError {
    /// There is none.
    #[error(
        "there is no stack {name}; check its name, and that region and account are those it was deployed in"
    )]
    Unknown {
        /// The name that was given.
        name: String,
        /// What CloudFormation said.
        #[source]
        source: Option<Box<dyn std::error::Error + Send + Sync>>,
    },
    /// CloudFormation did not tell.
    #[error(
        "the stack {name} cannot be looked up; check the region, that `aws sts get-caller-identity` knows \
         you, and that you may cloudformation:DescribeStacks"
    )]
    Unread {
        /// The name that was given.
        name: String,
        /// The cause.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// It is another program's, or was made by another version of the template.
    #[error("the stack {name} has no output {output}; is it one of External Feed Triggers?")]
    NoOutput {
        /// The stack.
        name: String,
        /// The output that is missing.
        output: &'static str,
    },
}

impl Stack {
    /// The outputs of the template that are read here. They keep their names.
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

    /// The parameters of the template that others read by their names. They keep these.
    pub const PARAMETERS: [&str; 7] = [
        "OctopusUrl",
        "Spaces",
        "NativeTriggers",
        "CheckInterval",
        "HelmIndexMaxMiB",
        "FeedSecretArns",
        "AlarmTopicArn",
    ];

    /// Looks a stack up, by name or ARN.
    ///
    /// # Errors
    /// When there is none, when CloudFormation does not answer, and when an output is missing.
    pub async fn find(context: &AwsContext, name: &str) -> Result<Self, StackError> {
        let client = context.client(Client::new);
        let answer = client.describe_stacks().stack_name(name).send().await;
        let answer = answer.map_err(|error| {
            let is_unknown = error.code() == Some(NO_SUCH_STACK);
            let (name, source) = (name.to_owned(), Cause::from(error));
            if is_unknown {
                let source = Some(source);
                StackError::Unknown { name, source }
            } else {
                StackError::Unread { name, source }
            }
        })?;
        let stack = answer.stacks.unwrap_or_default().into_iter().next();
        let stack = stack.ok_or_else(|| StackError::Unknown {
            name: name.to_owned(),
            source: None,
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
            ..Self::of(name, outputs.collect())?
        })
    }

    /// What its outputs tell.
    fn of(name: &str, outputs: BTreeMap<String, String>) -> Result<Self, StackError> {
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
            ticks,
            checks,
            dead_checks,
            releases,
            dead_releases,
            pushes,
            dead_pushes,
        ] = Self::OUTPUTS;
        let (table, bus) = (output(table)?, output(bus)?);
        let queues = BTreeMap::from([
            (QueueKind::Schedule, queue(None, ticks)?),
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

/// The fifth part of an ARN.
fn account(arn: &str) -> Option<String> {
    let account = arn.split(':').nth(4)?;
    (!account.is_empty()).then(|| account.to_owned())
}
