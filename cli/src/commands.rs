//! What each command does: settle the options, ask the engine, give what is to be shown.

mod apply;
mod current;
mod dlq;
mod doctor;
mod evaluate;
mod explain;
mod export;
mod feeds;
mod hand_over;
mod history;
mod reference;
mod run;
mod source;
mod status;
mod tail;
mod triggers;
pub mod versions;

use std::future::Future;
use std::io::IsTerminal;

use anyhow::Context;
use http_client::AllowedNetworks;
use local::SqliteTable;
use octopus::{FixedKey, OctopusClient};
use secrecy::SecretString;

use crate::args::{Cli, Command, Feeds, Server, Triggers};
use crate::deployed::Deployed;
use crate::exit::Exit;
use crate::output::Output;
use crate::state::State;

/// Carries out what the command line asks for.
///
/// # Errors
/// When it could not be done.
pub async fn carry_out(cli: &Cli, stop: impl Future<Output = ()>) -> anyhow::Result<Exit> {
    match dispatch(cli, stop).await {
        // Whoever reads has seen enough, as `head` does.
        Err(error) if is_closed_pipe(&error) => Ok(Exit::Done),
        other => other,
    }
}

fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let cause = error.downcast_ref::<std::io::Error>();
    cause.is_some_and(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

async fn dispatch(cli: &Cli, stop: impl Future<Output = ()>) -> anyhow::Result<Exit> {
    let output = Output::new(cli.output_format, cli.verbose > 0);
    match &cli.command {
        Command::Run(options) => run::run(&cli.server, options, &output, stop).await,
        Command::Triggers(Triggers::List) => triggers::list(&cli.server, &output).await,
        Command::Triggers(Triggers::Add(options)) => {
            triggers::add(&cli.server, options, &output, may_ask(cli)).await
        }
        Command::Status => status::status(&cli.server, &output).await,
        Command::Doctor => doctor::doctor(&cli.server, &output).await,
        Command::Tail => tail::tail(&cli.server, &output, stop).await,
        Command::Completion(options) => reference::completion(options.shell),
        Command::Man(options) => reference::manual(&options.out),
        Command::Triggers(Triggers::Adopt(options)) => {
            hand_over::adopt(&cli.server, options, &output).await
        }
        Command::Triggers(Triggers::Return(options)) => {
            hand_over::give_back(&cli.server, options, &output).await
        }
        Command::Apply(options) => apply::apply(&cli.server, options, &output).await,
        Command::Diff(options) => apply::diff(&cli.server, options, &output).await,
        Command::Validate(options) => source::validate(&cli.server, options, &output).await,
        Command::Export(options) => export::export(&cli.server, options, &output).await,
        Command::Explain(options) => explain::explain(&cli.server, options, &output).await,
        Command::Evaluate(options) => {
            let output = Output::new(cli.output_format, true);
            evaluate::evaluate(&cli.server, options, &output).await
        }
        Command::Simulate(options) => explain::simulate(&cli.server, options, &output).await,
        Command::Schema => {
            output.text(&format!("{:#}", trigger_file::schema()))?;
            Ok(Exit::Done)
        }
        Command::Feeds(Feeds::List(options)) => feeds::list(&cli.server, options, &output).await,
        Command::Feeds(Feeds::Check(options)) => feeds::check(&cli.server, options, &output).await,
        Command::Dlq(command) => dlq::dlq(&cli.server, command, &output).await,
        Command::Versions(command) => versions::versions(
            command,
            cli.output_format,
            std::io::stdin().lock(),
            &mut std::io::BufWriter::new(std::io::stdout().lock()),
            &mut std::io::stderr().lock(),
        ),
        Command::History(options) => history::show(&cli.server, options, &output).await,
    }
}

/// Whether there is somebody to ask.
fn may_ask(cli: &Cli) -> bool {
    let is_terminal = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    is_terminal && !cli.no_prompt
}

impl Server {
    fn url(&self) -> anyhow::Result<&str> {
        self.server
            .as_deref()
            .filter(|url| !url.trim().is_empty())
            .context("no Octopus Server was given; use --server or set OCTOPUS_URL")
    }

    fn key(&self) -> anyhow::Result<SecretString> {
        let token = self.access_token.clone();
        self.api_key.clone().or(token).context(
            "no API key was given; use --api-key, or set OCTOPUS_API_KEY or OCTOPUS_ACCESS_TOKEN",
        )
    }

    fn networks(&self) -> anyhow::Result<AllowedNetworks> {
        self.allow_network
            .join(",")
            .parse()
            .context("--allow-network cannot be used")
    }

    fn octopus(&self) -> anyhow::Result<OctopusClient<FixedKey>> {
        Ok(OctopusClient::connect(
            self.url()?,
            FixedKey::new(self.key()?),
        )?)
    }

    /// The stack that is meant, if one is.
    fn stack_name(&self) -> Option<&str> {
        self.stack.as_deref().filter(|name| !name.is_empty())
    }

    /// The same, looked up.
    async fn deployed(&self) -> anyhow::Result<Option<Deployed>> {
        let Some(name) = self.stack_name() else {
            return Ok(None);
        };
        let (profile, region) = (self.profile.as_deref(), self.region.as_deref());
        Ok(Some(Deployed::find(name, profile, region).await?))
    }

    /// What is remembered: the stack's table, or the state file; nothing if that is not there yet.
    async fn known_state(&self) -> anyhow::Result<Option<State>> {
        if let Some(deployed) = self.deployed().await? {
            return Ok(Some(State::Stack(deployed.table())));
        }
        if !self.state.exists() {
            return Ok(None);
        }
        Ok(Some(State::File(SqliteTable::open(&self.state)?)))
    }

    /// The same, for those that are of no use without.
    async fn existing_state(&self) -> anyhow::Result<State> {
        self.known_state().await?.with_context(|| {
            format!(
                "there is no state file {}; `feedctl run` makes it, or name another with --state, or a \
                 stack with --stack",
                self.state.display()
            )
        })
    }

    /// The same, but a state file is made if it is not there. It belongs to one Octopus Server.
    async fn state(&self) -> anyhow::Result<State> {
        if let Some(deployed) = self.deployed().await? {
            return Ok(State::Stack(deployed.table()));
        }
        let table = SqliteTable::open(&self.state)?;
        if let Ok(url) = self.url() {
            local::claim_for(&table, url).await?;
        }
        Ok(State::File(table))
    }
}
