//! Trigger files and decisions, with the real program and a fake Octopus Server: `apply` and the other commands
//! for files, `triggers`, `explain`, `simulate`, `evaluate`, `run --once`.

#[cfg(test)]
mod evaluate;
#[cfg(test)]
mod explain;
#[cfg(test)]
mod files;
#[cfg(test)]
mod native;
#[cfg(test)]
mod server_rules;
#[cfg(test)]
mod world;
