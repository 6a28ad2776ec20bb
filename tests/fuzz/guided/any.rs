//! Any of the targets, the one that the environment names in `FUZZ_TARGET`: so all of them are one build.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<fuzz::Target> = LazyLock::new(|| {
    let name = std::env::var("FUZZ_TARGET").unwrap_or_default();
    let names: Vec<_> = fuzz::TARGETS.iter().map(|target| target.name).collect();
    fuzz::named(&name).unwrap_or_else(|| panic!("FUZZ_TARGET is {name:?} and not one of {names:?}"))
});

fuzz_target!(|data: &[u8]| (TARGET.run)(data));
