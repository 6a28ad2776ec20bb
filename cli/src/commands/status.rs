//! `feedctl status`: triggers, feeds, queues and the last scheduler run.

use domain::coded::CodedText;
use operator::ports::Queues;
use store::Store;

use super::current::{look, prepare_logins};
use crate::args::Server;
use crate::exit::Exit;
use crate::output::{FeedRow, Output, QueueRow, SettingsRow, StatusRow, TriggerRow, ago};
use crate::reach::Reach;

pub(super) async fn status(server: &Server, output: &Output) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let octopus = reach.octopus()?;
    let store = reach.known_state()?.map(Store::new);
    prepare_logins(&reach, &octopus, store.as_ref()).await?;
    let settings = reach.look(None);
    let look = look(&octopus, store.as_ref(), &settings);
    let overview = look.overview().await?;
    let queues = match reach.deployed() {
        Some(deployed) => deployed.queues().queues().await?,
        None => Vec::new(),
    };
    let triggers = overview.triggers.iter();
    output.status(&StatusRow {
        at: overview.at.to_string(),
        last_run: overview.last_run.map(|run| run.at.to_string()),
        last_run_ago: overview.last_run.map(|run| ago(run.at, overview.at)),
        settings: overview
            .settings
            .as_ref()
            .map(|settings| SettingsRow::new(settings, overview.at)),
        triggers: triggers
            .map(|one| TriggerRow::new(one, &octopus, overview.at))
            .collect(),
        feeds: overview
            .feeds
            .iter()
            .map(|state| FeedRow::from(state).with_login(reach.login(&state.feed)))
            .collect(),
        queues: queues.iter().map(QueueRow::from).collect(),
        problems: overview.problems.into_iter().map(CodedText::from).collect(),
    })?;
    Ok(Exit::Done)
}
