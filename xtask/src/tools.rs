//! The programs that the tasks need in addition to Rust, each set up once under `<target>/tools`.
//!
//! A tool's folder carries the hash of what it was made from in its name, so a change there makes a
//! new one. A folder is complete when it contains the stamp; an interrupted run leaves one without.

mod cargo_deny;
mod chromium;
mod installed;
mod javascript;
mod mdbook;
mod prepared;
mod python;
mod registry;
mod supply_chain;

pub(crate) use cargo_deny::cargo_deny;
pub(crate) use chromium::chromium;
pub(crate) use javascript::{console_browser, typescript_client};
pub(crate) use mdbook::mdbook;
pub(crate) use prepared::prepared;
pub(crate) use python::{Python, aws, checkov, go, python, swagger_client, univers};
pub(crate) use registry::{docker_registry, nginx, skopeo};
pub(crate) use supply_chain::{cargo_auditable, cargo_cyclonedx, cargo_fuzz, cargo_mutants};
