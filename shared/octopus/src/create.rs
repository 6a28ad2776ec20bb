//! Creating a release, through `releases/create/v1` where the server has it and the plan can be written in
//! its grammar, else the older way.
//!
//! A request is sent once. Refused means that nothing was done; whatever else comes back after it was sent
//! is [`OctopusErrorKind::Unknown`], and whoever called looks for the release before calling again.

use std::collections::BTreeMap;

use domain::ids::ReleaseId;
use domain::plan::Plan;
use engine::ports::{Channel, OctopusError, OctopusErrorKind, Process, Project, Release};
use http_client::from_json;
use reqwest::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::client::{Call, OctopusClient};
use crate::error::{error, of_write};
use crate::http::{Answer, Lost};
use crate::keys::ApiKeys;
use crate::overrides::{self, Selected};
use crate::refusal::{existing_release, may_be_maintenance, mentions_maintenance, refusal};
use crate::server_version::ServerVersion;
use crate::tolerant::without_case;

/// What it means that no answer came.
const IN_DOUBT: &str = "the release may exist, so it is looked for first";

/// What a release is made of.
pub(crate) struct Order<'a> {
    pub(crate) project: &'a Project,
    pub(crate) process: &'a Process,
    pub(crate) channel: &'a Channel,
    pub(crate) plan: &'a Plan,
}

impl Order<'_> {
    /// The branch or tag, for projects in Git. Others must not name one.
    pub(crate) fn git_ref(&self) -> Option<&str> {
        let branch = self.project.git_ref.as_deref()?;
        Some(self.plan.git_ref.as_deref().unwrap_or(branch))
    }

    /// The versions that the plan names.
    pub(crate) fn planned(&self) -> Vec<Selected> {
        let selected = |package: &domain::plan::PlannedPackage| Selected {
            action_name: package.action_name.clone(),
            package_reference_name: package.package_reference.clone(),
            version: package.version.clone(),
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
    #[serde(skip_serializing_if = "Vec::is_empty")]
    packages: Vec<String>,
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
        let order = Order {
            project,
            process,
            channel,
            plan,
        };
        let server = self.server_version().await?;
        if server >= ServerVersion::EXECUTIONS_API {
            let mut selected = order.planned();
            if !overrides::catch_nothing_else(&selected, &process.template) {
                selected = self.select_all(&order).await?;
            }
            let has_escapes = server >= ServerVersion::OVERRIDE_ESCAPES;
            if let Some(overrides) = overrides::write(&selected, has_escapes)
                && let Some(release) = self.create_by_overrides(&order, overrides).await?
            {
                return Ok(release);
            }
        }
        self.create_by_selection(&order).await
    }

    /// Nothing if the server does not know this call after all.
    async fn create_by_overrides(
        &self,
        order: &Order<'_>,
        packages: Vec<String>,
    ) -> Result<Option<Release>, OctopusError> {
        let space = order.project.space.as_str();
        let call = self.creating(order, &[space, "releases", "create", "v1"]);
        let resource = CreateResource {
            space_id: space,
            space_id_or_name: space,
            project_name: order.project.id.as_str(),
            channel_name: order.channel.id.as_str(),
            release_version: order.plan.release_version.as_deref(),
            packages,
            git_ref: order.git_ref(),
            release_notes: order.plan.stamped_notes(),
            custom_fields: &order.plan.custom_fields,
            ignore_if_already_exists: false,
            ignore_channel_rules: false,
        };
        let sent = self.post(&call, &resource).await;
        if let Ok(answer) = &sent
            && matches!(
                answer.status,
                StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED
            )
        {
            return Ok(None);
        }
        let answer = self.settle(order, &call, sent).await?;
        created(order, &answer)
            .map(Some)
            .ok_or_else(|| self.unreadable(&call))
    }

    pub(crate) fn creating(&self, order: &Order<'_>, path: &[&str]) -> Call {
        let doing = format!(
            "creating a release of project {} in channel {}",
            order.project.name, order.channel.name
        );
        let url = self.address.api(path);
        Call {
            url,
            doing,
            permission: "ReleaseCreate",
            timeout: self.timeouts.create,
            sent: std::sync::Arc::default(),
        }
    }

    /// The answer if the release was created, else what the answer means.
    pub(crate) async fn settle(
        &self,
        order: &Order<'_>,
        call: &Call,
        sent: Result<Answer, Lost>,
    ) -> Result<Answer, OctopusError> {
        let answer = sent.map_err(|lost| of_write(&self.address, call, lost, IN_DOUBT))?;
        if answer.status.is_success() {
            return Ok(answer);
        }
        if let Some(number) = existing_release(&answer) {
            return Err(already_exists(order, &number));
        }
        if may_be_maintenance(answer.status) && self.is_in_maintenance(&answer).await {
            return Err(self.in_maintenance(call));
        }
        let mut refusal = refusal(&self.address, call, &answer);
        if is_unclear(answer.status) {
            refusal.kind = OctopusErrorKind::Unknown;
            refusal.message = format!("{}; {IN_DOUBT}", refusal.message);
        }
        Err(refusal)
    }

    /// An answer of success that does not name the release.
    pub(crate) fn unreadable(&self, call: &Call) -> OctopusError {
        let message = format!(
            "{} did not say which release it made when {}; it is looked for",
            self.address, call.doing
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
            "{} is in maintenance mode, so {} was refused; it is tried again until the maintenance is over",
            self.address, call.doing
        );
        error(OctopusErrorKind::Unavailable, message)
    }
}

/// After these the release may exist: something failed while or after it was made. 503 comes before.
fn is_unclear(status: StatusCode) -> bool {
    status.is_server_error() && status != StatusCode::SERVICE_UNAVAILABLE
}

/// The release as planned, with the id and number that the server gave it.
fn created(order: &Order<'_>, answer: &Answer) -> Option<Release> {
    let document: Value = from_json(&answer.body).ok()?;
    let selected = |one: Selected| (one.action_name, one.package_reference_name, one.version);
    Some(Release {
        id: ReleaseId::new(without_case(&document, "ReleaseId")?),
        version: without_case(&document, "ReleaseVersion")?.to_owned(),
        assembled: None,
        notes: order.plan.stamped_notes(),
        selected: order.planned().into_iter().map(selected).collect(),
    })
}

fn already_exists(order: &Order<'_>, number: &str) -> OctopusError {
    let project = &order.project.name;
    error(
        OctopusErrorKind::AlreadyExists,
        format!("project {project} has a release {number} already; nothing was created"),
    )
}
