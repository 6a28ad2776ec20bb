//! `feedctl dlq`: what a stack has given up on, and what to do about it.

use anyhow::Context;
use futures_util::future::try_join_all;
use operator::ports::{
    DeadLetterMessage, DeadLetterQueues, DeadLetterReport, QueueError, QueueKind, Which,
};

use crate::args::{ClearLetters, Dlq, ListLetters, Server, ShowLetter};
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::Reach;

/// The most letters that are looked through for one.
const LOOKED_THROUGH: usize = 1_000;

pub(super) async fn dlq(server: &Server, command: &Dlq, output: &Output) -> anyhow::Result<Exit> {
    let reach = Reach::of(server).await?;
    let deployed = reach.deployed();
    let queues = deployed
        .context("dead letters are a stack's; name it with --stack or FEEDCTL_STACK")?
        .queues();
    match command {
        Dlq::List(options) => list(&queues, options, output).await,
        Dlq::Show(options) => show(&queues, options, output).await,
        Dlq::Redrive(options) => {
            let cleared = redrive(&queues, options).await?;
            told(&cleared, "handed back", output)
        }
        Dlq::Discard(options) => {
            let cleared = discard(&queues, options).await?;
            told(&cleared, "thrown away", output)
        }
    }
}

async fn list(
    queues: &impl DeadLetterQueues,
    options: &ListLetters,
    output: &Output,
) -> anyhow::Result<Exit> {
    let most = usize::from(options.limit);
    output.letters(&look(queues, options.queue, most).await?)?;
    Ok(Exit::Done)
}

async fn show(
    queues: &impl DeadLetterQueues,
    options: &ShowLetter,
    output: &Output,
) -> anyhow::Result<Exit> {
    let letters = look(queues, options.queue, LOOKED_THROUGH).await?;
    let found = letters.iter().find(|letter| letter.id == options.id);
    let letter = found.with_context(|| {
        let count = letters.len();
        format!(
            "there is no dead letter `{}` among {count}; `dlq list` shows them",
            options.id
        )
    })?;
    output.letter(letter)?;
    Ok(Exit::Done)
}

/// The letters of one queue or of all, in the order of the flow.
async fn look(
    queues: &impl DeadLetterQueues,
    queue: Option<QueueKind>,
    most: usize,
) -> Result<Vec<DeadLetterMessage>, QueueError> {
    let kinds = chosen(queue);
    let piles = kinds.iter().map(|kind| queues.list(*kind, most));
    Ok(try_join_all(piles).await?.concat())
}

async fn redrive(
    queues: &impl DeadLetterQueues,
    options: &ClearLetters,
) -> Result<DeadLetterReport, QueueError> {
    let mut kinds = chosen(options.queue);
    if options.queue.is_none() {
        kinds.retain(|kind| kind.can_redrive());
    }
    each(&kinds, options, async |kind, which: &Which| {
        queues.redrive(kind, which).await
    })
    .await
}

async fn discard(
    queues: &impl DeadLetterQueues,
    options: &ClearLetters,
) -> Result<DeadLetterReport, QueueError> {
    each(
        &chosen(options.queue),
        options,
        async |kind, which: &Which| queues.discard(kind, which).await,
    )
    .await
}

fn chosen(queue: Option<QueueKind>) -> Vec<QueueKind> {
    queue.map_or_else(|| QueueKind::ALL.to_vec(), |queue| vec![queue])
}

/// One queue after the other; what is not in one is looked for in the next.
async fn each(
    kinds: &[QueueKind],
    options: &ClearLetters,
    clear: impl AsyncFn(QueueKind, &Which) -> Result<DeadLetterReport, QueueError>,
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
        let cleared = clear(*kind, &which).await?;
        sum.done.extend(cleared.done);
        sum.left.extend(cleared.left);
        sum.absent = cleared.absent;
    }
    Ok(sum)
}

fn told(cleared: &DeadLetterReport, deed: &str, output: &Output) -> anyhow::Result<Exit> {
    output.cleared(cleared, deed)?;
    let is_complete = cleared.left.is_empty() && cleared.absent.is_empty();
    Ok(match (is_complete, cleared.done.is_empty()) {
        (true, _) => Exit::Done,
        (false, true) => Exit::Failed,
        (false, false) => Exit::Partly,
    })
}
