//! Requests and responses of Function URLs, in payload format 2.0 (Lambda guide, *Invoking Lambda function URLs*).

mod request;
mod response;

pub use request::{UrlRequest, UrlRequestError};
pub use response::UrlResponse;
