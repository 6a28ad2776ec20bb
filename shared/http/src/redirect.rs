//! The redirect policy. reqwest removes `Authorization` when scheme, host or port change.

use reqwest::redirect::{Attempt, Policy};

use url::Url;

use crate::approval::{Approval, NotApproved};
use crate::reach::Reach;
use crate::resolver::{Refused, check_literal};

/// The maximum number of redirects. Registries redirect once, chart repositories sometimes twice; more is a loop.
pub const MAX_REDIRECTS: usize = 5;

/// A redirect that is not followed.
#[derive(Clone, Debug, thiserror::Error)]
pub enum RedirectError {
    /// More than [`MAX_REDIRECTS`].
    #[error("redirected more than {MAX_REDIRECTS} times")]
    TooMany,
    /// From https to plain http.
    #[error("redirected from https to http, which is not followed")]
    Downgrade,
    /// To a URL that is neither http nor https.
    #[error("redirected to a URL that is neither http nor https")]
    Scheme,
    /// To a URL with user information in it, which would become a credential.
    #[error("redirected to a URL with a user name or password in it, which is not followed")]
    UserInfo,
    /// To an address that may not be reached.
    #[error("redirected to an address that may not be reached")]
    Address(#[source] Refused),
    /// To a host that a proxy would connect to, and that may not be requested from it.
    #[error("redirected to a host that is not requested from the proxy")]
    NotApproved(#[source] NotApproved),
    /// To a host that a proxy would connect to, and that was not checked yet.
    #[error("redirected to a host that was not checked yet")]
    Unchecked(Url),
}

pub(crate) fn policy(reach: Reach, approval: Option<Approval>) -> Policy {
    Policy::custom(
        move |attempt| match judge(&attempt, &reach, approval.as_ref()) {
            Ok(()) => attempt.follow(),
            Err(error) => attempt.error(error),
        },
    )
}

fn judge(
    attempt: &Attempt<'_>,
    reach: &Reach,
    approval: Option<&Approval>,
) -> Result<(), RedirectError> {
    let next = attempt.url();
    if attempt.previous().len() > MAX_REDIRECTS {
        return Err(RedirectError::TooMany);
    }
    if !matches!(next.scheme(), "http" | "https") {
        return Err(RedirectError::Scheme);
    }
    if next.scheme() == "http" && attempt.previous().iter().any(|url| url.scheme() == "https") {
        return Err(RedirectError::Downgrade);
    }
    if !next.username().is_empty() || next.password().is_some() {
        return Err(RedirectError::UserInfo);
    }
    check_literal(next, reach).map_err(RedirectError::Address)?;
    match approval.map(|approval| approval.verdict(next)) {
        None | Some(Some(Ok(()))) => Ok(()),
        Some(Some(Err(NotApproved::Refused(refused)))) => Err(RedirectError::Address(refused)),
        Some(Some(Err(unresolved))) => Err(RedirectError::NotApproved(unresolved)),
        Some(None) => Err(RedirectError::Unchecked(next.clone())),
    }
}
