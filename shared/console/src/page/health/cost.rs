//! The estimated cost so far, from the scheduler's counts.

use domain::time::Timestamp;
use domain::usage::Usage;
use engine::ports::Clock;
use maud::{Markup, html};
use operator::cost::{Cost, PRICES};
use operator::overview::Overview;

use crate::parts::{clock, empty_note, section, table, time};
use crate::{Actions, Console, ConsoleOctopus, ConsoleStore};

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(super) fn cost_so_far(&self, overview: &Overview, now: Timestamp) -> Markup {
        let counted = overview.last_run.and_then(|counted| counted.counted);
        let body = match counted {
            None => empty_note("No scheduler run was counted yet."),
            Some(counted) => html! {
                (work(&counted))
                @if self.actions.queues().is_some() {
                    (dollars(&Cost::of(&counted, now), &counted, now))
                } @else {
                    p { "There is no usage-based cost on one machine." }
                }
            },
        };
        section("cost", "Cost so far", &body)
    }
}

fn work(counted: &Usage) -> Markup {
    let facts = [
        ("Scheduler runs", counted.runs),
        ("Requested checks", counted.checks),
        ("Checked packages", counted.packages),
        ("Requested evaluations", counted.evaluations),
    ];
    html! {
        dl.facts {
            div { dt { "Counted since" } dd { (clock(counted.since)) } }
            @for (name, count) in facts { div { dt { (name) } dd { (grouped(count)) } } }
        }
    }
}

fn dollars(cost: &Cost, counted: &Usage, now: Timestamp) -> Markup {
    let row = |(name, dollars): (&'static str, f64)| {
        html! { th scope="row" { (name) } td.number { (format!("{dollars:.2}")) } }
    };
    let rows: Vec<_> = cost.parts.into_iter().map(row).collect();
    html! {
        p.lead {
            "About " strong { (format!("{:.2}", cost.sum())) " US dollars" } " since " (time(counted.since, now))
        }
        (table("cost", &["Service", "#US dollars"], &rows))
        p.muted {
            "Estimated from these counts at AWS's list prices (" (PRICES) "), like the guide's calculator. Excludes "
            "alarms, pushes, retries, taxes and discounts."
        }
    }
}

/// `21,900,000`
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grouped_separates_thousands() {
        let shown = [0, 999, 1_000, 21_900_000].map(grouped);
        assert_eq!(shown, ["0", "999", "1,000", "21,900,000"]);
    }
}
