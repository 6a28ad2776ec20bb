//! Function URLs: a request as one hands it over, and a response as it takes one. Both are of payload format
//! 2.0 (Lambda guide, *Invoking Lambda function URLs*).

mod request;
mod response;

pub use request::{UrlRequest, UrlRequestError};
pub use response::UrlResponse;
