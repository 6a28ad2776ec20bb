//! Projects with their channels, triggers and releases.

use serde_json::{Map, Value};

use super::process::evaluate;
use super::{Release, Step, Variable, guid, same};

/// A project.
#[derive(Clone, Debug)]
pub(crate) struct Project {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) is_disabled: bool,
    pub(crate) versioning: Versioning,
    pub(crate) git: Option<Git>,
    pub(crate) lifecycle: String,
    pub(crate) channels: Vec<Channel>,
    pub(crate) variables: Vec<Variable>,
    pub(crate) steps: Vec<Step>,
    pub(crate) triggers: Vec<Trigger>,
    /// Oldest first.
    pub(crate) releases: Vec<Release>,
    /// The processes of the releases, oldest first.
    pub(crate) snapshots: Vec<ProcessSnapshot>,
}

/// The process at the time of a release. It never changes.
#[derive(Clone, Debug)]
pub(crate) struct ProcessSnapshot {
    pub(crate) id: String,
    pub(crate) steps: Vec<Step>,
}

/// The versioning strategy.
#[derive(Clone, Debug)]
pub(crate) enum Versioning {
    /// By a template.
    Template(String),
    /// As one of the packages.
    Donor { action: String, package: String },
}

/// The repository of a version-controlled project.
#[derive(Clone, Debug)]
pub(crate) struct Git {
    pub(crate) default_branch: String,
    pub(crate) branches: Vec<Branch>,
    /// Short names.
    pub(crate) tags: Vec<String>,
    /// Processes name channels and feeds by slug.
    pub(crate) by_slug: bool,
}

/// A branch.
#[derive(Clone, Debug)]
pub(crate) struct Branch {
    pub(crate) name: String,
    pub(crate) commit: String,
    /// The process on this branch, where it differs from the project's.
    pub(crate) steps: Option<Vec<Step>>,
    /// The versioning on this branch, where it differs from the project's.
    pub(crate) versioning: Option<Versioning>,
}

/// A channel.
#[derive(Clone, Debug)]
pub(crate) struct Channel {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) is_default: bool,
    pub(crate) lifecycle: Option<String>,
    pub(crate) rules: Vec<Rule>,
    pub(crate) git_reference_rules: Vec<String>,
    pub(crate) custom_fields: Vec<String>,
}

/// A version rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) id: String,
    pub(crate) packages: Vec<RulePackage>,
    pub(crate) range: Option<String>,
    pub(crate) pre_release_tag: Option<String>,
    pub(crate) version_tag_regex: Option<String>,
    pub(crate) strategy: Option<String>,
}

/// A package reference in a rule.
#[derive(Clone, Debug)]
pub(crate) struct RulePackage {
    pub(crate) action: String,
    pub(crate) package: String,
}

/// A trigger. Filter and action are stored as JSON, so that every kind is supported.
#[derive(Clone, Debug)]
pub(crate) struct Trigger {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) is_disabled: bool,
    pub(crate) filter: Value,
    pub(crate) action: Value,
    /// Additional properties.
    pub(crate) others: Map<String, Value>,
}

impl Channel {
    /// The rule for a package, each given by all its names and ids.
    pub(crate) fn rule_for(&self, actions: &[&str], packages: &[&str]) -> Option<&Rule> {
        let applies = |of: &RulePackage| {
            actions.iter().any(|one| same(&of.action, one))
                && packages.iter().any(|one| same(&of.package, one))
        };
        self.rules
            .iter()
            .find(|rule| rule.packages.iter().any(applies))
    }
}

impl Project {
    /// The id of the snapshot of the process at this reference: that of an equal process, or a new one.
    pub(crate) fn snapshot(&mut self, git_ref: Option<&str>) -> String {
        let git = self.git.as_ref();
        let branch = git.zip(git_ref).and_then(|(git, name)| git.resolve(name));
        let steps = self.steps_at(branch.map(|(_, branch)| branch)).to_vec();
        if let Some(known) = self.snapshots.iter().find(|known| known.steps == steps) {
            return known.id.clone();
        }
        let number = self.snapshots.len() + 1;
        let suffix = guid(&format!("{}/snapshots/{number}", self.id));
        let suffix = suffix[..5].to_uppercase();
        let id = format!("{}-s-{number}-{suffix}", self.process_id());
        let snapshot = ProcessSnapshot {
            id: id.clone(),
            steps,
        };
        self.snapshots.push(snapshot);
        id
    }

    /// The id of its process document.
    pub(crate) fn process_id(&self) -> String {
        format!("deploymentprocess-{}", self.id)
    }

    /// The default channel, or the only one.
    pub(crate) fn default_channel(&self) -> Option<&Channel> {
        match self.channels.as_slice() {
            [only] => Some(only),
            several => several.iter().find(|channel| channel.is_default),
        }
    }

    /// A channel by its id, slug or name.
    pub(crate) fn channel(&self, id: &str) -> Option<&Channel> {
        let goes_by = |c: &&Channel| same(&c.id, id) || same(&c.name, id) || same(&c.slug, id);
        self.channels.iter().find(goes_by)
    }

    /// Its releases, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Release> {
        self.releases.iter().rev()
    }

    /// The value of a variable that can be known before deployment.
    pub(crate) fn variable(&self, name: &str) -> Option<String> {
        let known = |variable: &&Variable| !variable.scoped && same(&variable.name, name);
        self.variables
            .iter()
            .find(known)
            .map(|variable| variable.value.clone())
    }

    /// `text` with the project's variables replaced.
    pub(crate) fn evaluate(&self, text: &str) -> Option<String> {
        evaluate(text, &|name| self.variable(name))
    }

    /// The process, on a branch where the project is version-controlled.
    pub(crate) fn steps_at<'a>(&'a self, branch: Option<&'a Branch>) -> &'a [Step] {
        branch
            .and_then(|branch| branch.steps.as_deref())
            .unwrap_or(&self.steps)
    }

    /// The versioning, on a branch where the project is version-controlled.
    pub(crate) fn versioning_at<'a>(&'a self, branch: Option<&'a Branch>) -> &'a Versioning {
        branch
            .and_then(|branch| branch.versioning.as_ref())
            .unwrap_or(&self.versioning)
    }
}

impl Git {
    /// Resolves a git reference to the canonical reference and the branch with its content. Accepts a
    /// short branch name, `refs/heads/...`, `refs/tags/...`, a tag, or a commit hash of at least seven
    /// characters.
    pub(crate) fn resolve(&self, reference: &str) -> Option<(String, &Branch)> {
        let short = reference.strip_prefix("refs/heads/").unwrap_or(reference);
        if let Some(branch) = self.branches.iter().find(|branch| branch.name == short) {
            return Some((format!("refs/heads/{short}"), branch));
        }
        let tag = reference.strip_prefix("refs/tags/").unwrap_or(reference);
        if self.tags.iter().any(|known| known == tag) {
            return Some((
                format!("refs/tags/{tag}"),
                self.branch(&self.default_branch)?,
            ));
        }
        let is_commit =
            |branch: &&Branch| reference.len() >= 7 && branch.commit.starts_with(reference);
        let branch = self.branches.iter().find(is_commit)?;
        Some((branch.commit.clone(), branch))
    }

    /// A branch by its short name.
    pub(crate) fn branch(&self, name: &str) -> Option<&Branch> {
        self.branches.iter().find(|branch| branch.name == name)
    }
}
