//! Where triggers come from and what they decide, the program itself against the stand-in for Octopus Server:
//! `apply` and what else is done with files, `triggers`, `explain`, `simulate`, `evaluate`, `run --once`.

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
