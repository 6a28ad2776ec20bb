//! R13: each role may do what its function does, and nothing else.
//!
//! The calls of a function are recorded in histories of the simulation, which runs the real steps. Each call is then made
//! by the real adapter, whose requests show the actions that it needs. Actions that AWS performs with the role are added
//! from [`BY_AWS`], with the reason. The console's calls are recorded by visiting all of its pages. The hook-receiver
//! reads its secret and announces pushes, and the push-receiver sends pushes back to its queue.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use simulation::{Call, Function, calls};

use super::calls::{actions, delayed_push_actions, queue_actions, webhook_actions};
use super::console;
use super::template::{Template, list, statements, texts};

/// Enough histories for each function to make each of its calls.
const SEEDS: u64 = 200;

/// The most that a role may be granted, as a multiple of what it uses.
const AT_MOST: f64 = 1.1;

/// The only actions that may be granted on every resource: they have no narrower one.
const ON_EVERYTHING: [&str; 9] = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
    "ecr:GetAuthorizationToken",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
];

/// Actions that AWS performs with a role, which no call of a function shows.
struct ByAws {
    roles: &'static [&'static str],
    actions: &'static [&'static str],
    /// The reason, and AWS's documentation of it.
    because: &'static str,
}

const FUNCTIONS: &[&str] = &[
    "SchedulerRole",
    "FeedCheckerRole",
    "ReleaseCreatorRole",
    "PushReceiverRole",
    HOOKS,
    CONSOLE,
];

/// The functions that send traces: all but the one that strangers can call.
const TRACED: &[&str] = &[
    "SchedulerRole",
    "FeedCheckerRole",
    "ReleaseCreatorRole",
    "PushReceiverRole",
    CONSOLE,
];

const CONSOLE: &str = "ConsoleRole";

const PUSHES: &str = "PushReceiverRole";

const HOOKS: &str = "HookReceiverRole";

const BY_AWS: &[ByAws] = &[
    ByAws {
        roles: &["FeedCheckerRole", "ReleaseCreatorRole", "PushReceiverRole"],
        actions: &[
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ReceiveMessage",
        ],
        because: "Lambda polls the function's queue (Lambda guide, Using Lambda with Amazon SQS)",
    },
    ByAws {
        roles: FUNCTIONS,
        actions: &["logs:CreateLogStream", "logs:PutLogEvents"],
        because: "Lambda writes the function's log (Lambda guide, Sending logs to CloudWatch)",
    },
    ByAws {
        roles: TRACED,
        actions: &["xray:PutTelemetryRecords", "xray:PutTraceSegments"],
        because: "Lambda sends traces with Tracing=on (Lambda guide, X-Ray)",
    },
    ByAws {
        roles: FUNCTIONS,
        actions: &[
            "ec2:AssignPrivateIpAddresses",
            "ec2:CreateNetworkInterface",
            "ec2:DeleteNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:UnassignPrivateIpAddresses",
        ],
        because: "Lambda connects the function with VpcSubnetIds (Lambda guide, VPC access)",
    },
    ByAws {
        roles: FUNCTIONS,
        actions: &["kms:Decrypt"],
        because: "environment, table and queue are encrypted with KmsKeyArn, if it is given",
    },
    ByAws {
        roles: &["SchedulerRole", "ScheduleRole"],
        actions: &["sqs:SendMessage"],
        because: "a failed or lost invocation is sent to the dead-letter queue",
    },
    ByAws {
        roles: &["SchedulerRole", "ScheduleRole", PUSHES, CONSOLE],
        actions: &["kms:Decrypt", "kms:GenerateDataKey"],
        because: "a sender to a queue with KmsKeyArn needs both (SQS guide, Key management)",
    },
    ByAws {
        roles: &["ScheduleRole"],
        actions: &["lambda:InvokeFunction"],
        because: "EventBridge Scheduler starts the function",
    },
];

fn function(role: &str) -> Option<Function> {
    Some(match role {
        "SchedulerRole" => Function::Scheduler,
        "FeedCheckerRole" => Function::Checker,
        "ReleaseCreatorRole" => Function::Creator,
        "PushReceiverRole" => Function::Receiver,
        _ => return None,
    })
}

/// The statements of a role's policies.
fn granted(role: &Value) -> Vec<&Value> {
    let policies = list(&role["Policies"]).into_iter();
    policies
        .flat_map(|policy| statements(&policy["PolicyDocument"]))
        .collect()
}

/// The actions that AWS performs with a role.
fn by_aws(role: &str) -> impl Iterator<Item = &'static ByAws> {
    BY_AWS.iter().filter(move |one| one.roles.contains(&role))
}

async fn used(role: &str, calls: &BTreeSet<(Function, Call)>) -> BTreeSet<String> {
    let actions_of_aws = by_aws(role).flat_map(|one| one.actions);
    let mut used: BTreeSet<_> = actions_of_aws.map(|&action| action.to_owned()).collect();
    let mine = calls.iter().filter(|(by, _)| Some(*by) == function(role));
    let mut calls: BTreeSet<_> = mine.map(|(_, call)| *call).collect();
    if role == CONSOLE {
        let (of_steps, of_queues) = console::walk().await;
        calls.extend(of_steps);
        for call in of_queues {
            used.extend(queue_actions(call).await);
        }
    }
    if role == PUSHES {
        used.extend(delayed_push_actions().await);
    }
    if role == HOOKS {
        used.extend(webhook_actions().await);
    }
    for call in calls {
        used.extend(actions(call).await);
    }
    used
}

#[tokio::test]
async fn roles_may_do_what_their_functions_do() {
    let template = Template::read();
    let calls = calls(1..=SEEDS);
    let roles = template.resources("AWS::IAM::Role");
    assert_eq!(roles.len(), 7);
    for (role, properties) in roles {
        println!("{role}");
        for one in by_aws(role) {
            println!("  {}: {}", one.actions.join(", "), one.because);
        }
        let used = used(role, &calls).await;
        let granted: BTreeSet<_> = granted(properties)
            .into_iter()
            .flat_map(|statement| texts(&statement["Action"]))
            .map(str::to_owned)
            .collect();
        let ratio = count(&granted) / count(&used);
        println!(
            "  granted {}, used {}: {ratio:.2}",
            granted.len(),
            used.len()
        );
        let missing: Vec<_> = used.difference(&granted).collect();
        assert!(missing.is_empty(), "{role} lacks {missing:?}");
        let spare: Vec<_> = granted.difference(&used).collect();
        assert!(ratio <= AT_MOST, "{role} does not use {spare:?}");
    }
}

fn count(actions: &BTreeSet<String>) -> f64 {
    u32::try_from(actions.len()).map_or(f64::MAX, f64::from)
}

#[test]
fn roles_name_actions_and_resources() {
    let template = Template::read();
    for (role, properties) in template.resources("AWS::IAM::Role") {
        assert!(properties.get("ManagedPolicyArns").is_none(), "{role}");
        for statement in granted(properties) {
            assert_eq!(statement["Effect"], "Allow", "{role}");
            assert!(statement.get("NotAction").is_none() && statement.get("NotResource").is_none());
            let actions = texts(&statement["Action"]);
            assert!(!actions.is_empty());
            assert!(
                !actions.iter().any(|action| action.contains('*')),
                "{role}: {actions:?}"
            );
            let is_everything = list(&statement["Resource"]).contains(&&json!("*"));
            let is_excused = actions.iter().all(|action| ON_EVERYTHING.contains(action));
            assert!(
                !is_everything || is_excused,
                "{role}: {actions:?} on everything"
            );
        }
    }
}

#[test]
fn roles_are_taken_by_their_service_alone() {
    let template = Template::read();
    for (role, properties) in template.resources("AWS::IAM::Role") {
        let trust = statements(&properties["AssumeRolePolicyDocument"]);
        let [trust] = trust.as_slice() else {
            panic!("{role} is trusted to more than one");
        };
        let service = match role {
            "ScheduleRole" => "scheduler.amazonaws.com",
            _ => "lambda.amazonaws.com",
        };
        assert_eq!(trust["Principal"], json!({ "Service": service }), "{role}");
        assert_eq!(trust["Action"], "sts:AssumeRole", "{role}");
    }
}

/// The permissions for a VPC and for traces exist only if the stack has one and sends them.
#[test]
fn vpc_and_trace_permissions_depend_on_their_parameters() {
    let template = Template::read();
    for (role, properties) in template.resources("AWS::IAM::Role") {
        let policies = list(&properties["Policies"]).into_iter();
        let statements = policies
            .flat_map(|policy| list(&policy["PolicyDocument"]["Statement"]))
            .collect::<Vec<_>>();
        for (prefix, condition) in [("ec2:", "HasVpc"), ("xray:", "IsTraced")] {
            let is_about = |statement: &Value| {
                texts(&statement["Action"])
                    .iter()
                    .any(|action| action.starts_with(prefix))
            };
            assert!(
                !statements.iter().any(|one| is_about(one)),
                "{role}: {prefix}"
            );
            let conditional = statements.iter().filter(|one| is_about(&one["Fn::If"][1]));
            for statement in conditional {
                assert_eq!(statement["Fn::If"][0], condition, "{role}");
            }
        }
        assert_eq!(properties["Path"], json!({ "Ref": "RolePath" }), "{role}");
        let boundary = json!({ "Fn::If": [
            "HasBoundary",
            { "Ref": "PermissionsBoundaryArn" },
            { "Ref": "AWS::NoValue" },
        ] });
        assert_eq!(properties["PermissionsBoundary"], boundary, "{role}");
    }
}
