//! Checks a stack: its last deployment and its alarms.

use super::{DoctorFinding, FindingCode};

/// The facts of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackFacts {
    pub name: String,
    /// The status in CloudFormation, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// The SNS topic of its alarms; `None` without alarms.
    pub alarm_topic: Option<String>,
}

/// Checks the deployment and the alarms.
pub fn stack(facts: &StackFacts) -> Vec<DoctorFinding> {
    vec![deployment(facts), alarms(facts)]
}

fn deployment(facts: &StackFacts) -> DoctorFinding {
    let code = FindingCode::DeploymentStatus;
    let finding =
        DoctorFinding::of("stack", &facts.name, code, &facts.status).text("status", &facts.status);
    match facts.status.as_str() {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => finding,
        under_way if under_way.ends_with("_IN_PROGRESS") => {
            finding.warning("wait until CloudFormation has finished, then check again")
        }
        "UPDATE_ROLLBACK_COMPLETE" => finding.warning(
            "the last deployment was rolled back; read the stack's events in CloudFormation for the failure",
        ),
        _ => finding.error("read the stack's events in CloudFormation for the failure, then deploy again"),
    }
}

/// Checks that the stack has alarms. Their state is not read: the CloudWatch client would add eleven crates,
/// among them a second `http`, for names that one command shows. Most of their metrics (scheduler runs, stalled
/// triggers, dead letters) have checks of their own.
fn alarms(facts: &StackFacts) -> DoctorFinding {
    let name = &facts.name;
    let Some(topic) = &facts.alarm_topic else {
        let (code, seen) = (FindingCode::NoAlarms, "the stack has no alarms");
        return DoctorFinding::of("stack", "alarms", code, seen)
            .warning("deploy with AlarmTopicArn, the ARN of an SNS topic with a subscription");
    };
    let seen = format!("they notify {topic}; their state is not checked");
    DoctorFinding {
        remedy: Some(format!(
            "`aws cloudwatch describe-alarms --alarm-name-prefix {name}- --state-value ALARM` lists the \
             active ones"
        )),
        ..DoctorFinding::of("stack", "alarms", FindingCode::AlarmsNotify, seen).text("topic", topic)
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    fn facts(status: &str, alarm_topic: Option<&str>) -> StackFacts {
        StackFacts {
            name: "shop".to_owned(),
            status: status.to_owned(),
            alarm_topic: alarm_topic.map(str::to_owned),
        }
    }

    #[test]
    fn a_deployment_is_judged_by_how_it_ended() {
        for (status, expected) in [
            ("CREATE_COMPLETE", Verdict::Ok),
            ("UPDATE_COMPLETE", Verdict::Ok),
            ("UPDATE_IN_PROGRESS", Verdict::Warning),
            ("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS", Verdict::Warning),
            ("UPDATE_ROLLBACK_COMPLETE", Verdict::Warning),
            ("UPDATE_ROLLBACK_FAILED", Verdict::Error),
            ("ROLLBACK_COMPLETE", Verdict::Error),
        ] {
            let found = stack(&facts(status, None));
            assert_eq!(found[0].verdict, expected, "{status}");
            assert_eq!(found[0].remedy.is_none(), expected == Verdict::Ok);
        }
    }

    #[test]
    fn alarms_are_named_so_that_they_can_be_found() {
        let [_, none] = &stack(&facts("CREATE_COMPLETE", None))[..] else {
            panic!("two findings");
        };
        assert_eq!(none.verdict, Verdict::Warning);
        assert!(none.remedy.as_deref().unwrap().contains("AlarmTopicArn"));
        let topic = Some("arn:aws:sns:us-east-1:0:alarms");
        let some = stack(&facts("CREATE_COMPLETE", topic)).remove(1);
        assert_eq!(some.verdict, Verdict::Ok);
        assert!(some.remedy.unwrap().contains("--alarm-name-prefix shop- "));
    }
}
