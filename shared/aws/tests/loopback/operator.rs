//! Stack lookup and dead-letter queues.

use aws::{AwsContext, QueueUrls, Stack, StackError, StackQueues};
use operator::ports::{DeadLetterQueues, MessageContent, QueueKind, Which};
use serde_json::{Value, json};

use crate::script::{aws_with, chain};

const TEMPLATE: &str = include_str!("../../../../template.yaml");

fn stack_response(outputs: impl IntoIterator<Item = &'static str>) -> Value {
    let outputs = outputs.into_iter().map(|name| {
        format!(
            "<member><OutputKey>{name}</OutputKey><OutputValue>the {name}</OutputValue></member>"
        )
    });
    Value::String(format!(
        "<DescribeStacksResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\">\
         <DescribeStacksResult><Stacks><member><StackName>shop</StackName>\
         <StackId>arn:aws:cloudformation:eu-west-1:111111111111:stack/shop/1</StackId>\
         <CreationTime>2026-01-01T00:00:00Z</CreationTime>\
         <StackStatus>UPDATE_COMPLETE</StackStatus>\
         <Parameters><member><ParameterKey>AlarmTopicArn</ParameterKey>\
         <ParameterValue>the topic</ParameterValue></member><member><ParameterKey>KmsKeyArn</ParameterKey>\
         <ParameterValue></ParameterValue></member></Parameters><Outputs>{}</Outputs>\
         </member></Stacks></DescribeStacksResult></DescribeStacksResponse>",
        outputs.collect::<String>()
    ))
}

fn error_response(code: &str, message: &str) -> Value {
    Value::String(format!(
        "<ErrorResponse xmlns=\"http://cloudformation.amazonaws.com/doc/2010-05-15/\"><Error>\
         <Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    ))
}

#[test]
fn template_has_every_output_of_stack() {
    let outputs = TEMPLATE.split_once("\nOutputs:").expect("outputs").1;
    for name in Stack::OUTPUTS {
        assert!(outputs.contains(&format!("\n  {name}:\n")), "{name}");
    }
}

#[test]
fn template_has_every_parameter_of_stack() {
    let parameters = TEMPLATE.split_once("\nParameters:").expect("parameters").1;
    let (parameters, _) = parameters.split_once("\nConditions:").expect("conditions");
    for name in Stack::PARAMETERS {
        assert!(parameters.contains(&format!("\n  {name}:\n")), "{name}");
    }
}

#[tokio::test]
async fn stack_is_read_from_outputs_and_parameters() {
    let (aws, _) = aws_with([(200, stack_response(Stack::OUTPUTS))]).await;
    let stack = Stack::find(&aws, "shop").await.expect("the stack");
    assert_eq!(stack.status, "UPDATE_COMPLETE");
    assert_eq!(stack.account.as_deref(), Some("111111111111"));
    let parameters = [("AlarmTopicArn", "the topic")];
    let parameters = parameters.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(
        stack.parameters,
        parameters.into(),
        "empty parameters are omitted"
    );
    assert_eq!(
        (stack.table.as_str(), stack.bus.as_str()),
        ("the TableName", "the BusName")
    );
    let checks = QueueUrls {
        queue: Some("the CheckQueueUrl".to_owned()),
        dead_letters: "the CheckDeadLettersUrl".to_owned(),
    };
    assert_eq!(stack.queues[&QueueKind::Checks], checks);
    assert_eq!(stack.queues[&QueueKind::Schedule].queue, None);
}

#[tokio::test]
async fn stack_errors_name_cause_and_remedy() {
    let unknown = error_response("ValidationError", "Stack with id shop does not exist");
    let (aws, _) = aws_with([(400, unknown)]).await;
    let error = Stack::find(&aws, "shop").await.expect_err("no stack");
    assert!(matches!(error, StackError::Unknown { .. }), "{error:?}");
    assert!(
        chain(&error).contains("cannot find the stack shop"),
        "{}",
        chain(&error)
    );

    let denied = error_response(
        "AccessDenied",
        "not authorized to perform cloudformation:DescribeStacks",
    );
    let (aws, _) = aws_with([(403, denied)]).await;
    let error = Stack::find(&aws, "shop").await.expect_err("denied");
    assert!(matches!(error, StackError::Unread { .. }), "{error:?}");
    assert!(
        chain(&error).contains("cloudformation:DescribeStacks"),
        "{}",
        chain(&error)
    );

    let (aws, _) = aws_with([(200, stack_response(["TableName"]))]).await;
    let error = Stack::find(&aws, "shop").await.expect_err("foreign stack");
    assert!(
        chain(&error).contains("has no output BusName"),
        "{}",
        chain(&error)
    );
}

fn queues(aws: &AwsContext) -> StackQueues {
    let urls = |kind| {
        let dead_letters = format!("http://queue/dead/{kind}");
        let queue = Some(format!("http://queue/{kind}")).filter(|_| kind != QueueKind::Schedule);
        (
            kind,
            QueueUrls {
                queue,
                dead_letters,
            },
        )
    };
    StackQueues::new(aws, QueueKind::ALL.into_iter().map(urls).collect())
}

fn message(id: &str, body: &str) -> Value {
    json!({
        "MessageId": id,
        "ReceiptHandle": format!("handle-{id}"),
        "Body": body,
        "Attributes": { "SentTimestamp": "1700000000000", "ApproximateReceiveCount": "6" },
    })
}

#[tokio::test]
async fn redrive_sends_before_deleting() {
    let received = json!({ "Messages": [message("1", "a"), message("2", "b"), message("3", "c")] });
    let gone = json!({ "__type": "com.amazonaws.sqs#QueueDoesNotExist", "message": "no queue" });
    let (aws, script) = aws_with([
        (200, received),
        (200, json!({})),
        (200, json!({})),
        (200, json!({ "MessageId": "9" })),
        (200, json!({})),
        (400, gone),
        (200, json!({})),
    ])
    .await;
    let which = Which::These(["1", "2", "4"].map(str::to_owned).to_vec());
    let report = queues(&aws)
        .redrive(QueueKind::Checks, &which)
        .await
        .expect("read");
    assert_eq!(report.done, ["1"]);
    assert_eq!(report.absent, ["4"]);
    let [(id, why)] = report.left.as_slice() else {
        panic!("{report:?}");
    };
    assert!(id == "2" && why.contains("no queue"), "{id}: {why}");

    let steps: Vec<_> = script
        .take_calls()
        .into_iter()
        .map(|(operation, input)| {
            let about = ["MessageBody", "ReceiptHandle"].map(|name| input[name].as_str());
            let about = about.into_iter().flatten().next().unwrap_or_default();
            format!("{operation} {about}")
        })
        .collect();
    let expected = [
        "ReceiveMessage ",
        "ReceiveMessage ",
        "ChangeMessageVisibility handle-3",
        "SendMessage a",
        "DeleteMessage handle-1",
        "SendMessage b",
        "ChangeMessageVisibility handle-2",
    ];
    assert_eq!(steps, expected);
}

#[tokio::test]
async fn failed_scheduler_run_is_listed_with_its_error_and_not_redriven() {
    let body = json!({
        "requestContext": { "condition": "RetriesExhausted" },
        "responsePayload": { "errorMessage": "cannot read the watch list" },
    });
    let received = json!({ "Messages": [message("1", &body.to_string())] });
    let (aws, _) = aws_with([(200, received), (200, json!({})), (200, json!({}))]).await;
    let queues = queues(&aws);
    let messages = queues
        .list(QueueKind::Schedule, 10)
        .await
        .expect("messages");
    assert_eq!(messages[0].letter, MessageContent::SchedulerRun);
    assert_eq!(messages[0].deliveries, 6);
    assert_eq!(
        messages[0].reason.as_deref(),
        Some("cannot read the watch list")
    );
    let error = queues.redrive(QueueKind::Schedule, &Which::All).await;
    let error = error.expect_err("no queue");
    assert!(
        chain(&error).contains("the next run repeats its work"),
        "{}",
        chain(&error)
    );
}

#[tokio::test]
async fn undelivered_event_is_listed_with_the_delivery_error() {
    let mut undelivered = message("1", "not an event");
    let text = |value: &str| json!({ "DataType": "String", "StringValue": value });
    undelivered["MessageAttributes"] = json!({
        "ERROR_CODE": text("NO_PERMISSIONS"), "ERROR_MESSAGE": text("not authorized"),
    });
    let (aws, _) = aws_with([
        (200, json!({ "Messages": [undelivered] })),
        (200, json!({})),
    ])
    .await;
    let messages = queues(&aws)
        .list(QueueKind::Releases, 1)
        .await
        .expect("messages");
    assert_eq!(
        messages[0].reason.as_deref(),
        Some("NO_PERMISSIONS: not authorized")
    );
    assert!(matches!(&messages[0].letter, MessageContent::Unreadable(why) if why.contains("JSON")));
}
