//! The Helm repository: charts in an `index.yaml`.

mod index;
mod museum;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use hyper::{Method, StatusCode};
use jiff::{SignedDuration, Timestamp};

use crate::fault::Fault;
use crate::server::{Answer, Handler, Logged, Request, Server, lock};

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
    /// What is served instead of the charts.
    text: Option<Vec<u8>>,
    validators: bool,
    /// Whether its `ETag` is a weak one.
    weak: bool,
    /// Where it is a ChartMuseum, the path below which it says that it is reached.
    museum: Option<String>,
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
            museum: None,
            user: None,
        }
    }
}

impl HelmRepository {
    /// An empty repository on a port of its own, open to everybody.
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

    /// Takes a version of a chart away, and the chart with its last version.
    pub fn remove(&self, chart: &str, version: &str) {
        let mut state = lock(&self.state.0);
        state.touch();
        if let Some(versions) = state.charts.get_mut(chart) {
            versions.retain(|held| held.version != version);
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

    /// From now on, is a ChartMuseum: without validators, and with the API that gives one chart. It says
    /// that it is reached below `context`: with `/charts`, as is right, the API is at `/charts/api`; with
    /// nothing, the charts are a repository of it, and the API is at `/api/charts`.
    pub fn become_museum(&self, context: &str) {
        let mut state = lock(&self.state.0);
        state.validators = false;
        state.museum = Some(context.to_owned());
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

    /// What was asked: method, path and query, whether an `Authorization` came with it.
    pub fn requests(&self) -> Vec<Logged> {
        self.server.requests()
    }

    /// Forgets what was asked.
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
        if let Some(answer) = museum::answer(request, &state) {
            return answer;
        }
        if request.method != Method::GET || request.path != "/charts/index.yaml" {
            return Answer::body("text/plain", "not found").status(StatusCode::NOT_FOUND);
        }
        index::answer(request, &state)
    }
}
