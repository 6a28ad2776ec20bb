//! Creates a release through `releases/create/v1`, or through `POST releases` if the server lacks that call, if
//! its grammar cannot express the plan, or if it refuses only that form of the request: a name that it does not
//! find, or an override that it does not accept.
//!
//! A request is sent once. A refusal means that nothing was created. Every other failure after sending is
//! [`OctopusErrorKind::Unknown`]; the caller then searches for the release before it tries again.

use std::collections::BTreeMap;

use domain::ids::ReleaseId;
use domain::plan::Plan;
use engine::ports::{
    Channel, OctopusError, OctopusErrorKind, Process, Project, Release, ReleasedProcess,
};
use http_client::from_json;
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::advisory::advisory;
use crate::call::Call;
use crate::chart_tags::refuses_a_chart;
use crate::client::OctopusClient;
use crate::error::{error, of_write};
use crate::http::{Answer, NoAnswer};
use crate::keys::ApiKeys;
use crate::overrides::{self, SelectedVersion};
use crate::refusal::{detail, existing_release, may_be_maintenance, mentions_maintenance, refusal};
use crate::server_version::ServerVersion;
use crate::tolerant::without_case;

/// Remedy when no answer arrived.
const SEARCH_FIRST: &str = "the release may exist, so it is searched for before the next attempt";

/// The input of a release.
pub(crate) struct ReleaseRequest<'a> {
    pub(crate) project: &'a Project,
    pub(crate) process: &'a Process,
    pub(crate) channel: &'a Channel,
    pub(crate) plan: &'a Plan,
    /// Name charts by the tags of their versions.
    pub(crate) by_tag: bool,
}

impl ReleaseRequest<'_> {
    /// The branch or tag of projects in Git. Other projects must not send one.
    pub(crate) fn git_ref(&self) -> Option<&str> {
        let branch = self.project.git_ref.as_deref()?;
        Some(self.plan.git_ref.as_deref().unwrap_or(branch))
    }

    /// The versions in the plan.
    pub(crate) fn planned(&self) -> Vec<SelectedVersion> {
        let selected = |package: &domain::plan::PlannedPackage| SelectedVersion {
            action_name: package.action_name.clone(),
            package_reference_name: package.package_reference.clone(),
            version: match &package.tag {
                Some(tag) if self.by_tag => tag.clone(),
                _ => package.version.clone(),
            },
        };
        self.plan.packages.iter().map(selected).collect()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct CreateResource<'a> {
    space_id: &'a str,
    space_id_or_name: &'a str,
    project_name: &'a str,
    channel_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    release_version: Option<&'a str>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    packages: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    git_ref: Option<&'a str>,
    release_notes: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    custom_fields: &'a BTreeMap<String, String>,
    ignore_if_already_exists: bool,
    ignore_channel_rules: bool,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "PascalCase")]
struct MaintenanceResource {
    #[serde(deserialize_with = "advisory")]
    is_in_maintenance_mode: bool,
}

impl<K: ApiKeys> OctopusClient<K> {
    pub(crate) async fn create_release(
        &self,
        project: &Project,
        process: &Process,
        channel: &Channel,
        plan: &Plan,
    ) -> Result<Release, OctopusError> {
        let mut request = ReleaseRequest {
            project,
            process,
            channel,
            plan,
            by_tag: self.chart_tags.are_used_for(plan),
        };
        let refused = match self.create_once(&request).await {
            Err(refused) if refuses_a_chart(&refused, plan, request.by_tag) => refused,
            created => return created,
        };
        if request.by_tag {
            // The next attempt names the version again.
            self.chart_tags.forget(plan);
            return Err(refused);
        }
        tracing::info!(
            reason = refused.message,
            "Octopus refused the version of a chart; using the chart's tag"
        );
        request.by_tag = true;
        let created = self.create_once(&request).await;
        let created = created.map_err(|error| with_refusal(error, &refused.message))?;
        self.chart_tags.use_for(plan);
        Ok(created)
    }

    async fn create_once(&self, request: &ReleaseRequest<'_>) -> Result<Release, OctopusError> {
        let server = self.server_version().await?;
        if server >= ServerVersion::EXECUTIONS_API {
            let mut selected = request.planned();
            if !overrides::match_nothing_else(&selected, &request.process.template) {
                selected = self.select_all(request).await?;
            }
            let has_escapes = server >= ServerVersion::OVERRIDE_ESCAPES;
            if let Some(overrides) = overrides::write(&selected, has_escapes) {
                match self.create_by_overrides(request, overrides).await? {
                    ByOverrides::Created(release) => return Ok(release),
                    ByOverrides::NoSuchCall => {}
                    ByOverrides::Refused(refused) => {
                        tracing::info!(
                            reason = refused,
                            "create/v1 refused the request; using POST releases"
                        );
                        let created = self.create_by_selection(request).await;
                        return created.map_err(|error| with_refusal(error, &refused));
                    }
                }
            }
        }
        self.create_by_selection(request).await
    }

    async fn create_by_overrides(
        &self,
        request: &ReleaseRequest<'_>,
        packages: Vec<String>,
    ) -> Result<ByOverrides, OctopusError> {
        let space = request.project.space.as_str();
        let call = self.creating(request, &[space, "releases", "create", "v1"]);
        let resource = CreateResource {
            space_id: space,
            space_id_or_name: space,
            project_name: &request.project.name,
            channel_name: &request.channel.name,
            release_version: request.plan.release_version.as_deref(),
            packages: &packages,
            git_ref: request.git_ref(),
            release_notes: request.plan.stamped_notes(),
            custom_fields: &request.plan.custom_fields,
            ignore_if_already_exists: false,
            ignore_channel_rules: false,
        };
        let sent = self.post(&call, &resource).await;
        if let Ok(answer) = &sent {
            let text = detail(answer);
            if refuses_a_name(answer.status, &text) || refuses_an_override(answer, &packages) {
                return Ok(ByOverrides::Refused(text));
            }
            if matches!(
                answer.status,
                StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
            ) {
                return Ok(ByOverrides::NoSuchCall);
            }
        }
        let answer = self.check_created(request, &call, sent).await?;
        created(request, &answer)
            .map(ByOverrides::Created)
            .ok_or_else(|| self.unreadable(&call))
    }

    pub(crate) fn creating(&self, request: &ReleaseRequest<'_>, path: &[&str]) -> Call {
        let action = format!(
            "create a release of project {} in channel {}",
            request.project.name, request.channel.name
        );
        let url = self.address.api(path);
        Call {
            url,
            action,
            permission: "ReleaseCreate",
            timeout: self.timeouts.create,
            sent: std::sync::Arc::default(),
        }
    }

    /// The answer if the release was created, otherwise the matching error.
    pub(crate) async fn check_created(
        &self,
        request: &ReleaseRequest<'_>,
        call: &Call,
        sent: Result<Answer, NoAnswer>,
    ) -> Result<Answer, OctopusError> {
        let answer = sent.map_err(|failed| of_write(&self.address, call, failed, SEARCH_FIRST))?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        if let Some(number) = existing_release(&answer) {
            return Err(already_exists(request, &number));
        }
        if may_be_maintenance(answer.status) && self.is_in_maintenance(&answer).await {
            return Err(self.in_maintenance(call));
        }
        let mut refusal = refusal(&self.address, call, &answer);
        if is_unclear(answer.status) {
            refusal.kind = OctopusErrorKind::Unknown;
            refusal.message = format!("{}; {SEARCH_FIRST}", refusal.message);
        }
        Err(refusal)
    }

    /// A successful answer without the release's id.
    pub(crate) fn unreadable(&self, call: &Call) -> OctopusError {
        let message = format!(
            "cannot {}: the answer of {} contains no release id; {SEARCH_FIRST}",
            call.action, self.address
        );
        error(OctopusErrorKind::Unknown, message)
    }

    async fn is_in_maintenance(&self, answer: &Answer) -> bool {
        if mentions_maintenance(answer) {
            return true;
        }
        let path = ["maintenanceconfiguration"];
        let call = self.reading(&path, "the maintenance mode", "a login");
        let mode: Result<MaintenanceResource, _> = self.get(&call).await;
        mode.is_ok_and(|mode| mode.is_in_maintenance_mode)
    }

    fn in_maintenance(&self, call: &Call) -> OctopusError {
        let message = format!(
            "cannot {}: {} is in maintenance mode; it is retried until the maintenance ends",
            call.action, self.address
        );
        error(OctopusErrorKind::Unavailable, message)
    }
}

/// Result of `releases/create/v1`.
enum ByOverrides {
    Created(Release),
    /// The server does not have this call.
    NoSuchCall,
    /// The server refuses this form of the request; contains its text. Nothing was created.
    Refused(String),
}

/// Whether the server does not find the project or channel by its name: `Project named 'x' was not found.` Its status
/// differs between versions.
fn refuses_a_name(status: StatusCode, text: &str) -> bool {
    let is_refusal = matches!(status, StatusCode::NOT_FOUND | StatusCode::BAD_REQUEST);
    is_refusal && text.contains(" named '") && text.contains(" was not found")
}

/// Whether the server does not accept one of the overrides, which its answer quotes. The text of an existing release
/// may quote the same version.
fn refuses_an_override(answer: &Answer, overrides: &[String]) -> bool {
    let text = detail(answer);
    answer.status == StatusCode::BAD_REQUEST
        && existing_release(answer).is_none()
        && overrides.iter().any(|one| text.contains(one.as_str()))
}

/// The error of the second call, with the refusal of the first.
fn with_refusal(error: OctopusError, refused: &str) -> OctopusError {
    OctopusError {
        message: format!(
            "{} (the first request was refused: {})",
            error.message,
            refused.trim_end_matches('.')
        ),
        ..error
    }
}

/// Whether the release may exist after this status. 503 is answered before anything is created.
fn is_unclear(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE
}

/// The planned release with the id and number from the server's answer.
fn created(request: &ReleaseRequest<'_>, answer: &Answer) -> Option<Release> {
    let document: Value = from_json(&answer.body).ok()?;
    let selected =
        |one: SelectedVersion| (one.action_name, one.package_reference_name, one.version);
    Some(Release {
        id: ReleaseId::new(without_case(&document, "ReleaseId")?),
        version: without_case(&document, "ReleaseVersion")?.to_owned(),
        assembled: None,
        notes: request.plan.stamped_notes(),
        selected: request.planned().into_iter().map(selected).collect(),
        process: ReleasedProcess::default(),
    })
}

fn already_exists(request: &ReleaseRequest<'_>, number: &str) -> OctopusError {
    let project = &request.project.name;
    error(
        OctopusErrorKind::AlreadyExists,
        format!("project {project} already has a release {number}; nothing was created"),
    )
}
