//! What these options would have done: the trigger, simulated over what is remembered, beside what was done.

use domain::options::{CatchUp, FirstSight, Options, VersionSelection, When};
use domain::plan::PlanKey;
use domain::time::Span;
use domain::trigger::Trigger;
use engine::explain::{Comparison, Explain};
use engine::ports::{Clock, Release};
use maud::{Markup, html};

use crate::answer::Visit;
use crate::fault::Fault;
use crate::form::Form;
use crate::layout::{Page, Section};
use crate::parts::{Tone, badge, clock, nothing, notice, outside};
use crate::{Console, Hand, Memory, Octopus, path};

/// How far back, if nothing is said.
const USUAL: &str = "14d";

/// The most that is listed of each side.
const LISTED: usize = 100;

impl<S: Memory, O: Octopus, C: Clock, H: Hand> Console<S, O, C, H> {
    pub(crate) async fn simulation(
        &self,
        space: &domain::ids::SpaceId,
        id: &domain::ids::TriggerId,
        visit: &Visit<'_>,
    ) -> Result<Page, Fault> {
        let mut trigger = self.watched(space, id).await?;
        let asked = &visit.query;
        let chosen = choose(&mut trigger, asked);
        let body = html! {
            p { a href=(path::trigger(space, id)) { "Back to " (trigger.name) } }
            (form(asked))
            @match chosen {
                Err(problems) => (notice(Tone::Bad, &html! {
                    strong { "These options cannot be used" }
                    ul.plain { @for problem in &problems { li { (problem) } } }
                })),
                Ok(since) => (self.simulated(trigger, since, visit).await?),
            }
        };
        Ok(Page {
            title: "What these options would have done".to_owned(),
            section: Section::Triggers,
            above: html! {},
            body,
        })
    }

    async fn simulated(
        &self,
        mut trigger: Trigger,
        back: Span,
        visit: &Visit<'_>,
    ) -> Result<Markup, Fault> {
        if let Some(problem) = &trigger.problem {
            return Ok(notice(Tone::Bad, &html! { (problem) }));
        }
        let since = visit.now - back;
        // As though it had been watched from the beginning.
        trigger.since = trigger.since.min(since);
        let engine = Explain {
            store: &self.store,
            octopus: &self.octopus,
            clock: &self.clock,
        };
        let comparison = engine.since(&trigger, since).await?;
        Ok(html! {
            p.lead {
                "Since " (clock(since)) " it would have made "
                strong { (comparison.simulation.releases.len()) }
                " releases; in its channel " strong { (comparison.made.len()) } " were made."
            }
            div.columns {
                (would(&comparison))
                (did(self, &trigger, &comparison))
            }
            p.muted {
                "Versions that are gone, and earlier pushes of a tag that was pushed again, are not remembered; "
                "process and rules are the present ones."
            }
        })
    }
}

fn would(comparison: &Comparison) -> Markup {
    let simulation = &comparison.simulation;
    html! {
        section aria-labelledby="would" {
            h2 #would { "Would have been made" }
            @if simulation.releases.is_empty() { (nothing("No release.")) }
            ol.plain.log {
                @for one in simulation.releases.iter().rev().take(LISTED) {
                    li {
                        p.small.muted { (clock(one.at)) }
                        p {
                            @for package in &one.plan.packages {
                                code { (package.package) } " " strong { (package.version) } " "
                            }
                        }
                        p.small { (one.reason) }
                    }
                }
            }
            @if !simulation.held_back.is_empty() {
                h3 { "Held back" }
                ol.plain.log {
                    @for one in simulation.held_back.iter().rev().take(LISTED) {
                        li {
                            p.small.muted { (clock(one.at)) }
                            p.small { (one.decision) }
                        }
                    }
                }
            }
            @if let Some(at) = simulation.cut_at {
                p { "It was not simulated from " (clock(at)) " on." }
            }
        }
    }
}

fn did<S, O, C, H>(
    console: &Console<S, O, C, H>,
    trigger: &Trigger,
    comparison: &Comparison,
) -> Markup {
    let is_ours = |release: &Release| PlanKey::stamped_in(&release.notes).is_some();
    html! {
        section aria-labelledby="did" {
            h2 #did { "Was made" }
            @if comparison.made.is_empty() { (nothing("No release.")) }
            ol.plain.log {
                @for release in comparison.made.iter().take(LISTED) {
                    @let place = console.settings.links.release(&trigger.space, &release.id);
                    li {
                        @if let Some(at) = release.assembled { p.small.muted { (clock(at)) } }
                        p {
                            (outside(place.as_deref(), &release.version)) " "
                            @if is_ours(release) {
                                (badge(Tone::Info, "by a feed trigger"))
                            } @else {
                                (badge(Tone::Quiet, "by somebody else"))
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A field of text with its label and a hint.
struct Field {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
}

const TRIGGER: [Field; 4] = [
    Field {
        name: "since",
        label: "How far back",
        hint: "such as 24h or 14d",
    },
    Field {
        name: "quietPeriod",
        label: "Quiet period",
        hint: "such as 5m",
    },
    Field {
        name: "minimumAge",
        label: "Minimum age",
        hint: "such as 1h",
    },
    Field {
        name: "maxReleasesPerHour",
        label: "Releases an hour, at most",
        hint: "a number",
    },
];

const VERSIONS: [Field; 4] = [
    Field {
        name: "range",
        label: "Version range",
        hint: "such as [1.0,2.0)",
    },
    Field {
        name: "preReleaseTag",
        label: "Pre-release tag",
        hint: "a pattern, ^$ for none",
    },
    Field {
        name: "include",
        label: "Only versions that match",
        hint: "a pattern",
    },
    Field {
        name: "exclude",
        label: "No versions that match",
        hint: "a pattern",
    },
];

/// A choice with its label: what is sent, and what it says.
struct Choice {
    name: &'static str,
    label: &'static str,
    values: [(&'static str, &'static str); 3],
}

const CHOICES: [Choice; 2] = [
    Choice {
        name: "when",
        label: "When",
        values: [
            ("any", "any source is newer"),
            ("all", "all sources are newer"),
            ("sameVersion", "all share a version"),
        ],
    },
    Choice {
        name: "catchUp",
        label: "Of several new versions",
        values: [
            ("newest", "the newest"),
            ("every", "every one"),
            ("newestPerMinor", "the newest of each minor version"),
        ],
    },
];

/// Asks by an address, so that a simulation can be kept and sent to somebody.
fn form(asked: &Form) -> Markup {
    html! {
        form.options method="get" {
            fieldset {
                legend { "The trigger" }
                @for field in &TRIGGER { (text(field, asked)) }
                @for Choice { name, label, values } in CHOICES {
                    @let chosen = asked.one(name);
                    div.field {
                        label for=(name) { (label) }
                        select id=(name) name=(name) {
                            @for (value, text) in values {
                                option value=(value) selected[chosen.as_deref() == Some(value)] { (text) }
                            }
                        }
                    }
                }
                div.field.tick {
                    input #baseline type="checkbox" name="baseline" value="yes" checked[asked.has("baseline")];
                    label for="baseline" { "What was there at first counts as known" }
                }
            }
            fieldset {
                legend { "Versions of every source" }
                @for field in &VERSIONS { (text(field, asked)) }
            }
            button.primary type="submit" name="options" value="these" { "Simulate" }
            p.muted {
                "Nothing is created or kept. Until options are sent, the trigger is simulated with its own."
            }
        }
    }
}

fn text(field: &Field, asked: &Form) -> Markup {
    let usual = (field.name == "since").then_some(USUAL);
    let value = asked.one(field.name);
    let value = value.as_deref().or(usual).unwrap_or_default();
    html! {
        div.field {
            label for=(field.name) { (field.label) }
            input id=(field.name) name=(field.name) value=(value) autocomplete="off"
                aria-describedby={ (field.name) "-hint" };
            p.hint id={ (field.name) "-hint" } { (field.hint) }
        }
    }
}

/// Gives the trigger the options that were asked for, and tells how far back; or what is wrong with them.
fn choose(trigger: &mut Trigger, asked: &Form) -> Result<Span, Vec<String>> {
    let mut problems = Vec::new();
    let since = span(asked, "since", &mut problems);
    let since = since.unwrap_or_else(|| trigger_file::duration(USUAL).unwrap_or_default());
    if asked.has("options") {
        trigger.options = chosen_options(asked, &mut problems);
        let versions = chosen_versions(asked);
        for source in &mut trigger.sources {
            source.selection.versions = versions.clone();
            source.selection.follow = None;
        }
        let mut errors = trigger.options.check();
        if let Some(source) = trigger.sources.first() {
            errors.extend(source.selection.check(None));
        }
        problems.extend(errors.iter().map(ToString::to_string));
    }
    if problems.is_empty() {
        Ok(since)
    } else {
        Err(problems)
    }
}

fn chosen_options(asked: &Form, problems: &mut Vec<String>) -> Options {
    let max_releases_per_hour = asked.one("maxReleasesPerHour").and_then(|text| {
        let number = text.parse();
        let unread =
            |_| problems.push(format!("maxReleasesPerHour: `{text}` is no number above 0"));
        number.map_err(unread).ok()
    });
    Options {
        when: match asked.one("when").as_deref() {
            Some("all") => When::All,
            Some("sameVersion") => When::SameVersion { extract: None },
            _ => When::Any,
        },
        catch_up: match asked.one("catchUp").as_deref() {
            Some("every") => CatchUp::Every,
            Some("newestPerMinor") => CatchUp::NewestPerMinor,
            _ => CatchUp::Newest,
        },
        first_sight: if asked.has("baseline") {
            FirstSight::Baseline
        } else {
            FirstSight::Compare
        },
        quiet_period: span(asked, "quietPeriod", problems),
        minimum_age: span(asked, "minimumAge", problems),
        max_releases_per_hour,
        ..Options::default()
    }
}

fn chosen_versions(asked: &Form) -> VersionSelection {
    VersionSelection {
        range: asked.one("range"),
        pre_release_tag: asked.one("preReleaseTag"),
        include: asked.one("include"),
        exclude: asked.one("exclude"),
        ..VersionSelection::default()
    }
}

fn span(asked: &Form, name: &str, problems: &mut Vec<String>) -> Option<Span> {
    let text = asked.one(name)?;
    match trigger_file::duration(&text) {
        Ok(span) => Some(span),
        Err(error) => {
            problems.push(format!("{name}: {error}"));
            None
        }
    }
}
