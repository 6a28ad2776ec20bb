//! Links a function that is made to be small, as it is shipped, without the tables for unwinding: a panic ends
//! it, so nothing reads them, and they are a tenth of it. The compiler can be told not to make them, but they
//! come again with the standard library, which is compiled already; so it is the linker that leaves them out.
//!
//! In all other profiles panics unwind, as tests need it, and all is linked as always.

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
