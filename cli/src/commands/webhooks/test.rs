//! `feedctl webhooks test`: sends a sample request of the receiver's kind to its URL, as its sender would.

use std::time::Duration;

use anyhow::{Context, ensure};
use domain::push::PackagePush;
use domain::time::Timestamp;
use engine::ports::{Clock, WatchLists};
use host::SystemClock;
use local::SqliteTable;
use secrecy::ExposeSecret;
use store::Store;
use webhooks::{Admission, AdmissionResult, Configuration, Receivers, SamplePush};

use super::existing;
use super::place::ReceiverPlace;
use crate::args::{Server, TestReceiver};
use crate::exit::{Exit, UsageError};
use crate::output::{Output, TestedReceiver};
use crate::reach::state_file;

/// The longest time for an answer. Senders wait less; a cold start of a stack takes a second.
const TIME_LIMIT: Duration = Duration::from_secs(15);

pub(super) async fn test(
    server: &Server,
    options: &TestReceiver,
    output: &Output,
) -> anyhow::Result<Exit> {
    let name = &options.receiver.name;
    let place = ReceiverPlace::of(server, &options.receiver.store).await?;
    if !place.has_address() {
        let error = "the address of the receiver is unknown; use --url, such as --url http://127.0.0.1:9464";
        return Err(UsageError(error.to_owned()).into());
    }
    let configuration = existing(&place).await?;
    let push = SamplePush {
        registry: options.registry.clone(),
        repository: options.repository.clone(),
        tag: options.tag.clone(),
    };
    let sample = configuration.sample(name, &push)?;
    let pushes = pushes(&configuration, &sample)?;
    let (status, answer) = send(place.address(), sample).await?;
    let is_accepted = status == 202;
    let checks = match is_accepted {
        true => checks(server, &place, &pushes).await?,
        false => None,
    };
    output.tested(&TestedReceiver {
        name,
        kind: configuration.kind(name)?.name(),
        subject: format!("{}:{}", push.repository, push.tag),
        status,
        verdict: verdict(status, &answer),
        checks,
    })?;
    Ok(if is_accepted {
        Exit::Done
    } else {
        Exit::Partly
    })
}

/// The pushes that the receiver reads from the sample.
fn pushes(
    configuration: &Configuration,
    sample: &http::Request<bytes::Bytes>,
) -> anyhow::Result<Vec<PackagePush>> {
    let receivers = Receivers::parse(configuration.text()?.expose_secret())?;
    let now: Timestamp = SystemClock.now();
    match Admission::default().judge(&receivers, sample, now, None) {
        AdmissionResult::Accepted(accepted) => Ok(accepted.into_package_pushes().collect()),
        other => anyhow::bail!("cannot use the sample: {other:?}"),
    }
}

/// Sends the request; returns the status and the text of the answer.
async fn send(address: &str, sample: http::Request<bytes::Bytes>) -> anyhow::Result<(u16, String)> {
    let (head, body) = sample.into_parts();
    let url = reqwest::Url::parse(&format!("{address}{}", head.uri.path()));
    let url = url.map_err(|error| UsageError(format!("cannot use --url {address}: {error}")))?;
    ensure!(
        matches!(url.scheme(), "http" | "https"),
        UsageError(format!(
            "cannot use --url {address}: it is not an http or https URL"
        ))
    );
    http_client::check_named_server(&url).context("cannot use --url")?;
    let request = http_client::named_server_client()?
        .post(url)
        .timeout(TIME_LIMIT)
        .headers(head.headers)
        .body(body);
    // The path is a secret, and the error would repeat it.
    let response = request.send().await.map_err(reqwest::Error::without_url);
    let response = response.with_context(|| {
        format!("cannot reach the receiver at {address}; start it, or correct --url")
    })?;
    let status = response.status().as_u16();
    let text = response.text().await.unwrap_or_default();
    Ok((status, text))
}

/// The packages that the pushes ask to check; `None` if the triggers were never read.
async fn checks(
    server: &Server,
    place: &ReceiverPlace,
    pushes: &[PackagePush],
) -> anyhow::Result<Option<Vec<String>>> {
    let stored = match place.table() {
        Some(table) => Store::new(table).watch_list().await?,
        None => {
            let file = state_file(server);
            if !file.exists() {
                return Ok(None);
            }
            Store::new(SqliteTable::open_to_read(&file)?)
                .watch_list()
                .await?
        }
    };
    let Some(stored) = stored else {
        return Ok(None);
    };
    let packages = pushes
        .iter()
        .flat_map(|push| push.packages(&stored.list).unwrap_or_default());
    let named = packages.map(|key| {
        let feed = stored.list.feed(&key.space, &key.feed);
        let feed = feed.map_or(key.feed.as_str(), |feed| feed.name.as_str());
        format!("{} of {feed}", key.package)
    });
    Ok(Some(named.collect()))
}

/// The meaning of an answer, with the remedy.
fn verdict(status: u16, answer: &str) -> String {
    let json: serde_json::Value = serde_json::from_str(answer).unwrap_or_default();
    match (status, json["ignored"].as_str()) {
        (202, _) => "accepted".to_owned(),
        (200, Some(reason)) => format!("ignored: {reason}"),
        (401, _) => "refused: the receiver at this address has another key; a stack reads new keys after one minute".to_owned(),
        (403, _) => "refused before the receiver: the Function URL is not public; deploy the stack again".to_owned(),
        (404, _) => "refused: no receiver has this path; use the file or stack of this address, and look for a proxy that changes paths. A stack reads new receivers after one minute".to_owned(),
        (405 | 413 | 415, _) => format!("refused with {status}: look for a proxy that changes requests"),
        (429, _) => "refused: more requests arrive than WebhookConcurrency admits".to_owned(),
        (503, _) => "not accepted: the push cannot be queued; the receiver's log contains the reason".to_owned(),
        _ => format!("not accepted: the address answered {status}, which is not an answer of a receiver"),
    }
}
