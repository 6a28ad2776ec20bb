//! Creation of releases: their packages ([`template`], [`overrides`]), the channel's
//! rules ([`rules`]), their number ([`numbering`]), and storing them ([`draft`]).

mod draft;
mod numbering;
pub(crate) mod overrides;
mod rules;
mod template;

pub(crate) use draft::{Draft, Duplicate, save, version_control};
pub(crate) use numbering::next_number;
pub(crate) use rules::{check_chart_tags, check_packages};
pub(crate) use template::{TemplatePackage, packages};
