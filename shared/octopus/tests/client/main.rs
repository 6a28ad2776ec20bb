//! The client against servers: a scripted one, for what goes over the wire to the letter, and the stateful
//! stand-in, for whole conversations.

#[cfg(test)]
mod add;
#[cfg(test)]
mod caller;
#[cfg(test)]
mod create;
#[cfg(test)]
mod hand_over;
#[cfg(test)]
mod lifecycles;
#[cfg(test)]
mod names;
#[cfg(test)]
mod numbers;
#[cfg(test)]
mod permitted;
#[cfg(test)]
mod processes;
#[cfg(test)]
mod reading;
#[cfg(test)]
mod stand_in;
#[cfg(test)]
mod support;
#[cfg(test)]
mod transport;
#[cfg(test)]
mod versions;
