//! The daily commands, with the real program: `status`, `doctor`, `tail`, `feeds` and `triggers add`, on one
//! machine and with a stack; and the conventions of all commands.

#[cfg(test)]
mod adding;
#[cfg(test)]
#[path = "../cloud/mod.rs"]
mod cloud;
#[cfg(test)]
mod console;
#[cfg(test)]
mod conventions;
#[cfg(test)]
mod deployed;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod errors;
#[cfg(test)]
mod feeds;
#[cfg(test)]
#[cfg(unix)]
mod logins;
#[cfg(test)]
mod mistakes;
#[cfg(test)]
mod service;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod stack;
#[cfg(test)]
mod status;
#[cfg(test)]
mod terminal;
#[cfg(test)]
mod units;
#[cfg(test)]
mod webhooks;
#[cfg(test)]
mod world;
