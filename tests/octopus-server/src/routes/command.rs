//! The request body of `releases/create/v1`.

use super::SpaceRequest;
use crate::answer::Refusal;
use crate::call::Fields;
use crate::features::Feature;
use crate::releases::Duplicate;
use crate::releases::overrides::Override;
use crate::world::same;

/// The parsed request body.
pub(super) struct Command {
    pub(super) project: String,
    pub(super) channel: Option<String>,
    pub(super) overrides: Vec<Override>,
    pub(super) package_version: Option<String>,
    pub(super) pre_release: Option<String>,
    pub(super) git_ref: Option<String>,
    pub(super) git_commit: Option<String>,
    pub(super) version: Option<String>,
    pub(super) notes: Option<String>,
    pub(super) custom_fields: Vec<(String, String)>,
    pub(super) duplicate: Duplicate,
    pub(super) ignore_rules: bool,
}

impl Command {
    /// Reads the request's body.
    ///
    /// # Errors
    /// 400 for a missing or malformed property, 404 for a space other than the path's.
    pub(super) fn read(request: &SpaceRequest<'_>) -> Result<Self, Refusal> {
        let fields = request.call.fields()?;
        for required in ["spaceId", "spaceIdOrName"] {
            let given = fields.text(required)?.ok_or_else(Fields::malformed)?;
            if !same(&given, &request.space().id) && !same(&given, &request.space().name) {
                return Err(Refusal::not_found(&given));
            }
        }
        let escapes = request.has(Feature::OverrideEscapes);
        let overrides = fields.texts("packages")?;
        let project = fields
            .text("projectName")?
            .or(fields.text("projectIdOrName")?);
        Ok(Self {
            project: project.ok_or_else(Fields::malformed)?,
            channel: fields
                .text("channelName")?
                .or(fields.text("channelIdOrName")?),
            overrides: overrides
                .iter()
                .map(|text| Override::parse(text, escapes))
                .collect::<Result<_, _>>()?,
            package_version: fields.text("packageVersion")?,
            pre_release: fields.text("packagePrerelease")?,
            git_ref: fields.text("gitRef")?,
            git_commit: fields.text("gitCommit")?,
            version: fields.text("releaseVersion")?,
            notes: fields.text("releaseNotes")?,
            custom_fields: fields
                .object("customFields")?
                .unwrap_or_default()
                .into_texts()
                .collect(),
            duplicate: if fields.flag("ignoreIfAlreadyExists")? {
                Duplicate::ReturnExisting
            } else {
                Duplicate::Refuse
            },
            ignore_rules: fields.flag("ignoreChannelRules")?,
        })
    }
}
