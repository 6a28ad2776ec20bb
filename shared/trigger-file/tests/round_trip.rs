//! Reading a written file returns the same definitions, for any definitions.

use std::num::NonZeroU32;

use domain::definition::{Definition, Definitions, NativeOptions, NativeRef, SourceDefinition};
use domain::ids::TriggerId;
use domain::options::{
    CatchUp, FirstSight, Options, ReleaseContext, Requirements, ScanLimit, SignedBy,
    VersionConditions, VersionOrder, VersionPolicy, When,
};
use domain::scan::Severity;
use domain::time::Span;
use domain::window::{Date, Day, Freeze, OpenHours, ReleaseWindow, TimeOfDay};
use proptest::collection::{btree_map, vec};
use proptest::option::of;
use proptest::prelude::*;
use trigger_file::{
    Difference, read, read_requirements, read_window, write, write_json, write_requirements,
    write_window,
};

const PROFILE: &str = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/release";

const KEY: &str = "-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEATA/hce4/h7jajg5FUV+nV4FRiSd1sErwprjxVnNP0zI=
-----END PUBLIC KEY-----
";

/// Text of any kind that is not blank, and what YAML could take for something else.
fn text() -> impl Strategy<Value = String> {
    let odd = [
        "true",
        "null",
        "~",
        "1",
        "1.0",
        "0x1f",
        "- a",
        "a: b",
        "# c",
        "*",
        "&a",
        "!t",
        "|",
        ">",
        "%",
        "@",
        " lead",
        "trail ",
        "a\nb",
        "\na\n",
        "a\n\n",
        "tab\tx",
        "{",
        "]",
        "'",
        "\"",
        "\\",
        "y",
        "no",
        "é\u{85}x",
        "2026-01-01",
        "1:30",
        "<<",
        "=",
        "---",
        "...",
        "a #b",
        "\u{feff}x",
        "\u{2028}",
    ];
    prop_oneof![
        prop::sample::select(odd.to_vec()).prop_map(str::to_owned),
        "[ -~\n\t\u{a0}-\u{2100}]{1,40}",
        "[a-z ]{100,200}",
    ]
    .prop_filter("blank", |text| !text.trim().is_empty())
}

fn pattern() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["^$", "^beta", "-alpine$", "^\\d+\\.\\d+", "[a-z]{2}"])
        .prop_map(str::to_owned)
}

fn template() -> impl Strategy<Value = String> {
    let known = vec![
        "{{ packages[0].version }}",
        "one\ntwo\n",
        "{% for one in changed %}\n- {{ one.package }}: #1\n{% endfor %}\n",
        "  indented\n\n",
    ];
    prop::sample::select(known).prop_map(str::to_owned)
}

fn span() -> impl Strategy<Value = Span> {
    (1..=7_776_000_i64).prop_map(Span::from_seconds)
}

fn versions() -> impl Strategy<Value = VersionConditions> {
    let orders = [
        VersionOrder::Semver,
        VersionOrder::Published,
        VersionOrder::Numeric,
        VersionOrder::Alphabetical,
    ];
    (
        of(prop::sample::select(vec!["[1.0,2.0)", "1.0"]).prop_map(str::to_owned)),
        of(pattern()),
        of(pattern()),
        of(pattern()),
        of(prop::sample::select(orders.to_vec())),
        of(pattern()),
        of(Just("linux/arm64".to_owned())),
        any::<bool>(),
    )
        .prop_map(
            |(range, pre_release_tag, include, exclude, order, extract, platform, roll_back)| {
                VersionConditions {
                    range,
                    pre_release_tag,
                    include,
                    exclude,
                    order,
                    extract,
                    platform,
                    roll_back,
                }
            },
        )
}

fn selection() -> impl Strategy<Value = VersionPolicy> {
    prop_oneof![
        Just(VersionPolicy::default()),
        versions().prop_map(|versions| VersionPolicy {
            versions,
            ..VersionPolicy::default()
        }),
        Just(VersionPolicy {
            follow: Some("latest".to_owned()),
            ..VersionPolicy::default()
        }),
    ]
}

fn policy() -> impl Strategy<Value = VersionPolicy> {
    (selection(), requirements()).prop_map(|(selection, require)| VersionPolicy {
        require,
        ..selection
    })
}

fn requirements() -> impl Strategy<Value = Requirements> {
    let signed = (vec(Just(KEY.to_owned()), 1..3), of(span()));
    let signed = (signed, any::<bool>()).prop_map(|((keys, within), by_key)| SignedBy {
        keys: if by_key { keys } else { Vec::new() },
        profile: (!by_key).then(|| PROFILE.to_owned()),
        within,
    });
    let severity = prop::sample::select(vec![Severity::Undefined, Severity::Medium]);
    let scan = (of(severity), of(span()));
    let scan = scan.prop_map(|(allow, within)| ScanLimit { allow, within });
    let platforms = vec(
        prop::sample::select(vec!["linux/amd64", "linux/arm/v7"]),
        0..3,
    );
    let labels = (prop::sample::select(vec!["revision", "a.b/c"]), pattern());
    let all = (of(signed), platforms, of(labels), of(scan));
    all.prop_map(|(signed, platforms, labels, scan)| Requirements {
        scan,
        signed,
        platforms: platforms.into_iter().map(str::to_owned).collect(),
        labels: labels
            .into_iter()
            .map(|(name, pattern)| (name.to_owned(), pattern))
            .collect(),
    })
}

/// Sources that differ, often with one selection for all.
fn sources(least: usize) -> impl Strategy<Value = Vec<SourceDefinition>> {
    let names = (
        text(),
        prop_oneof![Just(String::new()), Just("*".to_owned()), text()],
    );
    (vec(names, least..4), vec(policy(), 4), any::<bool>()).prop_map(|(names, policies, same)| {
        let mut sources: Vec<_> = names
            .into_iter()
            .enumerate()
            .map(|(index, (action, package_reference))| SourceDefinition {
                action: if index == 2 {
                    "*".to_owned()
                } else {
                    format!("{action}{index}")
                },
                package_reference,
                policy: policies[if same { 0 } else { index }].clone(),
            })
            .collect();
        sources.dedup_by(|one, other| one.action == other.action);
        sources
    })
}

fn condition() -> impl Strategy<Value = String> {
    let known = vec![
        "packages.web.change != \"major\"",
        "'#' in channel and\n  changed | length > 1\n",
        "packages['acme/web'].version is startingwith(\"1.\")",
    ];
    prop::sample::select(known).prop_map(str::to_owned)
}

fn window() -> impl Strategy<Value = ReleaseWindow> {
    let zone = prop::sample::select(vec!["UTC", "Europe/Vienna", "Asia/Kolkata"]);
    let days = prop::sample::subsequence(Day::ALL.to_vec(), 0..=7);
    let times = prop_oneof![
        (0..1_440_u16, 0..=1_440_u16).prop_filter("equal", |(from, to)| from != to),
        Just((0, 1_440)),
    ];
    let hours = (days, times).prop_map(|(days, (from, to))| OpenHours {
        days: days.into_iter().collect(),
        from: TimeOfDay::from_minutes(from).unwrap_or(TimeOfDay::START),
        to: TimeOfDay::from_minutes(to).unwrap_or(TimeOfDay::END),
    });
    let date = |year, month, day| Date::new(year, month, day).unwrap_or_default();
    let freeze = (1..=12_i8, 1..=28_i8).prop_map(move |(month, day)| Freeze {
        from: date(2026, month, day),
        to: date(2027, month, day),
    });
    (
        of(zone.prop_map(str::to_owned)),
        vec(hours, 0..3),
        vec(freeze, 0..3),
    )
        .prop_filter("no effect", |(_, open, freezes)| {
            !open.is_empty() || !freezes.is_empty()
        })
        .prop_map(|(time_zone, open, freezes)| ReleaseWindow {
            time_zone,
            open,
            freezes,
        })
}

fn options() -> impl Strategy<Value = Options> {
    let whens = prop_oneof![
        Just(When::Any),
        Just(When::All),
        of(pattern()).prop_map(|extract| When::SameVersion { extract }),
        text().prop_map(|by| When::SameLabel { by }),
    ];
    let catch_ups = prop::sample::select(vec![
        CatchUp::Newest,
        CatchUp::Every,
        CatchUp::NewestPerMinor,
    ]);
    let sights = prop::sample::select(vec![FirstSight::Compare, FirstSight::Baseline]);
    let waits = of((span(), of(0..86_400_i64)));
    (
        (
            whens,
            of(condition()),
            waits,
            of(span()),
            catch_ups,
            sights,
            of(1..=100_u32),
            of(window()),
        ),
        (
            of(text()),
            of(template()),
            of(template()),
            btree_map(text(), template(), 0..3),
            (any::<bool>(), any::<bool>()),
        ),
    )
        .prop_map(|(first, second)| {
            let (when, condition, waits, minimum_age, catch_up, first_sight, most, window) = first;
            let (git_ref, release_version, release_notes, custom_fields, flags) = second;
            let (dry_run, has_commits) = flags;
            let longest = Span::from_days(90);
            Options {
                when,
                condition,
                quiet_period: waits.map(|(quiet, _)| quiet),
                max_wait: waits.and_then(|(quiet, more)| {
                    let wait = Span::from_millis(quiet.as_millis() + more? * 1_000);
                    (wait <= longest).then_some(wait)
                }),
                minimum_age,
                catch_up,
                first_sight,
                max_releases_per_hour: most.and_then(NonZeroU32::new),
                window,
                git_ref,
                release_version,
                release_notes,
                release_context: has_commits
                    .then_some(ReleaseContext::Commits)
                    .into_iter()
                    .collect(),
                custom_fields,
                dry_run,
            }
        })
}

/// Removes the options that contradict followed tags.
fn consistent(mut options: Options, sources: &[SourceDefinition]) -> Options {
    if sources.iter().any(|source| source.policy.follow.is_some()) {
        options.catch_up = CatchUp::Newest;
        options.when = When::Any;
    }
    options
}

fn definition() -> impl Strategy<Value = Definition> {
    let texts = (
        text(),
        prop_oneof![Just(String::new()), text()],
        of(text()),
        text(),
        of(text()),
    );
    (texts, any::<bool>(), sources(1), options()).prop_map(
        |(texts, is_disabled, sources, options)| {
            let (name, description, space, project, channel) = texts;
            let options = consistent(options, &sources);
            Definition {
                name,
                description,
                space,
                project,
                channel,
                is_disabled,
                sources,
                options,
            }
        },
    )
}

fn native() -> impl Strategy<Value = NativeOptions> {
    let named = (of(text()), text(), text()).prop_map(|(space, project, name)| NativeRef::Named {
        space,
        project,
        name,
    });
    let by_id = text().prop_map(|id| NativeRef::Id(TriggerId::new(id)));
    (prop_oneof![named, by_id], options(), sources(0)).prop_map(|(trigger, options, sources)| {
        let options = consistent(options, &sources);
        NativeOptions {
            trigger,
            options,
            sources,
        }
    })
}

fn definitions() -> impl Strategy<Value = Definitions> {
    (vec(definition(), 0..3), vec(native(), 0..3)).prop_map(|(mut triggers, mut native)| {
        for (index, one) in triggers.iter_mut().enumerate() {
            one.name.push_str(&index.to_string());
        }
        native.truncate(1);
        Definitions { triggers, native }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_reads_the_same(definitions in definitions()) {
        for text in [write(&definitions), write_json(&definitions)] {
            let text = text.unwrap();
            let found = read("t.yaml", &text).map(|file| file.definitions);
            prop_assert_eq!(found, Ok(definitions.clone()), "\n{}", text);
        }
        prop_assert!(Difference::between(&definitions, &definitions).is_empty());
    }

    #[test]
    fn window_and_requirements_read_as_they_were_written(window in window(), require in requirements()) {
        let text = write_window(&window).unwrap();
        prop_assert_eq!(read_window(&text), Ok(window), "\n{}", text);
        let text = write_requirements(&require).unwrap();
        prop_assert_eq!(read_requirements(&text), Ok(require), "\n{}", text);
    }

    /// Whatever differs is seen to differ.
    #[test]
    fn a_difference_misses_nothing(one in definitions(), other in definitions()) {
        prop_assert_eq!(Difference::between(&one, &other).is_empty(), one == other);
    }
}
