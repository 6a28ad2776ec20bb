//! The request of a page or form, and the reply.

use domain::time::Timestamp;

use crate::content::Page;
use crate::form::Form;

/// The request of a page or form.
pub(crate) struct PageRequest<'a> {
    /// The token of the page's forms.
    pub(crate) token: String,
    /// The caller, for the audit log.
    pub(crate) principal: &'a str,
    pub(crate) now: Timestamp,
    /// The fields of the query.
    pub(crate) query: Form,
}

pub(crate) enum Reply {
    Page(Box<Page>),
    /// A redirect to this path after an action.
    SeeOther(String),
}
