//! See the workspace's ARCHITECTURE.md.
fn main() {}
