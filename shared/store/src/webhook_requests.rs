//! The last requests of the receivers of webhooks.

use domain::push::WebhookRequest;
use domain::time::Span;
use engine::ports::{Clock, StoreError, WebhookRequests};
use wire::rows::webhook_request;

use crate::keys;
use crate::rows::{BoxError, Store, read_error, write_error};
use crate::table::Table;

/// How long a last request is kept. It also removes those of removed receivers.
const RETENTION: Span = Span::from_days(90);

const SUBJECT: &str = "the last requests of webhooks";

impl<T: Table, C: Clock> WebhookRequests for Store<T, C> {
    async fn last_requests(&self) -> Result<Vec<WebhookRequest>, StoreError> {
        let rows = self
            .all(keys::WEBHOOKS)
            .await
            .map_err(read_error(SUBJECT))?;
        let requests = rows.iter().map(|row| webhook_request::decode(&row.body));
        requests
            .collect::<Result<_, _>>()
            .map_err(read_error(SUBJECT))
    }

    async fn record_request(&self, request: &WebhookRequest) -> Result<(), StoreError> {
        let write = async {
            let body = webhook_request::encode(request)?;
            let key = keys::webhook_request(request);
            self.replace(key, body, Some(request.at + RETENTION))
                .await?;
            Ok::<_, BoxError>(())
        };
        write.await.map_err(write_error(SUBJECT))
    }
}
