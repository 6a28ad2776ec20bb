//! ChartMuseum's API for one chart.

use hyper::{Method, StatusCode};

use super::State;
use super::index::hex;
use crate::exchange::{Answer, Request};

/// The answer, if this is a ChartMuseum and the path is in its API.
pub(super) fn answer(request: &Request, state: &State) -> Option<Answer> {
    let api = match state.chart_museum.as_deref()? {
        "" => "/api/charts/charts/",
        _ => "/charts/api/charts/",
    };
    let chart = request.path.strip_prefix(api)?;
    if request.method != Method::GET {
        return None;
    }
    let Some(versions) = state.charts.get(chart) else {
        let error = Answer::body("application/json", "{\"error\":\"chart not found\"}");
        return Some(error.status(StatusCode::NOT_FOUND));
    };
    let entries: Vec<_> = versions
        .iter()
        .map(|published| {
            let version = &published.version;
            serde_json::json!({
                "name": chart,
                "version": version,
                "created": published.created.to_string(),
                "digest": hex(format!("{chart}-{version}").as_bytes()),
                "urls": [format!("charts/{chart}-{version}.tgz")],
                "apiVersion": "v2",
            })
        })
        .collect();
    let body = serde_json::Value::from(entries).to_string();
    Some(Answer::body("application/json", body))
}
