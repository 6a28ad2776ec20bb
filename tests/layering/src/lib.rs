//! Holds the arrows between the crates; the test says which there may be.
