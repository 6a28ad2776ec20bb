//! Days, dates and times of day, without a time zone.

use std::fmt;
use std::str::FromStr;

use jiff_core::civil;

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Day {
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

/// A date of the calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(civil::Date);

/// A time of a day to the minute, from 00:00 to 24:00.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay(u16);

/// A text that is no date, time or day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    #[error("`{0}` is not a date; write it like 2026-12-24")]
    Date(String),
    #[error("`{0}` is not a time of day; write it like 09:30, from 00:00 to 24:00")]
    Time(String),
    #[error("`{0}` is not a day of the week; write it like monday")]
    Day(String),
}

impl Day {
    pub const ALL: [Self; 7] = [
        Self::Monday,
        Self::Tuesday,
        Self::Wednesday,
        Self::Thursday,
        Self::Friday,
        Self::Saturday,
        Self::Sunday,
    ];

    /// The name in files and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    pub(super) fn of(date: civil::Date) -> Self {
        match date.weekday() {
            civil::Weekday::Monday => Self::Monday,
            civil::Weekday::Tuesday => Self::Tuesday,
            civil::Weekday::Wednesday => Self::Wednesday,
            civil::Weekday::Thursday => Self::Thursday,
            civil::Weekday::Friday => Self::Friday,
            civil::Weekday::Saturday => Self::Saturday,
            civil::Weekday::Sunday => Self::Sunday,
        }
    }
}

impl Date {
    /// `None`: there is no such day.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        civil::Date::new(year, month, day).ok().map(Self)
    }

    pub(super) const fn civil(self) -> civil::Date {
        self.0
    }
}

impl TimeOfDay {
    /// 00:00.
    pub const START: Self = Self(0);
    /// 24:00.
    pub const END: Self = Self(24 * 60);

    /// From minutes since 00:00. `None`: after 24:00.
    pub fn from_minutes(minutes: u16) -> Option<Self> {
        (minutes <= Self::END.0).then_some(Self(minutes))
    }

    pub(super) fn of(time: civil::Time) -> Self {
        let (hour, minute) = (time.hour().unsigned_abs(), time.minute().unsigned_abs());
        Self(u16::from(hour) * 60 + u16::from(minute))
    }

    /// The time on the clock. `None`: 24:00, which is 00:00 of the next day.
    pub(super) fn civil(self) -> Option<civil::Time> {
        let (hour, minute) = (self.0 / 60, self.0 % 60);
        civil::Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
    }
}

impl FromStr for Day {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let day = Self::ALL.into_iter().find(|day| day.name() == text);
        day.ok_or_else(|| CalendarError::Day(text.to_owned()))
    }
}

impl FromStr for Date {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let date = || {
            let (year, month, day) = (text.get(..4)?, text.get(5..7)?, text.get(8..)?);
            let [year, month, day] = [number(year, 4)?, number(month, 2)?, number(day, 2)?];
            let is_separated = text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
            let (month, day) = (i8::try_from(month).ok()?, i8::try_from(day).ok()?);
            Self::new(year, month, day).filter(|_| is_separated)
        };
        date().ok_or_else(|| CalendarError::Date(text.to_owned()))
    }
}

impl FromStr for TimeOfDay {
    type Err = CalendarError;

    fn from_str(text: &str) -> Result<Self, CalendarError> {
        let time = || {
            let (hour, minute) = text.split_once(':')?;
            let (hour, minute) = (number(hour, 2)?, number(minute, 2)?);
            let minutes = u16::try_from(hour * 60 + minute).ok()?;
            Self::from_minutes(minutes).filter(|_| minute < 60)
        };
        time().ok_or_else(|| CalendarError::Time(text.to_owned()))
    }
}

/// A number of this many digits.
fn number(text: &str, digits: usize) -> Option<i16> {
    let is_number = text.len() == digits && text.bytes().all(|one| one.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// 1970-01-01.
impl Default for Date {
    fn default() -> Self {
        Self(civil::date(1970, 1, 1))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(date) = self;
        let (year, month, day) = (date.year(), date.month(), date.day());
        write!(f, "{year:04}-{month:02}-{day:02}")
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.0 / 60, self.0 % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_and_date_are_read_as_they_are_written() {
        for text in ["00:00", "09:30", "23:59", "24:00"] {
            let time: TimeOfDay = text.parse().unwrap();
            assert_eq!(time.to_string(), text);
        }
        for text in [
            "24:01", "25:00", "9:30", "09:60", "0930", "09:3", "+9:30", "",
        ] {
            assert!(text.parse::<TimeOfDay>().is_err(), "{text}");
        }
        for text in ["2026-02-28", "2028-02-29", "0001-01-01", "9999-12-31"] {
            let date: Date = text.parse().unwrap();
            assert_eq!(date.to_string(), text);
        }
        for text in [
            "2026-02-29",
            "2026-2-28",
            "26-02-28",
            "2026/02/28",
            "2026-02-281",
            "é026-02-28",
            "",
        ] {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
        for day in Day::ALL {
            assert_eq!(day.name().parse(), Ok(day));
        }
        assert!("Monday".parse::<Day>().is_err());
    }
}
