//! How a release comes to be: which packages it holds ([`template`], [`overrides`]), whether the channel
//! lets them in ([`rules`]), its number ([`numbering`]), and its entry into the world ([`draft`]).

mod draft;
mod numbering;
pub(crate) mod overrides;
mod rules;
mod template;

pub(crate) use draft::{Draft, Duplicate, save, version_control};
pub(crate) use numbering::next_number;
pub(crate) use rules::check_packages;
pub(crate) use template::{TemplatePackage, packages};
