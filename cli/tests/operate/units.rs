//! The systemd unit and the container recipe start the program with options that it accepts.

use clap::Parser;
use feedctl::args::{Cli, Command};

const UNIT: &str = include_str!("../../../packaging/feedctl.service");
const RECIPE: &str = include_str!("../../../packaging/Containerfile");

fn run_options(arguments: &[String]) -> feedctl::args::Run {
    let cli = Cli::try_parse_from(arguments).unwrap();
    match cli.command {
        Command::Run(run) => run,
        other => panic!("{other:?}"),
    }
}

#[test]
fn systemd_unit_runs_with_valid_options() {
    let mut lines = UNIT.lines();
    let command = lines
        .find_map(|line| line.strip_prefix("ExecStart="))
        .unwrap();
    let arguments: Vec<_> = command.split(' ').map(str::to_owned).collect();
    let run = run_options(&arguments);
    assert!(run.listen.is_some_and(|address| address.ip().is_loopback()));
    for setting in [
        "DynamicUser=yes",
        "ProtectSystem=strict",
        "CapabilityBoundingSet=",
    ] {
        assert!(UNIT.lines().any(|line| line == setting), "{setting}");
    }
}

#[test]
fn container_recipe_runs_with_valid_options_and_without_root() {
    let list = |instruction: &str| -> Vec<String> {
        let mut lines = RECIPE.lines();
        let list = lines
            .find_map(|line| line.strip_prefix(instruction))
            .unwrap();
        serde_json::from_str(list).unwrap()
    };
    let arguments = [list("ENTRYPOINT "), list("CMD ")].concat();
    assert!(run_options(&arguments).listen.is_some());
    assert!(RECIPE.contains("FROM scratch") && RECIPE.contains("USER 65532:65532"));
}
