//! Single checks of a scripted feed: the rows that they write, the events that they publish, their reports.

mod answer;
mod digests;
mod listings;
mod losses;
mod pauses;
mod pending_events;
mod script;
