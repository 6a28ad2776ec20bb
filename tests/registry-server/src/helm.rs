//! The Helm repository: charts in an `index.yaml`.

mod chart_museum;
mod index;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use hyper::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};

use crate::exchange::{Answer, Handler, Request};
use crate::fault::Fault;
use crate::server::Server;
use crate::server_state::{Logged, lock};

/// A repository at a path of its own, with validators and compression.
pub struct HelmRepository {
    state: Arc<Shelf>,
    server: Server,
}

/// One version of a chart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartVersion {
    /// The version.
    pub version: String,
    /// When it was published.
    pub created: Timestamp,
}

#[derive(Default)]
struct Shelf(Mutex<State>);

struct State {
    /// Versions, newest first, by chart.
    charts: BTreeMap<String, Vec<ChartVersion>>,
    /// When it last changed. The first change is at the start of 2026, each further one a minute later,
    /// so that runs are alike.
    changed: Timestamp,
    /// Served instead of the charts.
    text: Option<Vec<u8>>,
    validators: bool,
    /// Whether its `ETag` is a weak one.
    weak: bool,
    /// The context path of a ChartMuseum; `None` for a plain repository.
    chart_museum: Option<String>,
    user: Option<(String, String)>,
}

/// 2026-01-01T00:00:00Z.
const START: Timestamp = Timestamp::constant(1_767_225_600, 0);

impl Default for State {
    fn default() -> Self {
        Self {
            charts: BTreeMap::new(),
            changed: START,
            text: None,
            validators: true,
            weak: false,
            chart_museum: None,
            user: None,
        }
    }
}

impl HelmRepository {
    /// An empty repository on its own port, without authentication.
    pub async fn start() -> anyhow::Result<Self> {
        let state = Arc::new(Shelf::default());
        let server = Server::start(Arc::clone(&state) as Arc<dyn Handler>).await?;
        Ok(Self { state, server })
    }

    /// The repository's address; the index is at `/index.yaml` below it.
    pub fn url(&self) -> String {
        format!("{}/charts", self.server.url())
    }

    /// Adds a version of a chart.
    pub fn publish(&self, chart: &str, version: &str) {
        let mut state = lock(&self.state.0);
        let created = state.touch();
        let versions = state.charts.entry(chart.to_owned()).or_default();
        versions.insert(
            0,
            ChartVersion {
                version: version.to_owned(),
                created,
            },
        );
    }

    /// Removes a version of a chart, and the chart with its last version.
    pub fn remove(&self, chart: &str, version: &str) {
        let mut state = lock(&self.state.0);
        state.touch();
        if let Some(versions) = state.charts.get_mut(chart) {
            versions.retain(|published| published.version != version);
        }
        state.charts.retain(|_, versions| !versions.is_empty());
    }

    /// The versions of a chart, newest first; none if there is no such chart.
    pub fn versions(&self, chart: &str) -> Vec<ChartVersion> {
        lock(&self.state.0)
            .charts
            .get(chart)
            .cloned()
            .unwrap_or_default()
    }

    /// Serves these bytes as the index instead of what was published.
    pub fn set_index(&self, index: impl Into<Vec<u8>>) {
        let mut state = lock(&self.state.0);
        state.touch();
        state.text = Some(index.into());
    }

    /// Whether `ETag` and `Last-Modified` are given; they are, by default.
    pub fn set_validators(&self, given: bool) {
        lock(&self.state.0).validators = given;
    }

    /// From now on, its `ETag` is a weak one, as of servers that compress on the way. It knows no other.
    pub fn weaken_etag(&self) {
        lock(&self.state.0).weak = true;
    }

    /// From now on, is a ChartMuseum: without validators, and with the API for one chart. `context` is its context
    /// path: with `/charts`, the right one, the API is at `/charts/api`; when empty, the charts are one of its
    /// repositories, and the API is at `/api/charts`.
    pub fn become_chart_museum(&self, context: &str) {
        let mut state = lock(&self.state.0);
        state.validators = false;
        state.chart_museum = Some(context.to_owned());
    }

    /// From now on, asks for this user and password by Basic authentication.
    pub fn require_basic(&self, user: &str, password: &str) {
        lock(&self.state.0).user = Some((user.to_owned(), password.to_owned()));
    }

    /// Misbehaves. Several faults strike in the order in which they were given.
    pub fn fault(&self, fault: Fault) {
        self.server.fault(fault);
    }

    /// Behaves again.
    pub fn clear_faults(&self) {
        self.server.clear_faults();
    }

    /// The requests so far: method, path and query, whether they had an `Authorization`.
    pub fn requests(&self) -> Vec<Logged> {
        self.server.requests()
    }

    /// Clears the log of requests.
    pub fn clear_requests(&self) {
        self.server.clear_requests();
    }
}

impl State {
    fn touch(&mut self) -> Timestamp {
        self.changed += SignedDuration::from_secs(60);
        self.changed
    }
}

impl Handler for Shelf {
    fn answer(&self, request: &Request) -> Answer {
        let state = lock(&self.0);
        if state
            .user
            .as_ref()
            .is_some_and(|user| !request.is_from(user))
        {
            return Answer::body("text/plain", "authentication required")
                .status(StatusCode::UNAUTHORIZED)
                .with("WWW-Authenticate", "Basic realm=\"charts\"");
        }
        if let Some(answer) = chart_museum::answer(request, &state) {
            return answer;
        }
        if request.method != Method::GET || request.path != "/charts/index.yaml" {
            return Answer::body("text/plain", "not found").status(StatusCode::NOT_FOUND);
        }
        index::answer(request, &state)
    }
}
