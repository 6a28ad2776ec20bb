//! Finds and kills the functions' processes, by Linux's `/proc`.

use std::fs;

use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal, kill_process};

/// Kills every process of a function that descends from `ancestor`. Returns the number of processes.
pub fn kill(ancestor: u32, function: &str) -> anyhow::Result<usize> {
    let expected = format!("AWS_LAMBDA_FUNCTION_NAME={function}");
    let is_of_function = |process: &u32| {
        let environment = fs::read(format!("/proc/{process}/environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == expected.as_bytes())
    };
    let processes: Vec<_> = descendants(ancestor)?
        .into_iter()
        .filter(is_of_function)
        .collect();
    ensure!(!processes.is_empty(), "{function} has no process");
    for process in &processes {
        let process = Pid::from_raw(i32::try_from(*process)?).context("a process without id")?;
        let _ = kill_process(process, Signal::KILL); // It may have ended already.
    }
    Ok(processes.len())
}

/// All descendants of a process.
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

/// The parent of a process, or `None` if the process has ended. The program's name before it may contain
/// any character and ends at the last bracket.
fn parent(process: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let after_name = stat.rsplit_once(')')?.1;
    after_name.split_whitespace().nth(1)?.parse().ok()
}
