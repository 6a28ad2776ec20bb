//! The recording of the first ten minutes: the commands of `docs/guide/first-release.md` and their output in a real
//! run, as an SVG that shows one command after another.
//!
//! `UPDATE_SCREENSHOTS=1 cargo test -p feedctl --test guide -- recording` replaces the recording in the docs.

use std::fmt::Write as _;
use std::time::Duration;

use crate::book::root;
use crate::chapter::{Step, steps};
use crate::session::Session;

/// The page.
const PAGE: &str = "docs/guide/first-release.md";

/// The recording.
const PICTURE: &str = "docs/images/first-release.svg";

/// Columns of the terminal; longer lines continue on the next one.
const COLUMNS: usize = 100;

/// Rows of the terminal; earlier lines scroll out of it.
const ROWS: usize = 26;

/// The time that a command and its output are shown, and that a line of output adds.
const COMMAND_TIME: Duration = Duration::from_millis(1_600);
const LINE_TIME: Duration = Duration::from_millis(350);

const LINE_HEIGHT: usize = 18;
const LEFT: usize = 16;
const TOP: usize = 28;

/// A command with its output.
struct Scene {
    command: String,
    output: Vec<String>,
}

/// Whether the recording shows the command: it prints something, or pushes an image.
fn is_shown(step: &Step) -> bool {
    step.prints.is_some() || step.command.starts_with("docker push")
}

async fn scenes() -> Vec<Scene> {
    let page = std::fs::read_to_string(root().join(PAGE)).unwrap();
    let session = Session::start().await.unwrap();
    let mut scenes = Vec::new();
    for step in steps(&page).iter().filter(|step| is_shown(step)) {
        let printed = session.record(step).await.unwrap();
        let output = printed.lines().flat_map(wrapped).collect();
        let command = step.command.split("    #").next().unwrap_or_default();
        scenes.push(Scene {
            command: command.trim().to_owned(),
            output,
        });
    }
    scenes
}

/// The lines of a terminal for one line of output.
fn wrapped(line: &str) -> Vec<String> {
    let line = without_fractions(&line.replace('\t', "  "));
    let characters: Vec<_> = line.trim_end().chars().collect();
    if characters.is_empty() {
        return vec![String::new()];
    }
    characters
        .chunks(COLUMNS)
        .map(|part| part.iter().collect())
        .collect()
}

/// The line with times in whole seconds: the number of digits of a fraction differs in each run, and would wrap the
/// line elsewhere.
fn without_fractions(line: &str) -> String {
    let mut parts = line.split('.');
    let mut whole = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let rest = part.trim_start_matches(|one: char| one.is_ascii_digit());
        match rest.starts_with('Z') && rest.len() < part.len() {
            true => whole.push_str(rest),
            false => {
                whole.push('.');
                whole.push_str(part);
            }
        }
    }
    whole
}

/// Each frame is the screen after a command; CSS shows one frame after another.
fn svg(scenes: &[Scene]) -> String {
    let (width, height) = (LEFT * 2 + COLUMNS * 84 / 10, TOP + ROWS * LINE_HEIGHT);
    let times: Vec<_> = scenes.iter().map(time).collect();
    let whole: Duration = times.iter().sum();
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\" \
         font-family=\"ui-monospace,Menlo,Consolas,monospace\" font-size=\"14\">\n\
         <title>The first ten minutes: from the installed feedctl to the first release</title>\n\
         <style>\n\
         g{{visibility:hidden;animation:{}ms step-end infinite}}\n",
        whole.as_millis()
    );
    let mut start = Duration::ZERO;
    for (index, time) in times.iter().enumerate() {
        let (from, to) = (percent(start, whole), percent(start + *time, whole));
        let hidden = if index == 0 {
            String::new()
        } else {
            "0%{visibility:hidden}".to_owned()
        };
        writeln!(
            svg,
            "@keyframes f{index}{{{hidden}{from}%{{visibility:visible}}{to}%{{visibility:hidden}}}}\n\
             .f{index}{{animation-name:f{index}}}"
        )
        .unwrap();
        start += *time;
    }
    let last = scenes.len().saturating_sub(1);
    svg.push_str(&format!(
        "@media(prefers-reduced-motion:reduce){{g{{animation:none}}.f{last}{{visibility:visible}}}}\n\
         </style>\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#1e222a\"/>\n"
    ));
    let mut screen: Vec<(bool, String)> = Vec::new();
    for (index, scene) in scenes.iter().enumerate() {
        let command = wrapped(&format!("$ {}", scene.command));
        screen.extend(command.into_iter().map(|line| (true, line)));
        screen.extend(scene.output.iter().map(|line| (false, line.clone())));
        screen.drain(..screen.len().saturating_sub(ROWS));
        writeln!(svg, "<g class=\"f{index}\">").unwrap();
        for (row, (is_command, line)) in screen.iter().enumerate() {
            let y = TOP + row * LINE_HEIGHT;
            let colour = if *is_command { "#61afef" } else { "#d6dbe4" };
            if !line.is_empty() {
                writeln!(
                    svg,
                    "<text x=\"{LEFT}\" y=\"{y}\" fill=\"{colour}\" xml:space=\"preserve\">{}</text>",
                    escaped(line)
                )
                .unwrap();
            }
        }
        svg.push_str("</g>\n");
    }
    svg.push_str("</svg>\n");
    svg
}

fn time(scene: &Scene) -> Duration {
    let lines = u32::try_from(scene.output.len()).unwrap_or(u32::MAX);
    COMMAND_TIME + LINE_TIME * lines
}

fn percent(part: Duration, whole: Duration) -> String {
    let share = part.as_secs_f64() / whole.as_secs_f64() * 100.0;
    format!("{share:.2}")
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// The lines of a recording without digits, which differ in each run.
fn lines(svg: &str) -> Vec<String> {
    let texts = svg.lines().filter_map(|line| line.strip_prefix("<text "));
    let texts = texts.filter_map(|line| line.split_once('>'));
    texts
        .map(|(_, text)| text.chars().filter(|one| !one.is_ascii_digit()).collect())
        .collect()
}

#[tokio::test]
async fn recording_of_the_first_ten_minutes_shows_a_real_run() {
    let recording = svg(&scenes().await);
    let kept = root().join(PICTURE);
    if std::env::var_os("UPDATE_SCREENSHOTS").is_some() {
        std::fs::write(&kept, &recording).unwrap();
    }
    let before = std::fs::read_to_string(&kept).unwrap_or_default();
    assert!(
        lines(&before) == lines(&recording),
        "{PICTURE} is missing or outdated; run the test with UPDATE_SCREENSHOTS=1, review the picture and commit it"
    );
    assert!(recording.len() < 64 * 1024, "{} bytes", recording.len());
}
