//! A budget: the pause that a server requested, and its quota while that is low.

use domain::budget::{AllowanceReading, BudgetKey, BudgetState, Quota, QuotaReading};
use domain::due::BackOff;
use domain::feed::Access;
use domain::ids::FeedId;
use serde::{Deserialize, Serialize};

use super::{read, write};
use crate::WireError;
use crate::time::Time;

const KIND: &str = "the budget row";

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct BudgetData {
    budget: KeyData,
    access: AccessData,
    #[serde(skip_serializing_if = "Option::is_none")]
    pause: Option<PauseData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    low_quota: Option<TallyData>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowance: Option<AllowanceData>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AllowanceData {
    per_minute: u32,
    at: Time,
    requests: u64,
    packages: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", rename_all_fields = "camelCase")]
enum KeyData {
    Octopus,
    Anonymous { origin: String },
    Own { origin: String, feed_id: String },
    Ecr { region: String },
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct AccessData {
    #[serde(skip_serializing_if = "Option::is_none")]
    aws_account: Option<String>,
    own_credentials: Vec<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct PauseData {
    failures: u32,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    since: Option<Time>,
    until: Time,
    reason: String,
    throttled: bool,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct TallyData {
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u64>,
    remaining: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    resets_at: Option<Time>,
    at: Time,
    requests: u64,
    packages: u64,
}

/// Encodes the row.
///
/// # Errors
/// [`WireError::Unwritable`] for a time that RFC 3339 cannot express.
pub fn encode(key: &BudgetKey, state: &BudgetState) -> Result<Vec<u8>, WireError> {
    write(
        KIND,
        BudgetData {
            budget: key.into(),
            access: (&state.access).into(),
            pause: state.pause.as_ref().map(PauseData::from),
            low_quota: state.low.as_ref().map(TallyData::from),
            allowance: state.allowance.as_ref().map(AllowanceData::from),
        },
    )
}

/// Decodes the row.
///
/// # Errors
/// [`WireError::NotJson`], [`WireError::Version`], [`WireError::Field`].
pub fn decode(bytes: &[u8]) -> Result<(BudgetKey, BudgetState), WireError> {
    let data: BudgetData = read(KIND, bytes)?;
    let state = BudgetState {
        access: data.access.into(),
        pause: data.pause.map(BackOff::from),
        low: data.low_quota.map(QuotaReading::from),
        allowance: data.allowance.map(AllowanceReading::from),
    };
    Ok((data.budget.into(), state))
}

impl From<&BudgetKey> for KeyData {
    fn from(key: &BudgetKey) -> Self {
        match key {
            BudgetKey::Octopus => Self::Octopus,
            BudgetKey::Anonymous { origin } => Self::Anonymous {
                origin: origin.clone(),
            },
            BudgetKey::Own { origin, feed } => Self::Own {
                origin: origin.clone(),
                feed_id: feed.to_string(),
            },
            BudgetKey::Ecr { region } => Self::Ecr {
                region: region.clone(),
            },
        }
    }
}

impl From<KeyData> for BudgetKey {
    fn from(data: KeyData) -> Self {
        match data {
            KeyData::Octopus => Self::Octopus,
            KeyData::Anonymous { origin } => Self::Anonymous { origin },
            KeyData::Own { origin, feed_id } => Self::Own {
                origin,
                feed: FeedId::new(feed_id),
            },
            KeyData::Ecr { region } => Self::Ecr { region },
        }
    }
}

impl From<&Access> for AccessData {
    fn from(access: &Access) -> Self {
        let feeds = access.own_credentials.iter().map(FeedId::to_string);
        Self {
            aws_account: access.aws_account.clone(),
            own_credentials: feeds.collect(),
        }
    }
}

impl From<AccessData> for Access {
    fn from(data: AccessData) -> Self {
        Self {
            aws_account: data.aws_account,
            own_credentials: data.own_credentials.into_iter().map(FeedId::new).collect(),
        }
    }
}

impl From<&BackOff> for PauseData {
    fn from(pause: &BackOff) -> Self {
        Self {
            failures: pause.failures,
            since: pause.since.map(Time),
            until: Time(pause.until),
            reason: pause.reason.clone(),
            throttled: pause.throttled,
        }
    }
}

impl From<PauseData> for BackOff {
    fn from(data: PauseData) -> Self {
        Self {
            failures: data.failures,
            since: data.since.map(|since| since.0),
            until: data.until.0,
            reason: data.reason,
            throttled: data.throttled,
        }
    }
}

impl From<&AllowanceReading> for AllowanceData {
    fn from(reading: &AllowanceReading) -> Self {
        Self {
            per_minute: reading.per_minute,
            at: Time(reading.at),
            requests: reading.requests,
            packages: reading.packages,
        }
    }
}

impl From<AllowanceData> for AllowanceReading {
    fn from(data: AllowanceData) -> Self {
        Self {
            per_minute: data.per_minute,
            at: data.at.0,
            requests: data.requests,
            packages: data.packages,
        }
    }
}

impl From<&QuotaReading> for TallyData {
    fn from(tally: &QuotaReading) -> Self {
        Self {
            limit: tally.quota.limit,
            remaining: tally.quota.remaining,
            resets_at: tally.quota.resets_at.map(Time),
            at: Time(tally.at),
            requests: tally.requests,
            packages: tally.packages,
        }
    }
}

impl From<TallyData> for QuotaReading {
    fn from(data: TallyData) -> Self {
        Self {
            quota: Quota {
                limit: data.limit,
                remaining: data.remaining,
                resets_at: data.resets_at.map(|time| time.0),
            },
            at: data.at.0,
            requests: data.requests,
            packages: data.packages,
        }
    }
}
