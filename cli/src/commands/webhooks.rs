//! `feedctl webhooks`: adds, lists, tests, rotates and removes the receivers of a file or of a stack's secret.

mod place;
mod test;

use anyhow::Context;
use domain::push::WebhookRequest;
use engine::ports::{Clock, WebhookRequests};
use host::SystemClock;
use local::SqliteTable;
use store::Store;
use webhooks::{Configuration, Kind, NewReceiver, NewSecrets, RandomBytes};

use crate::args::{AddReceiver, NamedReceiver, ReceiverStore, RotateReceiver, Server, Webhooks};
use crate::exit::{Exit, UsageError};
use crate::output::{NewSecretsRow, Output};
use crate::reach::state_file;
use place::ReceiverPlace;

pub(super) async fn webhooks(
    server: &Server,
    command: &Webhooks,
    output: &Output,
) -> anyhow::Result<Exit> {
    match command {
        Webhooks::Add(options) => add(server, options, output).await,
        Webhooks::List(options) => list(server, options, output).await,
        Webhooks::Test(options) => test::test(server, options, output).await,
        Webhooks::Rotate(options) => rotate(server, options, output).await,
        Webhooks::Remove(options) => remove(server, options, output).await,
    }
}

async fn add(server: &Server, options: &AddReceiver, output: &Output) -> anyhow::Result<Exit> {
    let place = ReceiverPlace::of(server, &options.store).await?;
    let is_google = options.kind == Kind::PubSub;
    if is_google && options.audience.is_none() && !place.has_address() {
        let error = "the audience of the tokens is unknown; use --audience, or --url for the URL as audience";
        return Err(UsageError(error.to_owned()).into());
    }
    let mut configuration = place.read().await?.unwrap_or_default();
    let name = options.name.as_deref().unwrap_or(options.kind.name());
    let new = NewReceiver {
        feeds: options.feeds.clone(),
        proof: options.proof.clone(),
        header: options.header.clone(),
        audience: options.audience.clone(),
        email: options.email.clone(),
        address: place.address().to_owned(),
    };
    let secrets = configuration.add(name, options.kind, new, &random()?)?;
    place.write(&configuration).await?;
    let steps = options.kind.setup();
    output.new_secrets(&row(name, options.kind, &place, &secrets, steps))?;
    Ok(Exit::Done)
}

async fn list(server: &Server, options: &ReceiverStore, output: &Output) -> anyhow::Result<Exit> {
    let place = ReceiverPlace::of(server, options).await?;
    let configuration = place.read().await?.unwrap_or_default();
    let requests = last_requests(server, &place).await?;
    output.receivers(&configuration.summaries(), &requests, SystemClock.now())?;
    Ok(Exit::Done)
}

/// The last requests of all receivers; none before the first run.
async fn last_requests(
    server: &Server,
    place: &ReceiverPlace,
) -> anyhow::Result<Vec<WebhookRequest>> {
    if let Some(table) = place.table() {
        return Ok(Store::new(table).last_requests().await?);
    }
    let file = state_file(server);
    if !file.exists() {
        return Ok(Vec::new());
    }
    let store = Store::new(SqliteTable::open_to_read(&file)?);
    Ok(store.last_requests().await?)
}

async fn rotate(
    server: &Server,
    options: &RotateReceiver,
    output: &Output,
) -> anyhow::Result<Exit> {
    let name = &options.receiver.name;
    let place = ReceiverPlace::of(server, &options.receiver.store).await?;
    let mut configuration = existing(&place).await?;
    if options.finish {
        let had_two = configuration.finish_rotation(name)?;
        place.write(&configuration).await?;
        output.rotation_finished(name, had_two)?;
        return Ok(Exit::Done);
    }
    let secrets = configuration.rotate(name, &random()?)?;
    place.write(&configuration).await?;
    let summaries = configuration.summaries().into_iter();
    let mut named = summaries.filter(|one| one.name == *name);
    let kind = named.next().and_then(|one| one.kind.parse().ok());
    let kind = kind.unwrap_or(Kind::Generic);
    output.new_secrets(&row(name, kind, &place, &secrets, rotation_steps(kind)))?;
    Ok(Exit::Done)
}

/// The remaining steps of a rotation.
fn rotation_steps(kind: Kind) -> &'static [&'static str] {
    match kind.needs_key() {
        true => &[
            "Replace the key in the sender by KEY; both keys are valid now.",
            "Then remove the previous key with feedctl webhooks rotate NAME --finish.",
        ],
        false => &["Replace the URL in the sender by URL; the previous URL is invalid now."],
    }
}

async fn remove(server: &Server, options: &NamedReceiver, output: &Output) -> anyhow::Result<Exit> {
    let place = ReceiverPlace::of(server, &options.store).await?;
    let mut configuration = existing(&place).await?;
    configuration.remove(&options.name)?;
    place.write(&configuration).await?;
    output.receiver_removed(&options.name)?;
    Ok(Exit::Done)
}

async fn existing(place: &ReceiverPlace) -> anyhow::Result<Configuration> {
    let found = place.read().await?;
    found.with_context(|| {
        format!(
            "cannot find {}; `feedctl webhooks add` creates it",
            place.name()
        )
    })
}

fn random() -> anyhow::Result<RandomBytes> {
    let mut bytes = [0; size_of::<RandomBytes>()];
    let filled = getrandom::fill(&mut bytes);
    filled.map_err(|error| anyhow::anyhow!("cannot make a key: {error}"))?;
    Ok(bytes)
}

fn row<'a>(
    name: &'a str,
    kind: Kind,
    place: &ReceiverPlace,
    secrets: &'a NewSecrets,
    steps: &'static [&'static str],
) -> NewSecretsRow<'a> {
    NewSecretsRow {
        name,
        kind: kind.name(),
        address: place.address().to_owned(),
        secrets,
        steps,
    }
}
