//! `feedctl console`: the console's pages, served on loopback until stopped. The pages are the crate
//! `web-console`'s; here are the server around it and what one machine does when it is asked to.

mod hand;
mod serve;

use std::future::Future;
use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use anyhow::{Context, bail};
use domain::time::Span;
use feeds::Limits;
use store::{Store, SystemClock};
use tokio::net::TcpListener;
use web_console::{Console, Guard, OctopusLinks, Pass, Settings};

use super::current::settings;
use crate::args::{Serve, Server};
use crate::exit::Exit;
use crate::machine::reader;
use crate::output::Output;
use hand::Here;

pub(super) async fn serve(
    server: &Server,
    options: &Serve,
    output: &Output,
    stop: impl Future<Output = ()>,
) -> anyhow::Result<Exit> {
    if server.stack_name().is_some() {
        bail!(
            "the console shows what one machine keeps; name its file with --state, and no --stack"
        );
    }
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, options.port));
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("{address} cannot be listened on; choose another --port"))?;
    let port = listener.local_addr()?.port();
    let limits = Limits::default().with_index_of(server.helm_index_max_mib);
    let reader = reader(Rc::new(server.octopus()?), server.networks()?, limits)?;
    let check_every = Span::from_seconds(options.check_interval.into());
    let console = Console {
        store: Store::new(server.existing_state().await?),
        octopus: server.octopus()?,
        clock: SystemClock,
        hand: Here::new(server, reader)?,
        guard: Guard::loopback(Pass::new()?, port),
        settings: Settings {
            place: place(server),
            links: OctopusLinks::to(server.url()?),
            look: settings(server, check_every),
        },
    };
    let entrance = console.guard.entrance();
    output.address(&format!("http://127.0.0.1:{port}{entrance}"))?;
    let local = tokio::task::LocalSet::new();
    local
        .run_until(serve::until(stop, listener, console))
        .await?;
    Ok(Exit::Done)
}

/// What is looked at, in short.
fn place(server: &Server) -> String {
    server.state.file_name().map_or_else(
        || server.state.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    )
}
