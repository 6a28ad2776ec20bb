//! The release window of a trigger. Absent fields have their defaults.

use std::fmt::Display;
use std::str::FromStr;

use domain::window::{Date, Day, Freeze, OpenHours, ReleaseWindow, TimeOfDay};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

#[derive(Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct WindowData {
    #[serde(skip_serializing_if = "Option::is_none")]
    time_zone: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    open: Vec<OpenHoursData>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    freezes: Vec<FreezeData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct OpenHoursData {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    days: Vec<Text<Day>>,
    from: Text<TimeOfDay>,
    to: Text<TimeOfDay>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FreezeData {
    from: Text<Date>,
    to: Text<Date>,
}

/// A value that is stored as its text.
struct Text<T>(T);

impl<T: Display> Serialize for Text<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de, T: FromStr<Err: Display>> Deserialize<'de> for Text<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

impl From<&ReleaseWindow> for WindowData {
    fn from(window: &ReleaseWindow) -> Self {
        let open = window.open.iter().map(|hours| OpenHoursData {
            days: hours.days.iter().copied().map(Text).collect(),
            from: Text(hours.from),
            to: Text(hours.to),
        });
        let freezes = window.freezes.iter().map(|freeze| FreezeData {
            from: Text(freeze.from),
            to: Text(freeze.to),
        });
        Self {
            time_zone: window.time_zone.clone(),
            open: open.collect(),
            freezes: freezes.collect(),
        }
    }
}

impl From<WindowData> for ReleaseWindow {
    fn from(data: WindowData) -> Self {
        let open = data.open.into_iter().map(|hours| OpenHours {
            days: hours.days.into_iter().map(|day| day.0).collect(),
            from: hours.from.0,
            to: hours.to.0,
        });
        let freezes = data.freezes.into_iter().map(|freeze| Freeze {
            from: freeze.from.0,
            to: freeze.to.0,
        });
        Self {
            time_zone: data.time_zone,
            open: open.collect(),
            freezes: freezes.collect(),
        }
    }
}
