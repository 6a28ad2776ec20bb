//! The keys of all rows; the crate's documentation has a table of them.

use domain::budget::BudgetKey;
use domain::ids::{FeedId, PackageId, PackageKey, SpaceId, TriggerId};
use domain::push::WebhookRequest;
use domain::time::Timestamp;
use engine::ports::{LedgerId, PauseKey};
use sha2::{Digest, Sha256};

use crate::table::Key;

pub(crate) const WATCH_LIST: &str = "watch-list";
pub(crate) const PAUSES: &str = "pauses";
/// The prefix of the sort keys of budgets. No pause has it.
pub(crate) const BUDGET: &str = "budget#";
/// The sort key of the rate limiter of Octopus's requests. No pause has it.
pub(crate) const RATE_LIMITER: &str = "rate-limiter";
pub(crate) const WEBHOOKS: &str = "webhooks";
pub(crate) const LATEST: &str = "latest";

/// A longer part is replaced by its hash. DynamoDB's limit for sort keys is 1,024 bytes, and a key has up to
/// three parts of unlimited length; ids are far shorter.
const MAX_PART_BYTES: usize = 256;

/// The head of a partition with a body.
pub(crate) fn head(partition: impl Into<String>) -> Key {
    Key {
        partition: partition.into(),
        sort: "head".to_owned(),
    }
}

pub(crate) fn scheduler_run() -> Key {
    Key {
        partition: "scheduler".to_owned(),
        sort: "last-run".to_owned(),
    }
}

pub(crate) fn deployed_settings() -> Key {
    Key {
        partition: "scheduler".to_owned(),
        sort: "settings".to_owned(),
    }
}

pub(crate) fn trigger_file() -> Key {
    Key {
        partition: "trigger-file".to_owned(),
        sort: "applied".to_owned(),
    }
}

pub(crate) fn pause(key: &PauseKey) -> Key {
    let sort = match key {
        PauseKey::Feed(space, feed) => join(&["feed", space.as_str(), feed.as_str()]),
        PauseKey::Package(PackageKey {
            space,
            feed,
            package,
        }) => join(&["package", space.as_str(), feed.as_str(), package.as_str()]),
        PauseKey::Trigger(space, trigger) => join(&["trigger", space.as_str(), trigger.as_str()]),
    };
    Key {
        partition: PAUSES.to_owned(),
        sort,
    }
}

/// In the partition of the pauses, for the same reason as a budget.
pub(crate) fn rate_limiter() -> Key {
    Key {
        partition: PAUSES.to_owned(),
        sort: RATE_LIMITER.to_owned(),
    }
}

/// In the partition of the pauses, so that one query returns everything that delays requests.
pub(crate) fn budget(key: &BudgetKey) -> Key {
    let parts = match key {
        BudgetKey::Octopus => vec!["octopus"],
        BudgetKey::Anonymous { origin } => vec!["anonymous", origin],
        BudgetKey::Own { origin, feed } => vec!["own", origin, feed.as_str()],
        BudgetKey::Ecr { region } => vec!["ecr", region],
    };
    Key {
        partition: PAUSES.to_owned(),
        sort: format!("{BUDGET}{}", join(&parts)),
    }
}

pub(crate) fn snapshot(package: &PackageKey) -> String {
    snapshot_of(&package.space, &package.feed, &package.package)
}

pub(crate) fn snapshot_of(space: &SpaceId, feed: &FeedId, package: &PackageId) -> String {
    join(&["snapshot", space.as_str(), feed.as_str(), package.as_str()])
}

pub(crate) fn ledger(id: &LedgerId) -> Key {
    let partition = match id {
        LedgerId::Plan(plan) => join(&["plan", plan.as_str()]),
        LedgerId::ChannelLock(space, project, channel) => {
            join(&["lock", space.as_str(), project.as_str(), channel.as_str()])
        }
    };
    Key {
        partition,
        sort: "entry".to_owned(),
    }
}

pub(crate) fn documents(space: &SpaceId, trigger: &TriggerId) -> Key {
    Key {
        partition: join(&["documents", space.as_str(), trigger.as_str()]),
        sort: "entry".to_owned(),
    }
}

pub(crate) fn history(space: &SpaceId, trigger: &TriggerId) -> String {
    join(&["history", space.as_str(), trigger.as_str()])
}

/// Evaluations sort by time. The content hash distinguishes two evaluations of one millisecond, and recording an
/// evaluation twice results in one row.
pub(crate) fn evaluation(space: &SpaceId, trigger: &TriggerId, at: Timestamp, body: &[u8]) -> Key {
    let sort = format!("{:015}#{}", at.as_millis().max(0), &hex(body)[..16]);
    Key {
        partition: history(space, trigger),
        sort,
    }
}

pub(crate) fn latest(space: &SpaceId, trigger: &TriggerId) -> Key {
    Key {
        partition: LATEST.to_owned(),
        sort: join(&[space.as_str(), trigger.as_str()]),
    }
}

pub(crate) fn webhook_request(request: &WebhookRequest) -> Key {
    Key {
        partition: WEBHOOKS.to_owned(),
        sort: join(&[&request.receiver, request.outcome.name()]),
    }
}

/// The SHA-256 of the bytes, 64 hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}

/// Joins the parts with `#`. A `#` within a part is escaped, so different parts never give the same key; a long
/// part is replaced by its hash.
fn join(parts: &[&str]) -> String {
    let mut key = String::with_capacity(parts.iter().map(|part| part.len() + 1).sum());
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            key.push('#');
        }
        add_part(&mut key, part);
    }
    key
}

fn add_part(key: &mut String, part: &str) {
    if part.len() > MAX_PART_BYTES {
        key.push('~');
        key.push_str(&hex(part.as_bytes()));
        return;
    }
    if !part.contains(['%', '#', '~']) {
        key.push_str(part);
        return;
    }
    for char in part.chars() {
        match char {
            '%' => key.push_str("%25"),
            '#' => key.push_str("%23"),
            '~' => key.push_str("%7E"),
            other => key.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_different_parts_differ() {
        let long = "x".repeat(300);
        let keys = [
            join(&["a", "b#c"]),
            join(&["a#b", "c"]),
            join(&["a", "b", "c"]),
            join(&["a", "b%23c"]),
            join(&["a", &long]),
            join(&["a", &format!("~{}", hex(long.as_bytes()))]),
        ];
        for (index, key) in keys.iter().enumerate() {
            assert!(!keys[..index].contains(key), "{key}");
        }
        assert_eq!(keys[2], "a#b#c");
        assert!(keys[4].len() < 100);
    }

    #[test]
    fn evaluations_sort_by_time() {
        let key = |millis| {
            let at = Timestamp::from_millis(millis);
            evaluation(&SpaceId::new("Spaces-1"), &TriggerId::new("T-1"), at, b"x").sort
        };
        assert!(key(999) < key(1_000) && key(1_000) < key(1_700_000_000_000));
    }
}
