//! A response for a Function URL.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::Response;
use http::header::SET_COOKIE;
use serde::Serialize;

/// A response in Lambda's format. Its body is text.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UrlResponse {
    status_code: u16,
    headers: BTreeMap<String, String>,
    cookies: Vec<String>,
    body: String,
}

impl From<Response<Bytes>> for UrlResponse {
    fn from(response: Response<Bytes>) -> Self {
        let (head, body) = response.into_parts();
        let mut headers = BTreeMap::new();
        let mut cookies = Vec::new();
        for (name, value) in &head.headers {
            let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
            if name == SET_COOKIE {
                cookies.push(text);
            } else {
                headers.insert(name.to_string(), text);
            }
        }
        Self {
            status_code: head.status.as_u16(),
            headers,
            cookies,
            body: String::from_utf8_lossy(&body).into_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn cookies_are_separate_from_the_headers() {
        let response = Response::builder()
            .status(303)
            .header("location", "/triggers")
            .header("set-cookie", "a=1; Secure")
            .body(Bytes::from_static(b"text"));
        let written = serde_json::to_value(UrlResponse::from(response.unwrap())).unwrap();
        assert_eq!(
            written,
            json!({
                "statusCode": 303,
                "headers": { "location": "/triggers" },
                "cookies": ["a=1; Secure"],
                "body": "text",
            })
        );
    }
}
