//! `feedctl doctor`: checks Octopus, feeds, triggers and the stack, with a remedy for each problem.

use std::rc::Rc;

use engine::ports::{Clock, WebhookRequests};
use host::SystemClock;
use operator::doctor::{Doctor, Verdict};
use operator::ports::Queues;
use store::Store;

use super::current::{look, prepare_logins};
use crate::args::Server;
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;

pub(super) async fn doctor(server: &Server, output: &Output) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = Rc::new(reach.octopus()?);
    let store = reach.known_state()?.map(Store::new);
    let reader = reach.reader(&octopus)?;
    prepare_logins(&reach, &octopus, store.as_ref()).await?;
    let settings = reach.look(None);
    let steps = output.steps("checking Octopus and one package of each feed");
    let doctor = Doctor {
        look: look(&octopus, store.as_ref(), &settings),
        reader: &reader,
        progress: &steps,
    };
    let mut findings = doctor.examine().await?;
    if let Some(store) = &store {
        let requests = store.last_requests().await?;
        findings.extend(operator::doctor::webhooks(&requests, SystemClock.now()));
    }
    if let Some(deployed) = reach.deployed() {
        findings.extend(operator::doctor::stack(&deployed.facts()));
        let states = deployed.queues().queues().await?;
        findings.extend(operator::doctor::queues(&states));
    }
    drop(steps);
    output.findings(&findings)?;
    let mut findings = findings.iter();
    Ok(if findings.any(|one| one.verdict == Verdict::Error) {
        Exit::Partly
    } else {
        Exit::Done
    })
}
