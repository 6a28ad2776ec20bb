//! The default notes of a release: a table of the changed packages.

use super::super::situation::Situation;
use super::item::Item;
use crate::link::source;
use crate::markdown::{MarkdownTable, escaped, linked};
use crate::options::ReleaseContext;

/// Hex digits of a digest in the table. The lines at the end of the notes have the whole digests.
const DIGEST_DIGITS: usize = 12;

/// The default notes: a table of the changed packages, and the others in one line.
pub(super) fn default_notes(situation: &Situation<'_>, items: &[Item<'_>]) -> String {
    let by = format!(
        "Created by the feed trigger \"{}\".",
        situation.trigger.name
    );
    let (changed, same): (Vec<_>, Vec<_>) = items.iter().partition(|item| item.is_changed());
    let mut blocks = vec![by];
    if !changed.is_empty() {
        let context = &situation.trigger.options.release_context;
        let has_commits = context.contains(&ReleaseContext::Commits);
        blocks.push(table(&changed, has_commits));
    }
    if !same.is_empty() {
        let same = same.iter().map(|item| name_and_version(item));
        blocks.push(format!(
            "Unchanged: {}.",
            same.collect::<Vec<_>>().join(", ")
        ));
    }
    blocks.join("\n\n")
}

fn table(changed: &[&Item<'_>], has_commits: bool) -> String {
    let mut table = MarkdownTable::new(&["Package", "Previous", "New", "Digest", "Commit"]);
    for item in changed {
        let planned = &item.planned;
        let previous = planned.previous.as_deref().map_or("none".into(), escaped);
        table.row([
            linked(&escaped(&planned.package), item.link.as_deref()),
            previous,
            escaped(&planned.version),
            digests(item),
            commit(item, has_commits),
        ]);
    }
    table.to_string()
}

fn name_and_version(item: &Item<'_>) -> String {
    let planned = &item.planned;
    let text = format!(
        "{} {}",
        escaped(&planned.package),
        escaped(&planned.version)
    );
    linked(&text, item.link.as_deref())
}

/// The new digest and the previous one, shortened. Empty without a digest.
fn digests(item: &Item<'_>) -> String {
    let new = item.planned.digest.as_deref().map(short);
    match (new, item.previous_digest.as_deref().map(short)) {
        (Some(new), Some(previous)) if previous != new => format!("`{new}`, was `{previous}`"),
        (Some(new), _) => format!("`{new}`"),
        (None, _) => String::new(),
    }
}

/// The commit with a link to it, and links to the changes or else to the sources. Empty if the labels name no commit.
fn commit(item: &Item<'_>, is_listed: bool) -> String {
    let Some(revision) = item.revision().filter(|_| is_listed) else {
        return String::new();
    };
    let text = source::short_commit(revision).unwrap_or_else(|| escaped(revision));
    let mut parts = vec![linked(&text, item.commit_link().as_deref())];
    match (item.diff_link(), item.commit_link(), item.source_link()) {
        (Some(diff), ..) => parts.push(format!("[changes]({diff})")),
        (None, None, Some(source)) => parts.push(format!("[source]({source})")),
        _ => {}
    }
    parts.join(", ")
}

/// The first digits of a digest, without its algorithm.
fn short(digest: &str) -> String {
    let digits = digest.split_once(':').map_or(digest, |(_, digits)| digits);
    digits.chars().take(DIGEST_DIGITS).collect()
}
