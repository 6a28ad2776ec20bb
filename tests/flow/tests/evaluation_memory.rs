//! The memory of an evaluation of packages with many versions. It is measured as the growth of the peak of a process that
//! does nothing else: memory that earlier work has freed would be used again and not count. The test therefore runs its
//! own program: once to make the rows of the snapshots, once to evaluate.

#![cfg(target_os = "linux")]
#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "in a test a panic is the report, and the measured memory is printed"
)]

use std::fs::{self, File};
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::process::Command;

use domain::cause::EvaluationCause;
use domain::feed::Access;
use domain::ids::{SpaceId, TriggerId};
use domain::snapshot::Listed;
use engine::messages::{EvaluationRequest, Event, Message, Origin};
use engine::ports::{Clock, NextHead, SnapshotReader, Snapshots, WatchLists};
use flow::{SHOP, World};
use store::{Condition, Key, Row, Table};

const VERSIONS: usize = 240_000;

/// The growth of an evaluation, in MiB: the release-creator has 256 MB, and needs 20 MB before its first event.
const EVALUATION_MIB: usize = 200;

/// The variable with the step, the number of large packages and the file of the rows.
const STEP: &str = "EVALUATION_MEMORY_STEP";

#[tokio::test]
async fn evaluation_of_many_versions_stays_within_its_memory() {
    if let Ok(step) = std::env::var(STEP) {
        let parts: Vec<_> = step.splitn(3, ' ').collect();
        let (large, file) = (parts[1].parse().unwrap(), Path::new(parts[2]));
        match parts[0] {
            "write" => write_rows(large, file).await,
            _ => evaluate(large, file).await,
        }
        return;
    }
    // Two packages are within the limit, and the release is created; the third is refused.
    for large in [2, 3] {
        let file = std::env::temp_dir().join(format!("rows-{large}-{}", std::process::id()));
        for step in ["write", "evaluate"] {
            let program = std::env::current_exe().unwrap();
            let status = Command::new(program)
                .args([
                    "--exact",
                    "evaluation_of_many_versions_stays_within_its_memory",
                ])
                .arg("--nocapture")
                .env(STEP, format!("{step} {large} {}", file.display()))
                .status();
            assert!(status.unwrap().success(), "{step} {large}");
        }
        fs::remove_file(file).unwrap();
    }
}

/// Writes the rows of the snapshots of the packages of the trigger; the first ones are large.
async fn write_rows(large: usize, file: &Path) {
    let world = World::start().await;
    let store = world.program.store();
    let list = store.watch_list().await.unwrap().unwrap().list;
    let (space, trigger) = (SpaceId::new("Spaces-1"), TriggerId::new(SHOP));
    let trigger = list.trigger(&space, &trigger).unwrap();
    for key in trigger.packages().take(large) {
        let feed = list.feed(&key.space, &key.feed).unwrap();
        let (budget, packages) = (feed.budget(&Access::default()), [key.package.clone()]);
        let mut opened = store.open(feed, &budget, &packages).await.unwrap();
        let head = opened.heads.remove(0).unwrap();
        let known = store.snapshot(key).await.unwrap().unwrap();
        let now = world.clock.now();
        let (large, _) = domain::snapshot::advance(Some(&known), listed(), now);
        let next = NextHead {
            generation: head.generation + 1,
            validators: None,
            fingerprint: "large".to_owned(),
            platform: None,
            changed_at: now,
            pending_event: None,
        };
        store.advance(key, Some(&head), next, &large).await.unwrap();
        assert_eq!(large.len(), VERSIONS);
    }
    let mut file = BufWriter::new(File::create(file).unwrap());
    for row in world.table.rows() {
        if row.key.partition.starts_with("snapshot#") {
            for part in [
                row.key.partition.as_bytes(),
                row.key.sort.as_bytes(),
                &row.body,
            ] {
                let length = u64::try_from(part.len()).unwrap();
                file.write_all(&length.to_be_bytes()).unwrap();
                file.write_all(part).unwrap();
            }
        }
    }
}

fn listed() -> Vec<Listed> {
    let versions = (1..=VERSIONS).map(|number| Listed {
        version: format!("1.{}.{}-build.{number}", number / 1_000, number % 1_000),
        digest: None,
        published: None,
    });
    versions.collect()
}

/// Reads the rows into the table of another world, and evaluates the trigger.
async fn evaluate(large: usize, file: &Path) {
    let world = World::start().await;
    let mut file = BufReader::new(File::open(file).unwrap());
    while let Some(partition) = part(&mut file) {
        let key = Key {
            partition: String::from_utf8(partition).unwrap(),
            sort: String::from_utf8(part(&mut file).unwrap()).unwrap(),
        };
        let row = Row {
            key,
            revision: 1_000,
            body: part(&mut file).unwrap(),
            expires: None,
        };
        world.table.put(row, Condition::Any).await.unwrap();
    }
    let request = EvaluationRequest {
        space: SpaceId::new("Spaces-1"),
        trigger: TriggerId::new(SHOP),
        cause: EvaluationCause::Requested,
        retrying: false,
        change: None,
    };
    let event = Event::TriggerEvaluationRequested(request);
    let (origin, now) = (Origin::new(&["a test"]), world.clock.now());
    let message = Message::new(&origin, event, &["evaluation"], now);
    // Resets the peak to the current memory.
    fs::write("/proc/self/clear_refs", "5").unwrap();
    let before = memory("VmRSS");
    let evaluations = world.program.handle(&message).await;
    let mib = memory("VmHWM").saturating_sub(before);
    let reason = evaluations.unwrap().remove(0).reason;
    println!("evaluation of {large} packages with {VERSIONS} versions: {mib} MiB: {reason}");
    let (releases, expected) = match large {
        2 => (1, "is newer than 1.0.0 in the previous release"),
        _ => (
            0,
            "cannot load the 240000 versions of shop: the trigger's packages may have 500000 versions together",
        ),
    };
    assert!(reason.contains(expected), "{reason}");
    assert_eq!(world.releases("Shop").len(), releases);
    assert!(mib <= EVALUATION_MIB, "{mib} MiB");
}

/// A part of a row with its length; `None` at the end of the file.
fn part(file: &mut impl Read) -> Option<Vec<u8>> {
    let mut length = [0; 8];
    file.read_exact(&mut length).ok()?;
    let length = usize::try_from(u64::from_be_bytes(length)).unwrap();
    let mut part = vec![0; length];
    file.read_exact(&mut part).unwrap();
    Some(part)
}

/// A value of `/proc/self/status`, in MiB.
fn memory(field: &str) -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with(field)).unwrap();
    let kib: usize = line.split_whitespace().nth(1).unwrap().parse().unwrap();
    kib / 1_024
}
