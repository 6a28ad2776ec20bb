//! Reads the modules of the workspace's crates: what each declares, imports and names.
//!
//! The tests in `tests/` check the arrows between crates (`arrows`), that modules of a crate have no circles
//! (`circles`), and that a type name has one meaning (`type_names`).

pub mod crates;
pub mod imports;
pub mod source;
