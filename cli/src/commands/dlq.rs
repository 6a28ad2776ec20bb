//! `feedctl dlq`: lists, redrives and deletes messages of a stack's dead-letter queues.

use anyhow::Context;
use futures_util::future::try_join_all;
use operator::ports::{
    DeadLetterMessage, DeadLetterQueues, DeadLetterReport, QueueError, QueueKind, Which,
};

use crate::args::{Dlq, ListMessages, SelectMessages, Server, ShowMessage};
use crate::exit::{Exit, UsageError};
use crate::output::Output;
use crate::reach::Reach;

/// The maximum number of messages of a queue that `show` searches.
const SEARCH_LIMIT: usize = 1_000;

pub(super) async fn dlq(server: &Server, command: &Dlq, output: &Output) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let deployed = reach.deployed();
    let queues = deployed
        .ok_or_else(|| {
            let error =
                "cannot use dead-letter queues: only a stack has them; name it with --stack or FEEDCTL_STACK";
            UsageError(error.to_owned())
        })?
        .queues();
    match command {
        Dlq::List(options) => list(&queues, options, output).await,
        Dlq::Show(options) => show(&queues, options, output).await,
        Dlq::Redrive(options) => {
            let report = redrive(&queues, options).await?;
            finish(&report, "Redrove", output)
        }
        Dlq::Delete(options) => {
            let report = delete(&queues, options).await?;
            finish(&report, "Deleted", output)
        }
    }
}

async fn list(
    queues: &impl DeadLetterQueues,
    options: &ListMessages,
    output: &Output,
) -> anyhow::Result<Exit> {
    let limit = usize::from(options.limit);
    output.messages(&read(queues, options.queue, limit).await?)?;
    Ok(Exit::Done)
}

async fn show(
    queues: &impl DeadLetterQueues,
    options: &ShowMessage,
    output: &Output,
) -> anyhow::Result<Exit> {
    let messages = read(queues, options.queue, SEARCH_LIMIT).await?;
    let found = messages.iter().find(|message| message.id == options.id);
    let message = found.with_context(|| {
        format!(
            "cannot find message `{}` among {} in the dead-letter queues; `feedctl dlq list` shows them",
            options.id,
            messages.len()
        )
    })?;
    output.message(message)?;
    Ok(Exit::Done)
}

/// The messages of one queue or of all, in the order of the pipeline.
async fn read(
    queues: &impl DeadLetterQueues,
    queue: Option<QueueKind>,
    limit: usize,
) -> Result<Vec<DeadLetterMessage>, QueueError> {
    let kinds = selected(queue);
    let lists = kinds.iter().map(|kind| queues.list(*kind, limit));
    Ok(try_join_all(lists).await?.concat())
}

async fn redrive(
    queues: &impl DeadLetterQueues,
    options: &SelectMessages,
) -> Result<DeadLetterReport, QueueError> {
    let mut kinds = selected(options.queue);
    if options.queue.is_none() {
        kinds.retain(|kind| kind.can_redrive());
    }
    each_queue(&kinds, options, async |kind, which: &Which| {
        queues.redrive(kind, which).await
    })
    .await
}

async fn delete(
    queues: &impl DeadLetterQueues,
    options: &SelectMessages,
) -> Result<DeadLetterReport, QueueError> {
    each_queue(
        &selected(options.queue),
        options,
        async |kind, which: &Which| queues.delete(kind, which).await,
    )
    .await
}

fn selected(queue: Option<QueueKind>) -> Vec<QueueKind> {
    queue.map_or_else(|| QueueKind::ALL.to_vec(), |queue| vec![queue])
}

/// Applies the action to one queue after the other; ids that are not in one queue are searched in the next.
async fn each_queue(
    kinds: &[QueueKind],
    options: &SelectMessages,
    action: impl AsyncFn(QueueKind, &Which) -> Result<DeadLetterReport, QueueError>,
) -> Result<DeadLetterReport, QueueError> {
    let mut sum = DeadLetterReport {
        absent: options.ids.clone(),
        ..DeadLetterReport::default()
    };
    for kind in kinds {
        let which = match options.all {
            true => Which::All,
            false if sum.absent.is_empty() => break,
            false => Which::These(std::mem::take(&mut sum.absent)),
        };
        let report = action(*kind, &which).await?;
        sum.done.extend(report.done);
        sum.left.extend(report.left);
        sum.absent = report.absent;
    }
    Ok(sum)
}

fn finish(report: &DeadLetterReport, action: &str, output: &Output) -> anyhow::Result<Exit> {
    output.dead_letter_report(report, action)?;
    let is_complete = report.left.is_empty() && report.absent.is_empty();
    Ok(match (is_complete, report.done.is_empty()) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Failed,
        (false, false) => Exit::Partly,
    })
}
