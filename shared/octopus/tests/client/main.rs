//! Tests of the client against two servers: a scripted one for exact requests, and the stateful fake server for
//! complete conversations.

#[cfg(test)]
mod add;
#[cfg(test)]
mod caller;
#[cfg(test)]
mod create;
#[cfg(test)]
mod fake_server;
#[cfg(test)]
mod lifecycles;
#[cfg(test)]
mod names;
#[cfg(test)]
mod numbers;
#[cfg(test)]
mod ownership;
#[cfg(test)]
mod permitted;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod scale;
mod shared_limiter;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod support;
#[cfg(test)]
mod transport;
#[cfg(test)]
mod versions;
