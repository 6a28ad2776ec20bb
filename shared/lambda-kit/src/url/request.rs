//! A request of a Function URL, with its signer.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{COOKIE, HeaderName, HeaderValue};
use http::{Method, Request};
use serde::Deserialize;

/// A request as Lambda passes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct UrlRequest {
    raw_path: String,
    #[serde(default)]
    raw_query_string: String,
    /// They are not part of the headers.
    #[serde(default)]
    cookies: Vec<String>,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    request_context: RequestContext,
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    is_base64_encoded: bool,
}

#[derive(Debug, Deserialize)]
struct RequestContext {
    http: Http,
    #[serde(default)]
    authorizer: Option<Authorizer>,
}

#[derive(Debug, Deserialize)]
struct Http {
    method: String,
}

#[derive(Debug, Deserialize)]
struct Authorizer {
    #[serde(default)]
    iam: Option<Iam>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Iam {
    user_arn: String,
}

/// An event that is not an HTTP request.
#[derive(Debug, thiserror::Error)]
pub enum UrlRequestError {
    #[error("the request's method, path or query is invalid")]
    Head(#[source] http::Error),
    #[error("the request's body is not valid base64")]
    Body(#[source] base64::DecodeError),
}

impl UrlRequest {
    /// The signer: the ARN of a user, or of a role with its session. `None` if the URL requires no signature.
    pub fn signed_by(&self) -> Option<&str> {
        let authorizer = self.request_context.authorizer.as_ref()?;
        let iam = authorizer.iam.as_ref()?;
        Some(&iam.user_arn)
    }

    /// Converts the request. Invalid headers are omitted.
    ///
    /// # Errors
    /// When it is not an HTTP request.
    pub fn into_http(self) -> Result<Request<Bytes>, UrlRequestError> {
        let method = Method::from_bytes(self.request_context.http.method.as_bytes());
        let method = method.map_err(|error| UrlRequestError::Head(error.into()))?;
        // The path may be decoded: a question mark in it does not begin a query.
        let path = in_uri(&self.raw_path).replace('?', "%3F");
        let target = match in_uri(&self.raw_query_string).as_str() {
            "" => path,
            query => format!("{path}?{query}"),
        };
        let body = match self.body {
            None => Bytes::new(),
            Some(text) if self.is_base64_encoded => {
                STANDARD.decode(text).map_err(UrlRequestError::Body)?.into()
            }
            Some(text) => text.into(),
        };
        let request = Request::builder().method(method).uri(target).body(body);
        let mut request = request.map_err(UrlRequestError::Head)?;
        let headers = request.headers_mut();
        for (name, value) in &self.headers {
            if let (Ok(name), Ok(value)) =
                (name.parse::<HeaderName>(), HeaderValue::from_str(value))
            {
                headers.insert(name, value);
            }
        }
        if let Ok(cookies) = HeaderValue::from_str(&self.cookies.join("; "))
            && !cookies.is_empty()
        {
            headers.insert(COOKIE, cookies);
        }
        Ok(request)
    }
}

/// Encodes a text for a URI; encoded parts stay unchanged.
fn in_uri(text: &str) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'!' | b'$'..=b';' | b'=' | b'?'..=b'[' | b']' | b'_' | b'a'..=b'z' | b'~' => {
                written.push(char::from(byte));
            }
            _ => written.push_str(&format!("%{byte:02X}")),
        }
    }
    written
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Lambda guide, with a form in base64, as Lambda passes bodies that are not text.
    const EVENT: &str = r#"{
      "version": "2.0",
      "routeKey": "$default",
      "rawPath": "/triggers/Spaces-1/file%3ANew images",
      "rawQueryString": "q=a%20b&page=2",
      "cookies": ["__Host-feed-triggers=abc", "other=1"],
      "headers": { "host": "abc.lambda-url.eu-west-1.on.aws", "sec-fetch-site": "same-origin", "bad name": "x" },
      "requestContext": {
        "accountId": "123456789012",
        "apiId": "abc",
        "authentication": null,
        "authorizer": { "iam": {
          "accessKey": "AKIA",
          "accountId": "123456789012",
          "callerId": "AIDA",
          "cognitoIdentity": null,
          "principalOrgId": null,
          "userArn": "arn:aws:iam::123456789012:user/alice",
          "userId": "AIDA"
        } },
        "domainName": "abc.lambda-url.eu-west-1.on.aws",
        "http": { "method": "POST", "path": "/", "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1", "userAgent": "x" },
        "requestId": "id", "routeKey": "$default", "stage": "$default", "time": "", "timeEpoch": 1
      },
      "body": "dG9rZW49YQ==",
      "isBase64Encoded": true
    }"#;

    fn event(from: &str, to: &str) -> UrlRequest {
        assert!(EVENT.contains(from));
        serde_json::from_str(&EVENT.replace(from, to)).unwrap()
    }

    #[test]
    fn a_request_is_what_the_browser_sent() {
        let event = event("abc", "abc");
        assert_eq!(
            event.signed_by(),
            Some("arn:aws:iam::123456789012:user/alice")
        );
        let request = event.into_http().unwrap();
        assert_eq!(request.method(), Method::POST);
        let target = "/triggers/Spaces-1/file%3ANew%20images?q=a%20b&page=2";
        assert_eq!(request.uri().to_string(), target);
        let header = |name: &str| request.headers()[name].to_str().unwrap();
        assert_eq!(header("cookie"), "__Host-feed-triggers=abc; other=1");
        assert_eq!(header("sec-fetch-site"), "same-origin");
        assert_eq!(request.body().as_ref(), b"token=a");
    }

    #[test]
    fn a_question_mark_in_a_path_begins_no_query() {
        let request = event("New images", "Ready?").into_http().unwrap();
        assert_eq!(request.uri().path(), "/triggers/Spaces-1/file%3AReady%3F");
        assert_eq!(request.uri().query(), Some("q=a%20b&page=2"));
    }

    #[test]
    fn request_to_an_open_url_has_no_signer() {
        let iam =
            &EVENT[EVENT.find("\"authorizer\"").unwrap()..EVENT.find("\"domainName\"").unwrap()];
        assert_eq!(event(iam, "").signed_by(), None);
        assert_eq!(event(iam, "\"authorizer\": null,").signed_by(), None);
        assert_eq!(
            event(iam, "\"authorizer\": {\"iam\": null},").signed_by(),
            None
        );
    }

    #[test]
    fn what_is_no_request_is_an_error() {
        assert!(event("\"POST\"", "\"P O\"").into_http().is_err());
        assert!(event("dG9rZW49YQ==", "no base64").into_http().is_err());
        assert!(event("/triggers", "no path").into_http().is_err());
    }
}
