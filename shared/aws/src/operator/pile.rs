//! The dead letters of one queue: taken for a moment, then laid back, handed back or thrown away.

use std::collections::HashSet;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use engine::with_causes;
use operator::ports::{DeadLetterReport, Which};

use super::letter::REASONS;
use crate::Cause;

/// How long a letter that was taken stays out of others' sight. Taking, and doing something with, as many
/// as [`MOST`] is over by then; what was not laid back comes back by itself.
const TAKEN_SECONDS: i32 = 120;

/// The most letters that are taken at a time.
const MOST: usize = 1_000;

/// The most that SQS hands over at once.
const AT_ONCE: usize = 10;

/// How long SQS looks for letters before it says that there are none. Any wait at all makes it ask every
/// one of its servers; without, it may overlook some.
const WAIT_SECONDS: i32 = 1;

/// The dead letters of one queue.
pub(super) struct Pile<'a> {
    pub(super) client: &'a Client,
    /// Where they lie.
    pub(super) url: &'a str,
}

/// What is done with a letter.
#[derive(Clone, Copy)]
pub(super) enum Deed<'a> {
    /// Handed back to this queue.
    HandBack(&'a str),
    /// Thrown away.
    Discard,
}

impl Pile<'_> {
    /// Takes letters: at most so many, and no more once those that are wanted were among them.
    pub(super) async fn take(&self, most: usize, which: &Which) -> Result<Vec<Message>, Cause> {
        let most = most.min(MOST);
        let (mut taken, mut seen) = (Vec::new(), HashSet::new());
        let is_enough = |seen: &HashSet<String>| match which {
            Which::All => false,
            Which::These(ids) => ids.iter().all(|id| seen.contains(id)),
        };
        while taken.len() < most && !is_enough(&seen) {
            let messages = self.receive(AT_ONCE.min(most - taken.len())).await?;
            if messages.is_empty() {
                break;
            }
            // SQS may deliver a message twice, whatever was said of its visibility.
            taken.extend(messages.into_iter().filter(|one| seen.insert(id(one))));
        }
        Ok(taken)
    }

    async fn receive(&self, most: usize) -> Result<Vec<Message>, Cause> {
        let ask = self
            .client
            .receive_message()
            .queue_url(self.url)
            .max_number_of_messages(i32::try_from(most)?)
            .visibility_timeout(TAKEN_SECONDS)
            .wait_time_seconds(WAIT_SECONDS)
            .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
            .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
            .set_message_attribute_names(Some(REASONS.map(str::to_owned).to_vec()));
        Ok(ask.send().await?.messages.unwrap_or_default())
    }

    /// Lays letters back. One of which that fails comes back by itself, a little later.
    pub(super) async fn lay_back(&self, letters: impl IntoIterator<Item = Message>) {
        for letter in letters {
            let ask = self.client.change_message_visibility().queue_url(self.url);
            let ask = ask.set_receipt_handle(letter.receipt_handle);
            let _ = ask.visibility_timeout(0).send().await;
        }
    }

    /// Takes letters, does this with those that are meant, and lays the others back. All are taken before
    /// the first is handed back: what is given up again meanwhile is not taken for one of them.
    pub(super) async fn clear(
        &self,
        which: &Which,
        deed: Deed<'_>,
    ) -> Result<DeadLetterReport, Cause> {
        let taken = self.take(MOST, which).await?;
        let is_meant = |letter: &Message| match which {
            Which::All => true,
            Which::These(ids) => ids.contains(&id(letter)),
        };
        let (meant, others): (Vec<_>, Vec<_>) = taken.into_iter().partition(is_meant);
        self.lay_back(others).await;
        let mut clearing = DeadLetterReport::default();
        for letter in meant {
            match self.carry_out(deed, &letter).await {
                Ok(()) => clearing.done.push(id(&letter)),
                Err(error) => {
                    let why = with_causes(error.as_ref());
                    clearing.left.push((id(&letter), why));
                    self.lay_back([letter]).await;
                }
            }
        }
        clearing.absent = absent(which, &clearing);
        Ok(clearing)
    }

    /// First laid there, then taken from here: what is interrupted in between is there twice.
    async fn carry_out(&self, deed: Deed<'_>, letter: &Message) -> Result<(), Cause> {
        if let Deed::HandBack(queue) = deed {
            let send = self.client.send_message().queue_url(queue);
            send.set_message_body(letter.body.clone()).send().await?;
        }
        let delete = self.client.delete_message().queue_url(self.url);
        let handle = letter.receipt_handle.clone();
        delete.set_receipt_handle(handle).send().await?;
        Ok(())
    }
}

fn id(letter: &Message) -> String {
    letter.message_id.clone().unwrap_or_default()
}

/// Those that were named and are not there.
fn absent(which: &Which, clearing: &DeadLetterReport) -> Vec<String> {
    let Which::These(ids) = which else {
        return Vec::new();
    };
    let left = clearing.left.iter().map(|(id, _)| id);
    let known: HashSet<_> = clearing.done.iter().chain(left).collect();
    ids.iter()
        .filter(|id| !known.contains(id))
        .cloned()
        .collect()
}
