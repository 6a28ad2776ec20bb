//! Push events: the packages that a push concerns. A push is a hint, never data.

mod ecr;
mod ignored;
mod package;
mod request;

pub use ecr::{EcrPush, EcrRepository, packages_in, packages_of};
pub use ignored::Ignored;
pub use package::{FURTHER_CHECKS, Match, PackageKind, PackagePush, Push};
pub use request::{WebhookOutcome, WebhookRequest};

/// An event of a push, as the push queue delivers it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PushEvent {
    /// ECR's own event.
    Ecr(EcrPush),
    /// The event `PackagePushed`.
    Package(PackagePush),
    /// A finished scan of an image in this repository of ECR.
    Scan(EcrRepository),
}

impl PushEvent {
    /// A short description: the repository, its tag, and the account or receiver.
    pub fn subject(&self) -> String {
        let (repository, tag, of) = match self {
            Self::Ecr(push) => (push.repository.as_str(), &push.tag, &push.account),
            Self::Package(package) => {
                let repository = package.push.repository.as_deref();
                let repository = repository.unwrap_or("all packages");
                (repository, &package.push.tag, &package.receiver)
            }
            Self::Scan(scanned) => (&*scanned.name, &None, &scanned.account),
        };
        match tag {
            Some(tag) => format!("{repository}:{tag} of {of}"),
            None => format!("{repository} of {of}"),
        }
    }
}
