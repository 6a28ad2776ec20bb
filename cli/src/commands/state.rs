//! `feedctl state`: backs up and restores the state file.

use anyhow::{Context, bail};
use local::{RunLock, SqliteTable};

use crate::args::{BackUp, Restore, Server, State};
use crate::exit::Exit;
use crate::output::Output;
use crate::reach::state_file;

pub(super) fn state(server: &Server, command: &State, output: &Output) -> anyhow::Result<Exit> {
    if server.stack_name().is_some() {
        let why = "cannot back up a stack here: its table has point-in-time recovery in DynamoDB";
        return Ok(output.usage_error(why));
    }
    match command {
        State::Backup(options) => back_up(server, options, output),
        State::Restore(options) => restore(server, options, output),
    }
}

fn back_up(server: &Server, options: &BackUp, output: &Output) -> anyhow::Result<Exit> {
    let (from, to) = (state_file(server), &options.file);
    if !from.exists() {
        bail!("cannot back up {}: it does not exist", from.display());
    }
    if to.exists() {
        bail!(
            "cannot write {}: it exists; name another file",
            to.display()
        );
    }
    local::copy(&from, to)?;
    output.copied(&from, to)?;
    Ok(Exit::Done)
}

fn restore(server: &Server, options: &Restore, output: &Output) -> anyhow::Result<Exit> {
    let (from, to) = (&options.file, state_file(server));
    if !from.exists() {
        bail!("cannot restore {}: it does not exist", from.display());
    }
    SqliteTable::open_to_read(from)
        .with_context(|| format!("cannot restore {}: it is no state file", from.display()))?;
    let _lock = RunLock::acquire(&to)?;
    if to.exists() {
        if !options.replace {
            bail!(
                "cannot restore to {}: it exists; use --replace",
                to.display()
            );
        }
        for suffix in ["", "-wal", "-shm"] {
            let mut path = to.as_os_str().to_owned();
            path.push(suffix);
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("cannot replace {}", to.display()));
                }
                _ => {}
            }
        }
    }
    local::copy(from, &to)?;
    output.copied(from, &to)?;
    Ok(Exit::Done)
}
