//! `feedctl feeds`: how each feed is read, how its last check ended, and what it holds now.

mod check;
mod list;

pub(super) use check::check;
pub(super) use list::list;

use domain::budget::Quota;
use domain::feed::{Feed, Route};

use crate::output::QuotaRow;

/// Octopus shows its built-in feed under two ids; one is enough for people.
fn each_once(feeds: Vec<Feed>) -> impl Iterator<Item = Feed> {
    let mut seen = std::collections::BTreeSet::new();
    feeds
        .into_iter()
        .filter(move |feed| seen.insert((feed.space.clone(), feed.name.clone())))
}

fn route_name(route: Route) -> &'static str {
    match route {
        Route::Direct => "direct",
        Route::Octopus => "octopus",
    }
}

fn quota_row(quota: &Quota) -> QuotaRow {
    QuotaRow {
        limit: quota.limit,
        remaining: quota.remaining,
        resets_at: quota.resets_at.map(|at| at.to_string()),
    }
}
