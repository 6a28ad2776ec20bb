//! Links shipped functions without unwind tables. A panic aborts a function, so the tables are unused, and they
//! are a tenth of its size. The precompiled standard library contains them whatever the compiler flags are, so
//! the linker omits them.
//!
//! In all other profiles panics unwind, as tests require, and the tables stay.

use std::env::var;
use std::error::Error;
use std::fs::write;

const WITHOUT_TABLES: &str = "\
SECTIONS { /DISCARD/ : { *(.eh_frame .eh_frame.* .gcc_except_table .gcc_except_table.*) } } INSERT AFTER .text;
";

fn main() -> Result<(), Box<dyn Error>> {
    let is_shipped = var("OPT_LEVEL")? == "z";
    if is_shipped && var("CARGO_CFG_TARGET_OS")? == "linux" {
        let script = format!("{}/without-tables.ld", var("OUT_DIR")?);
        write(&script, WITHOUT_TABLES)?;
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{script}");
        println!("cargo::rustc-link-arg-bins=-Wl,--no-eh-frame-hdr");
    }
    Ok(())
}
