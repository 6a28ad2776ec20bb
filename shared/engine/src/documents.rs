//! The fingerprint of the documents of a project that a decision is based on: the project, the channel and the process.
//!
//! A refresh of the watch list reads these documents and stores their fingerprint with each trigger. A stored copy with the
//! same fingerprint is as current as the list.

use domain::process::Versioning;
use sha2::{Digest, Sha256};

use crate::ports::{Channel, Process, Project};

/// The fingerprint: 16 hex digits. It ignores the order of the template's packages, which differs between the ways of
/// reading them, and the next release number, which changes with every release.
///
/// Another version of this program may give another fingerprint. The documents are then read once more.
pub fn fingerprint(project: &Project, channel: &Channel, process: &Process) -> String {
    let Process {
        actions,
        rule_names,
        identities,
        template,
    } = process;
    let mut packages: Vec<_> = template.packages.iter().collect();
    packages.sort_by_key(|one| (&one.action_name, &one.package_reference));
    let donor = match &template.versioning {
        Versioning::Template { .. } => None,
        donor @ Versioning::Donor { .. } => Some(donor),
    };
    let process = (actions, rule_names, identities, packages, donor);
    let text = format!("{:?}", (project, channel, process));
    base16ct::lower::encode_string(&Sha256::digest(text)[..8])
}
