//! One check at a time, of a feed that says what the test says: what it writes, announces and reports.

mod answer;
mod debts;
mod digests;
mod listings;
mod losses;
mod pauses;
mod script;
