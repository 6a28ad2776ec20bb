//! Input and output of `feedctl versions`.

use std::io::{BufRead, BufReader, Write};

use crate::{feed, start};

const SORT: [&str; 3] = ["sort", "--feed-type", "Docker"];

#[test]
fn feed_type_accepts_every_type_of_octopus_ignoring_case() {
    for kind in [
        "ArtifactoryGeneric",
        "AwsElasticContainerRegistry",
        "AzureContainerRegistry",
        "BuiltIn",
        "Docker",
        "GcsStorage",
        "GitHub",
        "GoogleContainerRegistry",
        "Helm",
        "Maven",
        "Npm",
        "NuGet",
        "OciRegistry",
        "OctopusProject",
        "PyPi",
        "S3",
    ] {
        for spelled in [kind.to_owned(), kind.to_lowercase(), kind.to_uppercase()] {
            let ran = feed(&["sort", "--feed-type", &spelled], "1.9\n1.10\n");
            assert_eq!(
                (ran.code, ran.stdout.as_str()),
                (0, "1.10\n1.9\n"),
                "{spelled}"
            );
        }
    }
}

#[test]
fn unknown_feed_type_is_refused_with_a_list() {
    for kind in ["Dockr", "", "None"] {
        let ran = feed(&["sort", "--feed-type", kind], "1.0\n");
        assert_eq!((ran.code, ran.stdout.as_str()), (2, ""), "{kind}");
        let known = ran.stderr.contains("Docker, GcsStorage, GitHub");
        assert!(known, "{}", ran.stderr);
    }
    let missing = feed(&["sort"], "1.0\n");
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("--feed-type"), "{}", missing.stderr);
}

#[test]
fn input_accepts_any_line_ending_and_skips_blank_lines() {
    let ran = feed(&SORT, "1.0\r\n\n2.0\n   \n\t\n3.0");
    assert_eq!(
        (ran.stdout.as_str(), ran.stderr.as_str()),
        ("3.0\n2.0\n1.0\n", "")
    );
    let nothing = feed(&SORT, "");
    assert_eq!((nothing.code, nothing.stdout.as_str()), (0, ""));
    let nothing = feed(&[&SORT[..], &["-f", "json"]].concat(), "");
    assert_eq!(nothing.json(), serde_json::json!([]));
}

#[test]
fn input_that_is_not_utf8_is_reported() {
    for kind in ["Docker", "Maven", "NuGet"] {
        let ran = feed(&["sort", "--feed-type", kind], b"1.0\n\xff\xfe2.0\n3.0\n");
        assert_eq!((ran.code, ran.stdout.as_str()), (0, "3.0\n1.0\n"), "{kind}");
        let why = ran.stderr.contains("line 2 is not text in UTF-8");
        assert!(why, "{}", ran.stderr);
    }
}

#[test]
fn overlong_line_is_an_error() {
    let long = |bytes: usize| format!("1.0\n{}\n2.0\n", "9".repeat(bytes));
    let ran = feed(&SORT, long(100_000));
    assert_eq!((ran.code, ran.stdout.as_str()), (1, ""));
    assert!(
        ran.stderr
            .contains("cannot read line 2 of the input: it is longer"),
        "{}",
        ran.stderr
    );
    // A line that is only too long for a version is reported and skipped.
    let ran = feed(&SORT, long(2_000));
    assert_eq!((ran.code, ran.stdout.as_str()), (0, "2.0\n1.0\n"));
    assert!(
        ran.stderr.contains("longer than 1024 bytes"),
        "{}",
        ran.stderr
    );
}

#[test]
fn sort_orders_two_hundred_thousand_versions() {
    let number = |line: usize| line * 7_919 % 200_000;
    let lines: Vec<_> = (0..200_000)
        .map(|line| {
            format!(
                "{}.{}.0-b{}",
                number(line) / 1_000,
                number(line) % 1_000,
                line % 7
            )
        })
        .collect();
    let ran = feed(&["sort", "--feed-type", "NuGet"], lines.join("\n"));
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    let sorted = ran.lines();
    assert_eq!(sorted.len(), 200_000);
    for (place, line) in sorted.into_iter().enumerate() {
        let expected = 199_999 - place;
        let start = format!("{}.{}.0-b", expected / 1_000, expected % 1_000);
        assert!(line.starts_with(&start), "{line} at {place}");
    }
}

/// `feedctl versions sort ... | head -1` exits with 0.
#[test]
fn closed_stdout_is_no_failure() {
    for format in ["basic", "json"] {
        let mut child = start(&[&SORT[..], &["-f", format]].concat());
        let mut stdin = child.stdin.take().unwrap();
        let lines: Vec<_> = (0..100_000).map(|patch| format!("1.0.{patch}\n")).collect();
        stdin.write_all(lines.concat().as_bytes()).unwrap();
        drop(stdin);
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut first)
            .unwrap();
        let output = child.wait_with_output().unwrap();
        assert_eq!(output.status.code(), Some(0), "{format}");
        assert_eq!(String::from_utf8(output.stderr).unwrap(), "", "{format}");
    }
}
