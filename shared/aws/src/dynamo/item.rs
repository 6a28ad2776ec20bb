//! A row as an item: `pk` and `sk` (strings), `rev` (number), `body` (binary), `expiresAt` (number of
//! seconds, the table's TTL attribute).

use std::collections::HashMap;
use std::str::FromStr;

use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use domain::time::Timestamp;
use store::{Condition, Key, Row, RowSummary};

pub(super) const PARTITION: &str = "pk";
pub(super) const SORT: &str = "sk";
pub(super) const REVISION: &str = "rev";
const BODY: &str = "body";
const EXPIRES: &str = "expiresAt";

pub(super) type Item = HashMap<String, AttributeValue>;

/// An item that this program did not write.
#[derive(Debug, thiserror::Error)]
#[error("the item {key} has no usable attribute `{attribute}`")]
pub(super) struct ForeignItem {
    key: String,
    attribute: &'static str,
}

pub(super) fn key(key: &Key) -> Item {
    Item::from([
        (
            PARTITION.to_owned(),
            AttributeValue::S(key.partition.clone()),
        ),
        (SORT.to_owned(), AttributeValue::S(key.sort.clone())),
    ])
}

pub(super) fn write(row: &Row) -> Item {
    let mut item = key(&row.key);
    item.insert(
        REVISION.to_owned(),
        AttributeValue::N(row.revision.to_string()),
    );
    item.insert(
        BODY.to_owned(),
        AttributeValue::B(Blob::new(row.body.clone())),
    );
    if let Some(expires) = row.expires {
        let seconds = expires.as_millis().saturating_add(999).div_euclid(1_000);
        item.insert(EXPIRES.to_owned(), AttributeValue::N(seconds.to_string()));
    }
    item
}

/// The attributes that [`read_summary`] reads.
pub(super) fn summary_attributes() -> String {
    [PARTITION, SORT, REVISION, EXPIRES].join(", ")
}

pub(super) fn read_summary(mut item: Item) -> Result<RowSummary, ForeignItem> {
    let key = Key {
        partition: text(&mut item, PARTITION)?,
        sort: text(&mut item, SORT)?,
    };
    let Some(revision) = number(&item, REVISION) else {
        return Err(ForeignItem {
            key: key.to_string(),
            attribute: REVISION,
        });
    };
    let expires = number(&item, EXPIRES)
        .map(|seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1_000)));
    Ok(RowSummary {
        key,
        revision,
        expires,
    })
}

pub(super) fn read(mut item: Item) -> Result<Row, ForeignItem> {
    let body = item.remove(BODY);
    let RowSummary {
        key,
        revision,
        expires,
    } = read_summary(item)?;
    let Some(AttributeValue::B(body)) = body else {
        return Err(ForeignItem {
            key: key.to_string(),
            attribute: BODY,
        });
    };
    Ok(Row {
        key,
        revision,
        body: body.into_inner(),
        expires,
    })
}

fn text(item: &mut Item, attribute: &'static str) -> Result<String, ForeignItem> {
    match item.remove(attribute) {
        Some(AttributeValue::S(text)) => Ok(text),
        _ => Err(ForeignItem {
            key: "without a key".to_owned(),
            attribute,
        }),
    }
}

fn number<T: FromStr>(item: &Item, attribute: &str) -> Option<T> {
    match item.get(attribute) {
        Some(AttributeValue::N(digits)) => digits.parse().ok(),
        _ => None,
    }
}

pub(super) fn condition(condition: Condition) -> Option<String> {
    match condition {
        Condition::Any => None,
        Condition::Absent => Some(format!("attribute_not_exists({PARTITION})")),
        Condition::Revision(_) => Some(format!("{REVISION} = :rev")),
    }
}

pub(super) fn condition_values(condition: Condition) -> Option<Item> {
    match condition {
        Condition::Any | Condition::Absent => None,
        Condition::Revision(revision) => Some(Item::from([(
            ":rev".to_owned(),
            AttributeValue::N(revision.to_string()),
        )])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(expires: Option<i64>) -> Row {
        Row {
            key: Key {
                partition: "p".into(),
                sort: "s".into(),
            },
            revision: 1_772_366_400_000,
            body: vec![0, 255],
            expires: expires.map(Timestamp::from_millis),
        }
    }

    #[test]
    fn row_round_trips_with_expiry_rounded_up_to_the_second() {
        assert_eq!(read(write(&row(None))).ok(), Some(row(None)));
        assert_eq!(read(write(&row(Some(5_000)))).ok(), Some(row(Some(5_000))));
        assert_eq!(read(write(&row(Some(5_001)))).ok(), Some(row(Some(6_000))));
    }

    #[test]
    fn foreign_item_error_names_missing_attribute() {
        for attribute in [PARTITION, SORT, REVISION, BODY] {
            let mut item = write(&row(None));
            item.remove(attribute);
            let error = read(item).map_err(|error| error.to_string());
            assert!(error.is_err_and(|text| text.contains(&format!("`{attribute}`"))));
        }
    }
}
