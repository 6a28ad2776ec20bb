//! Encryption, permitted senders and transport.

use serde_json::{Value, json};

use super::template::{Template, list, nothing, own_key, statements, texts, with_and_without_key};

/// Queues are encrypted by SQS, or with the customer's key.
#[test]
fn queues_are_encrypted() {
    let template = Template::read();
    let queues = template.resources("AWS::SQS::Queue");
    assert_eq!(queues.len(), 8);
    for (name, queue) in queues {
        let by_sqs = with_and_without_key(queue, "SqsManagedSseEnabled");
        assert_eq!(by_sqs, [&nothing(), &json!(true)], "{name}");
        let by_key = with_and_without_key(queue, "KmsMasterKeyId");
        assert_eq!(by_key, [&own_key(), &nothing()], "{name}");
    }
}

/// The policy statements about a queue.
fn about<'a>(template: &'a Template, queue: &str) -> Vec<&'a Value> {
    let attribute = json!({ "Fn::GetAtt": format!("{queue}.Arn") });
    let policies = template.resources("AWS::SQS::QueuePolicy").into_iter();
    let mine =
        policies.filter(|(_, policy)| list(&policy["Queues"]).contains(&&json!({ "Ref": queue })));
    mine.flat_map(|(_, policy)| statements(&policy["PolicyDocument"]))
        .filter(|statement| list(&statement["Resource"]).contains(&&attribute))
        .collect()
}

#[test]
fn queues_refuse_plain_transport() {
    let template = Template::read();
    for (queue, _) in template.resources("AWS::SQS::Queue") {
        let is_refusal = |statement: &&Value| {
            statement["Effect"] == "Deny"
                && statement["Principal"] == "*"
                && statement["Action"] == "sqs:*"
                && statement["Condition"] == json!({ "Bool": { "aws:SecureTransport": "false" } })
        };
        assert!(about(&template, queue).iter().any(is_refusal), "{queue}");
    }
}

/// Apart from the account's own permissions, only the queue's rule may send to it.
#[test]
fn queues_take_messages_from_their_rule_alone() {
    let template = Template::read();
    let rules = template.resources("AWS::Events::Rule");
    for (queue, _) in template.resources("AWS::SQS::Queue") {
        let arn = json!({ "Fn::GetAtt": format!("{queue}.Arn") });
        let feeds = |rule: &Value| {
            list(&rule["Targets"])
                .iter()
                .any(|target| target["Arn"] == arn || target["DeadLetterConfig"]["Arn"] == arn)
        };
        let sources: Vec<_> = rules.iter().filter(|(_, rule)| feeds(rule)).collect();
        let allowed = about(&template, queue).into_iter();
        let allowed: Vec<_> = allowed.filter(|one| one["Effect"] != "Deny").collect();
        assert_eq!(allowed.len(), sources.len(), "{queue}");
        for statement in &allowed {
            assert_eq!(
                statement["Principal"],
                json!({ "Service": "events.amazonaws.com" })
            );
            assert_eq!(texts(&statement["Action"]), ["sqs:SendMessage"]);
        }
        for (rule, _) in &sources {
            let source = json!({ "Fn::GetAtt": format!("{rule}.Arn") });
            let bound = json!({ "ArnEquals": { "aws:SourceArn": source } });
            let is_bound = allowed.iter().any(|one| one["Condition"] == bound);
            assert!(is_bound, "{queue} takes nothing from {rule}");
        }
    }
}

/// New accounts run ten functions at the same time: those of the queues, the scheduler, and a hook-receiver that
/// shares the account's concurrency. A reserved concurrency is not shared; new accounts cannot reserve any.
#[test]
fn functions_fit_into_the_limit_of_a_new_account() {
    let template = Template::read();
    for (shares, others) in [(true, 2), (false, 1)] {
        let mut most = others;
        for (_, function) in template.resources("AWS::Serverless::Function") {
            let events = function["Events"].as_object().into_iter().flatten();
            let limits = events.map(|(_, event)| &event["Properties"]["ScalingConfig"]);
            let limits = limits.map(|limit| &limit["MaximumConcurrency"]);
            most += limits
                .filter_map(|limit| default_concurrency(&template, limit, shares))
                .sum::<u64>();
        }
        assert_eq!(most, 10, "with a shared hook-receiver: {shares}");
    }
}

/// The value with the defaults of all parameters.
fn default_concurrency(template: &Template, value: &Value, shares: bool) -> Option<u64> {
    if let Some(parameter) = value["Ref"].as_str() {
        return template.parameter(parameter)["Default"].as_u64();
    }
    let choice = &value["Fn::If"];
    let is_true = match choice[0].as_str() {
        None => return value.as_u64(),
        Some("HasCheckConcurrency") => template.parameter("CheckConcurrency")["Default"] != "",
        Some("SharesConcurrency") => shares,
        Some(other) => panic!("{other} is not expected here"),
    };
    default_concurrency(template, &choice[if is_true { 1 } else { 2 }], shares)
}

/// The bus takes events from those alone whom the account lets, and of named accounts ECR's pushes alone;
/// the rules that lead to work take our own events, and what AWS alone can send as ECR.
#[test]
fn the_bus_is_closed_to_others() {
    let template = Template::read();
    let buses = template.resources("AWS::Events::EventBus");
    let [(_, bus)] = buses.as_slice() else {
        panic!("there is one bus");
    };
    let key = with_and_without_key(bus, "KmsKeyIdentifier");
    assert_eq!(key, [&own_key(), &nothing()]);
    let choice = &bus["Policy"]["Fn::If"];
    assert_eq!(choice[0], "HasPushAccounts");
    assert_eq!(choice[2], nothing());
    let narrowed = json!({
        "ForAllValues:StringEquals": { "events:source": "aws.ecr" },
        "Null": { "events:source": "false" },
        "StringEquals": { "events:detail-type": "ECR Image Action" },
    });
    let granted = statements(&choice[1]);
    assert_eq!(granted.len(), 1);
    assert_eq!(granted[0]["Action"], "events:PutEvents");
    assert_eq!(granted[0]["Condition"], narrowed);
    for (name, rule) in template.resources("AWS::Events::Rule") {
        let pattern = &rule["EventPattern"];
        let expected = match rule.get("EventBusName") {
            Some(bus) => {
                assert_eq!(*bus, json!({ "Ref": "Bus" }), "{name}");
                match name {
                    "ForwardedPushRule" => json!(["aws.ecr"]),
                    _ => json!(["octopus.feed-triggers"]),
                }
            }
            // Only AWS itself can send as one of its services.
            None => match name {
                "ScanRule" => json!(["aws.ecr", "aws.inspector2"]),
                _ => json!(["aws.ecr"]),
            },
        };
        assert_eq!(pattern["source"], expected, "{name}");
        assert!(pattern.get("detail-type").is_some(), "{name}");
    }
}

#[test]
fn the_table_is_encrypted_and_can_be_restored() {
    let template = Template::read();
    let tables = template.resources("AWS::DynamoDB::Table");
    let [(_, table)] = tables.as_slice() else {
        panic!("there is one table");
    };
    let encryption = &table["SSESpecification"];
    assert_eq!(encryption["SSEEnabled"], true);
    assert_eq!(encryption["SSEType"], "KMS");
    let key = with_and_without_key(encryption, "KMSMasterKeyId");
    assert_eq!(key, [&own_key(), &nothing()]);
    let restored = &table["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"];
    assert_eq!(*restored, true);
}

/// Logs and the functions' environment; AWS encrypts both with its own key where there is no other.
#[test]
fn logs_and_environments_take_the_customers_key() {
    let template = Template::read();
    let groups = template.resources("AWS::Logs::LogGroup");
    let functions = template.resources("AWS::Serverless::Function");
    assert_eq!((groups.len(), functions.len()), (6, 6));
    for (name, group) in &groups {
        let kept = json!({ "Fn::If": ["KeepsLogs", "RetainExceptOnCreate", "Delete"] });
        assert_eq!(*template.deletion_policy(name), kept, "{name}");
        let key = with_and_without_key(group, "KmsKeyId");
        assert_eq!(key, [&own_key(), &nothing()], "{name}");
        assert_eq!(
            group["RetentionInDays"],
            json!({ "Ref": "LogRetentionDays" })
        );
    }
    let key = with_and_without_key(template.globals(), "KmsKeyArn");
    assert_eq!(key, [&own_key(), &nothing()]);
    for (name, function) in functions {
        let group = function["LoggingConfig"]["LogGroup"]["Ref"].as_str();
        assert!(groups.iter().any(|(own, _)| Some(*own) == group), "{name}");
        assert!(
            function.get("KmsKeyArn").is_none(),
            "{name} has a key of its own"
        );
    }
}

/// The endpoints are those of the console, which requires a signature, and of webhooks, whose function verifies
/// their signatures. Both exist only if they are requested.
#[test]
fn endpoints_exist_on_request_and_only_webhooks_are_public() {
    let template = Template::read();
    let functions = template.resources("AWS::Serverless::Function").into_iter();
    let signed: Vec<_> = functions
        .filter(|(_, function)| function.get("FunctionUrlConfig").is_some())
        .map(|(name, function)| {
            let authorization = &function["FunctionUrlConfig"]["AuthType"];
            (name, authorization.as_str(), template.condition(name))
        })
        .collect();
    assert_eq!(
        signed,
        [("ConsolePages", Some("AWS_IAM"), Some("HasConsole"))]
    );
    // `sam deploy --guided` asks every user to confirm a public FunctionUrlConfig, whatever its condition.
    let urls = template.resources("AWS::Lambda::Url").into_iter();
    let public: Vec<_> = urls
        .map(|(name, url)| (&url["TargetFunctionArn"]["Ref"], template.condition(name)))
        .collect();
    assert_eq!(public, [(&json!("HookReceiver"), Some("HasWebhooks"))]);
    for (name, permission) in template.resources("AWS::Lambda::Permission") {
        let is_by_url = permission["FunctionUrlAuthType"] == "NONE"
            || permission["InvokedViaFunctionUrl"] == true;
        assert!(is_by_url, "{name}");
        assert_eq!(permission["FunctionName"]["Ref"], "HookReceiver", "{name}");
        assert_eq!(template.condition(name), Some("HasWebhooks"), "{name}");
    }
    assert_eq!(template.parameter("Console")["Default"], "off");
    assert_eq!(template.parameter("WebhookSecretArn")["Default"], "");
}

/// Strangers can send requests to the hook-receiver. None may cost a trace or a line of Lambda's own log, and the
/// number at a time is limited.
#[test]
fn requests_of_strangers_cost_no_trace_and_no_log_line() {
    let template = Template::read();
    let functions = template.resources("AWS::Serverless::Function");
    let hooks = functions.iter().find(|(name, _)| *name == "HookReceiver");
    let (_, hooks) = hooks.expect("the function");
    assert_eq!(hooks["Tracing"], "PassThrough");
    assert_eq!(hooks["LoggingConfig"]["SystemLogLevel"], "WARN");
    assert_eq!(
        hooks["ReservedConcurrentExecutions"]["Fn::If"][1],
        json!({ "Ref": "WebhookConcurrency" })
    );
    assert_eq!(template.parameter("WebhookConcurrency")["Default"], "2");
}
