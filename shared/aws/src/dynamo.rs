//! The store's table in DynamoDB.

mod item;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::error::SdkError;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, ReturnValuesOnConditionCheckFailure,
};
use store::{Condition, Key, PutError, QueryOrder, Row, RowSummary, Table, TableError};

use crate::{AwsContext, BoxError, OnFirstUse};
use item::{Item, PARTITION, SORT};

/// DynamoDB's limit for `BatchGetItem`.
const KEYS_PER_REQUEST: usize = 100;

/// The read fails after this many consecutive responses without a single item.
const EMPTY_ANSWERS: u32 = 5;

/// The delay after the first such response. It doubles with each further one.
const FIRST_PAUSE: Duration = Duration::from_millis(50);

/// A DynamoDB table with the key attributes `pk` and `sk`. All reads are strongly consistent.
#[derive(Clone, Debug)]
pub struct DynamoTable {
    client: Arc<OnFirstUse<Client>>,
    name: String,
}

impl DynamoTable {
    /// Makes no request.
    pub fn new(context: &AwsContext, name: impl Into<String>) -> Self {
        Self {
            client: context.client(Client::new),
            name: name.into(),
        }
    }

    fn read_error(&self, source: impl Into<BoxError>) -> TableError {
        self.failed("read from", source)
    }

    fn write_error(&self, source: impl Into<BoxError>) -> TableError {
        self.failed("write to", source)
    }

    fn failed(&self, operation: &'static str, source: impl Into<BoxError>) -> TableError {
        TableError {
            operation,
            table: self.name.clone(),
            source: source.into(),
        }
    }

    /// Reads at most [`KEYS_PER_REQUEST`] keys and requests unprocessed keys again.
    async fn get_batch(&self, keys: &[&Key]) -> Result<Vec<Row>, TableError> {
        let mut pending = keys.iter().map(|key| item::key(key)).collect();
        let (mut rows, mut empty_answers) = (Vec::new(), 0);
        loop {
            let (items, unprocessed) = self.get_items(pending).await?;
            empty_answers = if items.is_empty() {
                empty_answers + 1
            } else {
                0
            };
            for item in items {
                rows.push(item::read(item).map_err(|error| self.read_error(error))?);
            }
            if unprocessed.is_empty() {
                return Ok(rows);
            }
            if empty_answers == EMPTY_ANSWERS {
                return Err(
                    self.read_error("DynamoDB left all keys unprocessed five times in a row")
                );
            }
            if empty_answers > 0 {
                tokio::time::sleep(FIRST_PAUSE * (1 << (empty_answers - 1))).await;
            }
            pending = unprocessed;
        }
    }

    /// The items and the unprocessed keys of one response.
    async fn get_items(&self, keys: Vec<Item>) -> Result<(Vec<Item>, Vec<Item>), TableError> {
        let request_keys = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .consistent_read(true)
            .build();
        let request = self.client.batch_get_item().request_items(
            &self.name,
            request_keys.map_err(|error| self.read_error(error))?,
        );
        let answer = request
            .send()
            .await
            .map_err(|error| self.read_error(error))?;
        let items = answer
            .responses
            .and_then(|mut tables| tables.remove(&self.name));
        let unprocessed = answer
            .unprocessed_keys
            .and_then(|mut tables| tables.remove(&self.name));
        Ok((
            items.unwrap_or_default(),
            unprocessed.map(|keys| keys.keys).unwrap_or_default(),
        ))
    }

    fn select(&self, partition: &str, sort_prefix: &str) -> QueryFluentBuilder {
        let value = |text: &str| AttributeValue::S(text.to_owned());
        let query = self
            .client
            .query()
            .table_name(&self.name)
            .consistent_read(true)
            .expression_attribute_values(":pk", value(partition));
        // DynamoDB rejects an empty prefix.
        if sort_prefix.is_empty() {
            query.key_condition_expression(format!("{PARTITION} = :pk"))
        } else {
            query
                .key_condition_expression(format!("{PARTITION} = :pk AND begins_with({SORT}, :sk)"))
                .expression_attribute_values(":sk", value(sort_prefix))
        }
    }
}

impl Table for DynamoTable {
    async fn get_many(&self, keys: &[Key]) -> Result<Vec<Option<Row>>, TableError> {
        let distinct: BTreeSet<&Key> = keys.iter().collect();
        let distinct: Vec<&Key> = distinct.into_iter().collect();
        let mut found = HashMap::new();
        for batch in distinct.chunks(KEYS_PER_REQUEST) {
            found.extend(
                self.get_batch(batch)
                    .await?
                    .into_iter()
                    .map(|row| (row.key.clone(), row)),
            );
        }
        Ok(keys.iter().map(|key| found.get(key).cloned()).collect())
    }

    async fn query(
        &self,
        partition: &str,
        sort_prefix: &str,
        order: QueryOrder,
        limit: usize,
    ) -> Result<Vec<Row>, TableError> {
        let mut rows: Vec<Row> = Vec::new();
        let mut start = None;
        while rows.len() < limit {
            let left = i32::try_from(limit - rows.len()).unwrap_or(i32::MAX);
            let answer = self
                .select(partition, sort_prefix)
                .scan_index_forward(order == QueryOrder::Ascending)
                .limit(left)
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| self.read_error(error))?;
            for item in answer.items.unwrap_or_default() {
                rows.push(item::read(item).map_err(|error| self.read_error(error))?);
            }
            start = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                break;
            }
        }
        Ok(rows)
    }

    async fn summaries(
        &self,
        partition: &str,
        sort_prefix: &str,
    ) -> Result<Vec<RowSummary>, TableError> {
        let mut rows = Vec::new();
        let mut start = None;
        loop {
            let answer = self
                .select(partition, sort_prefix)
                .projection_expression(item::summary_attributes())
                .set_exclusive_start_key(start)
                .send()
                .await
                .map_err(|error| self.read_error(error))?;
            for item in answer.items.unwrap_or_default() {
                rows.push(item::read_summary(item).map_err(|error| self.read_error(error))?);
            }
            start = answer.last_evaluated_key.filter(|key| !key.is_empty());
            if start.is_none() {
                return Ok(rows);
            }
        }
    }

    async fn put(&self, row: Row, condition: Condition) -> Result<(), PutError> {
        let written = self
            .client
            .put_item()
            .table_name(&self.name)
            .set_item(Some(item::write(&row)))
            .set_condition_expression(item::condition(condition))
            .set_expression_attribute_values(item::condition_values(condition))
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
            .await;
        match written {
            Ok(_) => Ok(()),
            Err(error) => match existing_item(&error) {
                // The SDK retried after a lost response: the first attempt wrote this row.
                Some(existing) if existing == item::write(&row) => Ok(()),
                Some(_) => Err(PutError::Conflict(row.key)),
                None => Err(self.write_error(error).into()),
            },
        }
    }

    async fn delete(&self, key: &Key, condition: Condition) -> Result<(), PutError> {
        let deleted = self
            .client
            .delete_item()
            .table_name(&self.name)
            .set_key(Some(item::key(key)))
            .set_condition_expression(item::condition(condition))
            .set_expression_attribute_values(item::condition_values(condition))
            .send()
            .await;
        match deleted {
            Ok(_) => Ok(()),
            Err(error) => match error.as_service_error() {
                Some(refused) if refused.is_conditional_check_failed_exception() => {
                    Err(PutError::Conflict(key.clone()))
                }
                _ => Err(self.write_error(error).into()),
            },
        }
    }
}

/// The item that made a conditional write fail; empty if there is none or the response omits it.
fn existing_item<R>(error: &SdkError<PutItemError, R>) -> Option<Item> {
    match error.as_service_error()? {
        PutItemError::ConditionalCheckFailedException(failed) => {
            Some(failed.item().cloned().unwrap_or_default())
        }
        _ => None,
    }
}
