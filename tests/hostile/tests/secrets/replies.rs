//! Every way in which a server can echo a secret.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hostile::{Planted, Reply};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

/// Positions of the secret in an answer: `{S}`, or `{J}` within a JSON string.
const PLACES: &[&str] = &[
    "401|WWW-Authenticate: Basic realm=\"{S}\"|{\"errors\":[{\"code\":\"UNAUTHORIZED\",\"message\":\"{J}\"}]}",
    "401|WWW-Authenticate: Bearer realm=\"https://evil.test/{S}/token?a={S}\",service=\"{S}\",scope=\"{S}\"|",
    "401|WWW-Authenticate: Bearer realm=\"http://registry.test/{S}/token?a={S}\",service=\"{S}\"|",
    "401|WWW-Authenticate: Bearer realm=\"{S}\"|",
    "401|WWW-Authenticate: Bearer realm=\"ftp://{S}/\"|",
    "401|WWW-Authenticate: Bearer realm=\"https://{S}@registry.test/\"|",
    "401|WWW-Authenticate: Bearer realm=\"https://169.254.169.254/{S}\"|",
    "401|WWW-Authenticate: {S}|{S}",
    "403|X: {S}|{\"errors\":[{\"code\":\"{J}\",\"message\":\"wrong password {J} for joe\"}]}",
    "403||{\"ErrorMessage\":\"no {J}\",\"Errors\":[\"{J}\"],\"HelpText\":\"{J}\"}",
    "403||<html><body>Not with {S}, <b>{S}</b></body></html>",
    "404||{\"errors\":[{\"code\":\"NAME_UNKNOWN\",\"message\":\"{J}\"}]}",
    "400||{\"errors\":[{\"code\":\"X\",\"message\":\"{J}\"}]}",
    "429|Retry-After: {S}|{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"{J}\"}]}",
    "500||{\"errors\":[{\"code\":\"X\",\"message\":\"{J} and a long text that fills it up until it is cut in the middle of what must not be seen, which is the case somewhere near the end of these two hundred characters, so {J}\"}]}",
    "500 {S}||{S}",
    "503||{\"ErrorMessage\":\"{J}\"}",
    "302|Location: https://evil.test/{S}?a={S}#{S}|",
    "302|Location: https://{S}@evil.test/|",
    "302|Location: ftp://evil.test/{S}|",
    "302|Location: http://evil.test/{S}|",
    "302|Location: https://169.254.169.254/{S}?{S}|",
    "200|Link: <https://evil.test/{S}?{S}>; rel=next|{\"tags\":[\"1.0.0\"]}",
    "200|Link: <?last={S}>; rel=next|{\"tags\":[\"1.0.0\"]}",
    "200|ETag: \"{S}\"\r\nLast-Modified: {S}|apiVersion: v1\nentries:\n  acme/web:\n  - version: 1.0.0\n    name: acme/web\n",
    "200|Content-Encoding: {S}|x",
    "200||{\"tags\":\"{J}\",\"Items\":\"{J}\"}",
    "200||{\"tags\":{\"{J}\":1},\"Items\":{\"{J}\":1}}",
    "200||{\"name\":\"{J}\",\"tags\":[7,\"{J}\"],\"Items\":[\"{J}\",{\"Id\":7,\"Name\":\"{J}\"}]}",
    "200||{\"Items\":[{\"Id\":\"Feeds-1\",\"FeedType\":{\"{J}\":1},\"Name\":\"{J}\"}]}",
    "200||{\"Items\":[{\"Id\":\"Feeds-1\",\"FeedType\":\"Docker\",\"Password\":\"{J}\",\"FeedUri\":7,\"IsDisabled\":\"{J}\"}]}",
    "200||{\"Items\":[{\"Id\":\"{J}\",\"FeedType\":7,\"Filter\":\"{J}\",\"Action\":\"{J}\"}]}",
    "200||\"{J}\"",
    "200||{S}",
    "200||apiVersion: v1\nentries:\n  {S}: [\n",
    "200||apiVersion: v1\nentries: \"{J}\"\n",
];

/// Each place with each form of the secret.
pub(crate) fn all(planted: &Planted) -> Vec<Reply> {
    let secret = planted.secret;
    let pair = format!("{}:{secret}", planted.user);
    let forms = [
        secret.to_owned(),
        utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string(),
        BASE64_STANDARD.encode(&pair),
        BASE64_STANDARD.encode(secret),
        format!("Basic {}", BASE64_STANDARD.encode(&pair)),
        format!("https://{pair}@registry.test/"),
        secret.to_uppercase(),
    ];
    let places = PLACES.iter();
    let replies = places.flat_map(|place| forms.iter().map(move |form| reply(place, form)));
    replies.collect()
}

fn reply(place: &str, form: &str) -> Reply {
    let json = serde_json::to_string(form).unwrap();
    let filled = place
        .replace("{J}", json.trim_matches('"'))
        .replace("{S}", form);
    let mut parts = filled.splitn(3, '|');
    let (status, headers, body) = (
        parts.next().unwrap(),
        parts.next().unwrap(),
        parts.next().unwrap(),
    );
    let headers = if headers.is_empty() {
        String::new()
    } else {
        format!("{headers}\r\n")
    };
    let length = body.len();
    Reply::Bytes(format!(
        "HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    ))
}
