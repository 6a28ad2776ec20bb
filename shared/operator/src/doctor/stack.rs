//! A stack as a whole: how its last deployment ended, and who is told when something in it goes wrong.

use super::Finding;

/// What is known of a stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackFacts {
    /// Its name.
    pub name: String,
    /// What CloudFormation says of it, such as `UPDATE_COMPLETE`.
    pub status: String,
    /// The topic that its alarms tell; nothing, if it has no alarms.
    pub alarm_topic: Option<String>,
}

/// Its deployment and its alarms.
pub fn stack(facts: &StackFacts) -> Vec<Finding> {
    vec![deployment(facts), alarms(facts)]
}

fn deployment(facts: &StackFacts) -> Finding {
    let finding = Finding::of("stack", &facts.name, &facts.status);
    match facts.status.as_str() {
        "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "IMPORT_COMPLETE" => finding,
        under_way if under_way.ends_with("_IN_PROGRESS") => {
            finding.warning("wait until CloudFormation is done, then look again")
        }
        "UPDATE_ROLLBACK_COMPLETE" => finding.warning(
            "what was there before the last deployment runs; the stack's events in CloudFormation say what \
             failed",
        ),
        _ => finding.error("the stack's events in CloudFormation say what failed; then deploy again"),
    }
}

/// Whether there are alarms. Which of them sounds is for CloudWatch to say: its client would bring eleven
/// crates, a second `http` among them, for names that one command shows; and what most of them watch (rounds,
/// stalled triggers, dead letters) is looked at here by itself.
fn alarms(facts: &StackFacts) -> Finding {
    let name = &facts.name;
    let Some(topic) = &facts.alarm_topic else {
        return Finding::of("stack", "alarms", "there are none").warning(
            "deploy with AlarmTopicArn, the ARN of an SNS topic that somebody listens to",
        );
    };
    let seen = format!("they tell {topic}; which of them sounds is not looked at here");
    Finding {
        remedy: Some(format!(
            "`aws cloudwatch describe-alarms --alarm-name-prefix {name}- --state-value ALARM` shows those \
             that sound"
        )),
        ..Finding::of("stack", "alarms", seen)
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
        let topic = Some("arn:aws:sns:us-east-1:0:told");
        let some = stack(&facts("CREATE_COMPLETE", topic)).remove(1);
        assert_eq!(some.verdict, Verdict::Ok);
        assert!(some.remedy.unwrap().contains("--alarm-name-prefix shop- "));
    }
}
