//! The functions' processes, as Linux shows them: whoever kills one in the middle of its work must find it.

use std::fs;

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};

/// Kills, without warning, every process of the function that descends from `ancestor`, and no other.
/// Gives how many these were.
pub(super) fn kill(ancestor: u32, function: &str) -> anyhow::Result<usize> {
    let wanted = format!("AWS_LAMBDA_FUNCTION_NAME={function}");
    let is_wanted = |process: &u32| {
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == wanted.as_bytes())
    };
    let processes: Vec<_> = descendants(ancestor)?
        .into_iter()
        .filter(is_wanted)
        .collect();
    ensure!(!processes.is_empty(), "{function} has no process");
    for process in &processes {
        let process = Pid::from_raw(i32::try_from(*process)?).context("a process without id")?;
        let _ = kill_process(process, Signal::KILL); // It may have ended by itself.
    }
    Ok(processes.len())
}

/// The processes that `ancestor` has started, and theirs.
fn descendants(ancestor: u32) -> anyhow::Result<Vec<u32>> {
    let mut parents = Vec::new();
    for entry in fs::read_dir("/proc").context("there is no /proc to find processes in")? {
        let name = entry?.file_name();
        let id = name.to_str().and_then(|name| name.parse::<u32>().ok());
        parents.extend(id.and_then(|id| Some((id, parent(id)?))));
    }
    let mut found = vec![ancestor];
    let mut next = 0;
    while let Some(&one) = found.get(next) {
        found.extend(
            parents
                .iter()
                .filter(|(_, parent)| *parent == one)
                .map(|(id, _)| id),
        );
        next += 1;
    }
    Ok(found.split_off(1))
}

/// Who started the process, if it is still there. The name before it may hold anything but ends with the
/// last bracket.
fn parent(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    after_name.split_whitespace().nth(1)?.parse().ok()
}
