//! Refusals: the error kind and message for an answer other than 2xx.

use domain::time::Span;
use engine::ports::{OctopusError, OctopusErrorKind};
use http_client::{from_json, retry_after};
use jiff::Timestamp;
use reqwest::StatusCode;
use serde::Deserialize;

use crate::address::Address;
use crate::advisory::advisory;
use crate::call::Call;
use crate::error::error;
use crate::http::Answer;
use crate::tolerant::filled;

/// Longer details are truncated. In characters.
const MAX_DETAIL: usize = 600;

/// The error for an answer other than 2xx. Assumes that nothing was changed.
pub(crate) fn refusal(server: &Address, call: &Call, answer: &Answer) -> OctopusError {
    let action = &call.action;
    let status = answer.status;
    let detail = detail_suffix(answer);
    let (kind, message) = match status.as_u16() {
        401 => (
            OctopusErrorKind::Unauthorized,
            format!(
                "cannot {action}: {server} rejected the API key{detail}; set OCTOPUS_API_KEY or the secret to a \
                 valid key"
            ),
        ),
        403 => (
            OctopusErrorKind::Forbidden,
            format!(
                "cannot {action}: {server} denied access{detail}; give the API key's user the permission {}",
                missing_permission(answer).unwrap_or_else(|| call.permission.to_owned())
            ),
        ),
        404 | 405 | 410 if !is_of_octopus(answer) => (
            OctopusErrorKind::NotFound,
            format!(
                "cannot {action}: {server} answered {status}, but not as an Octopus Server does; check the address"
            ),
        ),
        404 | 405 | 410 => (
            OctopusErrorKind::NotFound,
            format!(
                "cannot {action}: {server} answered {status}{detail}; it was removed, or the API key's user \
                 cannot see it"
            ),
        ),
        429 => {
            let pause = pause(answer);
            let wait = pause.map_or_else(String::new, |span| format!(" for {span}"));
            (
                OctopusErrorKind::Throttled(pause),
                format!(
                    "cannot {action}: {server} throttles the API key's user{wait} (429); use this user for \
                     nothing else"
                ),
            )
        }
        408 | 500.. => (
            OctopusErrorKind::Unavailable,
            format!("cannot {action}: {server} answered {status}{detail}; it is retried later"),
        ),
        _ => (
            OctopusErrorKind::Invalid,
            format!("cannot {action}: {server} refused with {status}{detail}"),
        ),
    };
    error(kind, message)
}

/// The number of the project's existing release, if that is the reason of the refusal. Octopus reports it in
/// the text only.
pub(crate) fn existing_release(answer: &Answer) -> Option<String> {
    let text = detail(answer);
    let (_, rest) = text.split_once("Release '")?;
    let (number, _) = rest.split_once("' already exists for this project")?;
    Some(number.to_owned())
}

/// The permission that Octopus names in its refusal. A call may need several, so this may be another one than
/// [`Call::permission`].
fn missing_permission(answer: &Answer) -> Option<String> {
    let text = detail(answer);
    let (_, named) = text.split_once("Missing permission: ")?;
    let end = named.find(|letter: char| !letter.is_ascii_alphanumeric());
    let name = &named[..end.unwrap_or(named.len())];
    (!name.is_empty()).then(|| name.to_owned())
}

/// Whether the answer's text names maintenance mode.
pub(crate) fn mentions_maintenance(answer: &Answer) -> bool {
    detail(answer).to_lowercase().contains("maintenance mode")
}

/// The answer's text as a suffix `: TEXT`; empty if there is none.
pub(crate) fn detail_suffix(answer: &Answer) -> String {
    match detail(answer) {
        text if text.is_empty() => text,
        text => format!(": {}", text.trim_end_matches('.')),
    }
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct ErrorResource {
    #[serde(deserialize_with = "advisory")]
    error_message: Option<String>,
    #[serde(deserialize_with = "advisory")]
    errors: Vec<String>,
    #[serde(deserialize_with = "advisory")]
    help_text: Option<String>,
}

/// Whether the answer is a document of Octopus, which answers in JSON, and not a page of another server or proxy.
fn is_of_octopus(answer: &Answer) -> bool {
    answer.body.is_empty() || from_json::<ErrorResource>(&answer.body).is_ok()
}

/// The text of a refusal on one line: `Errors`, else `ErrorMessage`, else the text of an HTML page.
pub(crate) fn detail(answer: &Answer) -> String {
    let text = match from_json::<ErrorResource>(&answer.body) {
        Ok(resource) if resource.errors.iter().any(|one| !one.trim().is_empty()) => {
            resource.errors.join(" ")
        }
        Ok(resource) => {
            let texts = [filled(resource.error_message), filled(resource.help_text)];
            texts.into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        Err(_) => without_tags(&String::from_utf8_lossy(&answer.body)),
    };
    let mut words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = words.char_indices().nth(MAX_DETAIL) {
        words.truncate(end);
        words.push_str("...");
    }
    words
}

/// The text between the tags of an HTML page, without styles and scripts.
fn without_tags(page: &str) -> String {
    let lower = page.to_ascii_lowercase();
    let mut text = String::new();
    let mut rest = 0;
    while let Some(tag) = page[rest..].find('<').map(|at| rest + at) {
        text.push_str(&page[rest..tag]);
        text.push(' ');
        let hidden = ["style", "script"]
            .into_iter()
            .find(|name| lower[tag + 1..].starts_with(name));
        let after = hidden
            .and_then(|name| lower[tag..].find(&format!("</{name}")).map(|at| tag + at))
            .unwrap_or(tag);
        let Some(end) = page[after..].find('>') else {
            return text;
        };
        rest = after + end + 1;
    }
    text.push_str(&page[rest..]);
    text
}

fn pause(answer: &Answer) -> Option<Span> {
    let pause = retry_after(&answer.headers, Timestamp::now())?;
    Some(Span::from_millis(
        i64::try_from(pause.as_millis()).unwrap_or(i64::MAX),
    ))
}

/// Whether a server in maintenance mode may answer with this status.
pub(crate) fn may_be_maintenance(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::FORBIDDEN | StatusCode::SERVICE_UNAVAILABLE
    )
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderMap;

    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let status = StatusCode::from_u16(status).unwrap();
        Answer {
            status,
            headers: HeaderMap::new(),
            body: body.to_owned().into(),
        }
    }

    #[test]
    fn detail_reads_errors_then_message_then_page() {
        for (body, text) in [
            (
                r#"{"ErrorMessage":"A problem.","Errors":["One.","Two."]}"#,
                "One. Two.",
            ),
            (r#"{"ErrorMessage":"A problem.","Errors":[]}"#, "A problem."),
            (
                r#"{"ErrorMessage":"Missing permission: FeedView","HelpText":"Ask."}"#,
                "Missing permission: FeedView Ask.",
            ),
            (r#"{"Errors":null}"#, ""),
            ("", ""),
            (
                "<html><head><title>502 Bad Gateway</title><style>a > b {}</style></head>\n<body><h1>Sorry</h1></body>",
                "502 Bad Gateway Sorry",
            ),
            ("plain text", "plain text"),
            ("cut <off", "cut"),
        ] {
            assert_eq!(detail(&answer(500, body)), text, "{body}");
        }
        assert_eq!(
            detail(&answer(500, &"ä".repeat(9_999))).chars().count(),
            MAX_DETAIL + 3
        );
    }

    #[test]
    fn existing_release_is_recognized_by_text() {
        let exists = r#"{"ErrorMessage":"There was a problem with your request.","Errors":["Release '1.4.8' already exists for this project. Please use a different version, or look at using a mask to auto-increment the number."]}"#;
        let number = existing_release(&answer(400, exists));
        assert_eq!(number.as_deref(), Some("1.4.8"));
        let other = r#"{"Errors":["The project is disabled, so releases cannot be created"]}"#;
        assert_eq!(existing_release(&answer(400, other)), None);
    }
}
