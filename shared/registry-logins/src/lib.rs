//! Registry credentials that `docker login`, `crane auth login`, `skopeo login`, `podman login` and
//! `helm registry login` have stored on this machine.
//!
//! [`Logins`] finds the login for the registry of a feed, so that a feed whose password only Octopus stores is read
//! directly. It reads the tools' files ([`Places`]) and runs credential helpers (`docker-credential-NAME get`).
//!
//! A login belongs to the host that it was stored for, and is returned for feeds of that host only. A login that
//! cannot be read is logged in one line and counts as absent. Nothing is written.

mod config_file;
mod helper;
mod host;
mod login;
mod logins;
mod places;

pub use logins::Logins;
pub use places::Places;
