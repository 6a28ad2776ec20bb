//! The last requests of the receivers of webhooks.

use domain::push::WebhookRequest;

use super::StoreError;

/// The last requests of the receivers of webhooks, for users.
pub trait WebhookRequests {
    /// The last request of each receiver with each outcome, by receiver.
    async fn last_requests(&self) -> Result<Vec<WebhookRequest>, StoreError>;
    /// Replaces the last request of its receiver with its outcome.
    async fn record_request(&self, request: &WebhookRequest) -> Result<(), StoreError>;
}
