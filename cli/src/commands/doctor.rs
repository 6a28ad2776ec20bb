//! `feedctl doctor`: what is in order and what is not, each with its remedy.

use std::rc::Rc;

use engine::doctor::{Doctor, Verdict};
use engine::ports::Queues;
use feeds::Limits;
use store::Store;

use super::current::{USUAL_INTERVAL, look, settings};
use crate::args::Server;
use crate::exit::Exit;
use crate::machine::reader;
use crate::output::Output;

pub(super) async fn doctor(server: &Server, output: &Output) -> anyhow::Result<Exit> {
    let octopus = Rc::new(server.octopus()?);
    let store = server.known_state().await?.map(Store::new);
    let limits = Limits::default().with_index_of(server.helm_index_max_mib);
    let reader = reader(Rc::clone(&octopus), server.networks()?, limits)?;
    let settings = settings(server, USUAL_INTERVAL);
    let doctor = Doctor {
        look: look(&octopus, store.as_ref(), &settings),
        reader: &reader,
    };
    let mut findings = doctor.examine().await?;
    if let Some(deployed) = server.deployed().await? {
        findings.extend(engine::doctor::stack(&deployed.facts()));
        let states = deployed.queues().queues().await?;
        findings.extend(engine::doctor::queues(&states));
    }
    output.findings(&findings)?;
    let mut findings = findings.iter();
    Ok(if findings.any(|one| one.verdict == Verdict::Wrong) {
        Exit::Partly
    } else {
        Exit::Done
    })
}
