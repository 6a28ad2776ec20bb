//! `POST /api/{s}/releases`: the caller names every package and its version.

use super::{SpaceRequest, found, releases};
use crate::answer::{Answer, Refusal, Reply};
use crate::call::Fields;
use crate::releases::{
    Draft, Duplicate, TemplatePackage, check_chart_tags, check_packages, packages, save,
    version_control,
};
use crate::world::{Channel, Project, SelectedPackage, Space, same};

/// Creates a release: 201 with the complete release.
pub(crate) fn create(request: &mut SpaceRequest<'_>, chart_tags: bool) -> Reply {
    let fields = request.call.fields()?;
    let draft = draft(request, &fields, chart_tags)?;
    let SpaceRequest { world, call, space } = request;
    let release = save(world, *space, call, draft, Duplicate::Refuse)?;
    Ok(Answer::created(releases::document(request, &release)))
}

fn draft(request: &SpaceRequest<'_>, fields: &Fields, chart_tags: bool) -> Result<Draft, Refusal> {
    let space = request.space();
    let id = fields
        .text("ProjectId")?
        .ok_or_else(|| Refusal::invalid("No project ID was specified."))?;
    let project = found(space.project(&id), &id)?;
    let version = fields.text("Version")?.ok_or_else(Fields::malformed)?;
    let channel = channel(space, project, fields.text("ChannelId")?)?;
    let reference = fields
        .object("VersionControlReference")?
        .unwrap_or_default();
    let (git_ref, git_commit) = (reference.text("GitRef")?, reference.text("GitCommit")?);
    let git = version_control(project, git_ref.as_deref(), git_commit.as_deref())?;
    let template = packages(
        space,
        project,
        channel,
        git.as_ref().map(|(_, branch)| *branch),
    );
    let selected = selected(&template, &fields.objects("SelectedPackages")?)?;
    if chart_tags {
        check_chart_tags(space, &template, &selected)?;
    }
    let ignore_rules = request
        .call
        .query_flag("ignoreChannelRules")
        .unwrap_or(false)
        || fields.flag("IgnoreChannelRules")?;
    if !ignore_rules {
        check_packages(space, channel, &template, &selected)?;
    }
    Ok(Draft {
        project: project.id.clone(),
        channel: channel.id.clone(),
        version: Some(version),
        packages: selected,
        notes: fields.text("ReleaseNotes")?,
        custom_fields: fields
            .object("CustomFields")?
            .unwrap_or_default()
            .into_texts()
            .collect(),
        ignore_rules,
        git: git.map(|(reference, _)| reference),
    })
}

fn channel<'a>(
    space: &'a Space,
    project: &'a Project,
    id: Option<String>,
) -> Result<&'a Channel, Refusal> {
    let Some(id) = id else {
        return project.default_channel().ok_or_else(|| {
            Refusal::invalid(
                "A channelId must be provided for a release when more than one exists for that project and no default channel has been specified.",
            )
        });
    };
    let (owner, channel) = found(space.channel(&id), &id)?;
    if owner.id == project.id {
        return Ok(channel);
    }
    Err(Refusal::invalid(format!(
        "The channel {} specified for this release belongs to the project {}. It does not belong to the same project as the release.",
        channel.name, owner.id
    )))
}

/// A version for every package of the template without a fixed version.
fn selected(
    template: &[TemplatePackage],
    given: &[Fields],
) -> Result<Vec<SelectedPackage>, Refusal> {
    let mut selected = Vec::new();
    for package in template
        .iter()
        .filter(|package| package.fixed_version.is_none())
    {
        let mut version = None;
        for entry in given {
            let action = entry
                .text("ActionName")?
                .or(entry.text("StepName")?)
                .unwrap_or_default();
            let reference = entry.text("PackageReferenceName")?.unwrap_or_default();
            if same(&action, &package.action) && same(&reference, &package.reference) {
                version = entry.text("Version")?;
            }
        }
        let missing =
            || Refusal::invalid("A version must be specified for every included package.");
        selected.push(SelectedPackage {
            action: package.action.clone(),
            reference: package.reference.clone(),
            version: version.ok_or_else(missing)?,
        });
    }
    Ok(selected)
}
