//! `feedctl console`: serves the web console on loopback until stopped. The crate `web-console` renders the
//! pages; this module contains the HTTP server and the actions, which this process performs on one machine
//! and the functions perform in a stack.

mod actions;
mod serve;

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context;
use host::SystemClock;
use octopus::Timeouts;
use store::Store;
use tokio::net::TcpListener;
use web_console::{
    AccessKey, Actions, Console, ConsoleSettings, Guard, OctopusLinks, StackActions,
};

use super::current::prepare_logins;
use crate::args::{Serve, Server};
use crate::deployed::Deployed;
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;
use crate::state::State;
use actions::LocalActions;
use machine::Reader;

/// A page shows stored data if Octopus does not respond within the read timeout. Choosing sources may read versions
/// through Octopus, which takes longer.
const PAGE_TIMEOUTS: Timeouts = Timeouts {
    read: Duration::from_secs(2),
    versions: Duration::from_secs(15),
    whole_read: Duration::from_secs(30),
    create: Duration::from_secs(30),
};

pub(super) async fn serve(
    server: &Server,
    options: &Serve,
    output: &Output,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Exit> {
    let reach = Rc::new(Reach::of(server).await?);
    let octopus = Rc::new(reach.octopus()?);
    let reader = reach.reader(&octopus)?;
    let state = reach.state().await?;
    if let Some(known) = reach.known_state()? {
        prepare_logins(&reach, &octopus, Some(&Store::new(known))).await?;
    }
    let host = Host {
        reach: &reach,
        options,
        output,
    };
    match reach.deployed() {
        None => {
            let actions = LocalActions::new(Rc::clone(&reach), reader)?;
            host.open(state, actions, stop).await
        }
        Some(deployed) => {
            host.open(state, stack_actions(deployed, reader), stop)
                .await
        }
    }
}

fn stack_actions(deployed: &Deployed, reader: Reader) -> impl Actions + use<> {
    StackActions {
        store: Store::new(deployed.table()),
        bus: deployed.bus(),
        clock: SystemClock,
        queues: deployed.queues(),
        reader,
    }
}

/// Serves the console.
struct Host<'a> {
    reach: &'a Reach,
    options: &'a Serve,
    output: &'a Output,
}

impl Host<'_> {
    async fn open(
        &self,
        state: State,
        actions: impl Actions + 'static,
        stop: impl Future<Output = ()>,
    ) -> anyhow::Result<Exit> {
        let Serve {
            port,
            check_interval,
        } = *self.options;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("cannot listen on {address}; choose another --port"))?;
        let port = listener.local_addr()?.port();
        let console = Console {
            store: Store::new(state),
            octopus: self.reach.octopus()?.with_timeouts(PAGE_TIMEOUTS),
            clock: SystemClock,
            actions,
            guard: Guard::loopback(AccessKey::new()?, port),
            settings: ConsoleSettings {
                place: place(self.reach),
                links: OctopusLinks::to(self.reach.url()?),
                look: self.reach.look(check_interval),
            },
        };
        self.output
            .address(&console.guard.address().unwrap_or_default())?;
        let local = tokio::task::LocalSet::new();
        local
            .run_until(serve::until(stop, listener, console))
            .await?;
        Ok(Exit::Done)
    }
}

/// The stack's name or the state file's.
fn place(reach: &Reach) -> String {
    if let Some(deployed) = reach.deployed() {
        return deployed.facts().name;
    }
    let file = reach.state_file();
    file.file_name().map_or_else(
        || file.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
