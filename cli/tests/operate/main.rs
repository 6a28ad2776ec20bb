//! What people do with `feedctl` from day to day, the program itself: `status`, `doctor`, `tail`, `feeds` and
//! `triggers add`, of a machine and of a stack, and its manners.

#[cfg(test)]
mod adding;
#[cfg(test)]
#[path = "../cloud/mod.rs"]
mod cloud;
#[cfg(test)]
mod deployed;
#[cfg(test)]
mod doctor;
#[cfg(test)]
mod feeds;
#[cfg(test)]
mod manners;
#[cfg(test)]
mod stack;
#[cfg(test)]
mod status;
#[cfg(test)]
mod world;
