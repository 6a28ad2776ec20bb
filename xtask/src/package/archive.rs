//! Archives that are the same whenever they are packed, and the sums by which that is seen.

use std::path::Path;

use crate::command::run_program;
use crate::tools::Python;

/// Packs one program: no date, no owner, one order.
const PACK: &str = "\
import pathlib, sys, zipfile
program, archive, name = sys.argv[1:]
entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
entry.create_system, entry.external_attr = 3, 0o100755 << 16
entry.compress_type = zipfile.ZIP_DEFLATED
with zipfile.ZipFile(archive, 'w', compresslevel=9) as out:
    out.writestr(entry, pathlib.Path(program).read_bytes())
";

/// The sum of each file, as `sha256sum --check` reads them.
const SUM: &str = "\
import hashlib, pathlib, sys
folder, sums = pathlib.Path(sys.argv[1]), sys.argv[2]
files = sorted(file for file in folder.iterdir() if file.name != sums)
lines = [f'{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\\n' for file in files]
(folder / sums).write_text(''.join(lines))
";

/// Packs a program under its own name.
pub(super) fn pack(python: &Python, program: &Path, archive: &Path) -> anyhow::Result<()> {
    let mut pack = python.command("python");
    pack.args(["-c", PACK]).arg(program).arg(archive);
    run_program(pack.args(program.file_name()))
}

/// Writes the sums of all files in a folder.
pub(super) fn sum_up(python: &Python, folder: &Path, name: &str) -> anyhow::Result<()> {
    let mut sum = python.command("python");
    run_program(sum.args(["-c", SUM]).arg(folder).arg(name))
}
