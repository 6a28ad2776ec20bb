//! Indexes in every style that is one, and in many that are none.

use super::*;

/// Indexes as they are found, with the versions of `app`.
#[tokio::test]
async fn index_is_read_in_every_style() {
    let digest = "0123456789abcdef".repeat(4);
    // Values of a megabyte: icons in a skipped and in a watched chart, and a note in a skipped chart.
    let icon = format!("data:image/png;base64,{}==", "iVBORw0K/+".repeat(100 << 10));
    let icons = [
        format!(
            "apiVersion: v1\nentries:\n  a:\n  - icon: {icon}\n    version: 9\n  app:\n  - version: 1.0.0\n"
        ),
        format!("apiVersion: v1\nentries:\n  app:\n  - icon: \"{icon}\"\n    version: 1.0.0\n"),
        format!("{{apiVersion: v1, entries: {{app: [{{icon: '{icon}', version: 1.0.0}}]}}}}\n"),
        format!(
            "{{\"apiVersion\":\"v1\",\"entries\":{{\"app\":[{{\"icon\":\"{icon}\",\"version\":\"1.0.0\"}}]}}}}"
        ),
    ];
    let notes = format!(
        "apiVersion: v1\nentries:\n  a:\n  - notes: |\n{}    version: 9\n  app:\n  - version: 1.0.0\n",
        "      A line of a note that is longer than usual.\n".repeat(20 << 10)
    );
    let cases = [
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: 1.0.0\n  - version: \"1.10\"\n    created: nonsense\n",
            vec!["1.0.0", "1.10"],
        ),
        (
            "# a comment\n---\nentries:\n  app:\n    - {version: 1.10, name: app}\n    - {version: 'v2'}\napiVersion: v1\n...\n",
            vec!["1.10", "v2"],
        ),
        (
            "\u{feff}\r\napiVersion: v1\r\nentries:\r\n  app:\r\n  - version: 1.0.0\r\n",
            vec!["1.0.0"],
        ),
        (
            "apiVersion: v1\nentries:\n  app:\n  - ~\n  -\n  - version: 1.0.0\n  - name: no version\n  - version: null\n",
            vec!["1.0.0"],
        ),
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: 1.0.0\n  - version: 0.9.0\n    removed: true\n  - version: 1.0.0\n",
            vec!["1.0.0"],
        ),
        ("apiVersion: v1\nentries:\n  app:\n", vec![]),
        (
            "apiVersion: v1\nentries:\n  app: []\ngenerated: x\n",
            vec![],
        ),
        (
            "apiVersion: v1\nentries:\n  other:\n  - {version: 9, x: [[1, {a: [b]}], 2]}\n  app:\n  - description: |\n      entries:\n        app: no\n    dependencies:\n    - version: 8\n    annotations: {version: \"7\"}\n    version: >-\n      1.0.0\n",
            vec!["1.0.0"],
        ),
        (
            "{\"apiVersion\":\"v1\",\"entries\":{\"app\":[{\"version\":\"1.0.0\",\"urls\":[\"x\"]},null,{\"version\":\"1.1.0\",\"removed\":true},{\"version\":\"1.0.0\"}],\"x\":[{}]}}",
            vec!["1.0.0"],
        ),
        (
            "\n\t{\n\t\"apiVersion\": \"v1\",\n\t\"entries\": {\n\t\t\"app\": [\n\t\t{\"version\": \"1.0.0\"}\n]}}\n",
            vec!["1.0.0"],
        ),
        ("{\"apiVersion\":\"v1\",\"entries\":{\"app\":null}}", vec![]),
        (
            "{apiVersion: v1, entries: {app: [{version: 1.0.0, urls: [x]}, ~, {}], db: [{version: 9}]}}\n",
            vec!["1.0.0"],
        ),
        (
            "{ \"apiVersion\": \"v1\", \"entries\": {\n  \"app\": [ {\"version\": '1.0.0'}, ],\n} }\n",
            vec!["1.0.0"],
        ),
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: latest\n  - version: v1.2\n  - version: 1.2.3.4\n",
            vec!["v1.2", "1.2.3.4"],
        ),
        // YAML as other writers than Go's write it.
        (
            "%YAML 1.1\n---\napiVersion: v1\nentries:\n  app:\n  - version: 1.0.0\n---\n",
            vec!["1.0.0"],
        ),
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: 1.0.0\n...\n---\n...\n",
            vec!["1.0.0"],
        ),
        (
            "apiVersion: v1\nentries:\n  a:\n  - created: &id001 2026-01-01 00:00:00\n    maintainers: &id002\n    - name: x\n    version: 9\n  app:\n  - created: *id001\n    maintainers: *id002\n    version: 1.0.0\n",
            vec!["1.0.0"],
        ),
        (
            "apiVersion: v1\na: &a [lol,lol]\nb: &b [*a,*a]\nentries:\n  app:\n  - {version: &v 1.0.0, x: *b}\n  - {appVersion: *v, version: 2.0.0}\n  - version: *v\n",
            vec!["1.0.0", "2.0.0"],
        ),
        (
            "apiVersion: v1\nentries:\n  app:\n  - &e\n    version: 1.0.0\n    created: 2026-01-01T00:00:00Z\n  - *e\n  - {<<: *e, version: 2.0.0}\n",
            vec!["1.0.0", "2.0.0"],
        ),
        (
            "apiVersion: !!str v1\nentries:\n  app:\n  - ? [complex, key]\n    : {a: 1}\n    version: !!str 1.0.0\n    created: !!timestamp 2026-01-01\n    digest: [x]\n    removed: {}\n",
            vec!["1.0.0"],
        ),
        (
            "serverInfo: [x]\napiVersion: v1\nentries:\n  app:\n  - version: 1.0.0\n",
            vec!["1.0.0"],
        ),
        (
            "{\"apiVersion\":1,\"serverInfo\":[7],\"entries\":{\"app\":[{\"version\":\"1.0.0\",\"created\":7,\"digest\":{},\"removed\":\"no\"}]}}",
            vec!["1.0.0"],
        ),
        (&icons[0], vec!["1.0.0"]),
        (&icons[1], vec!["1.0.0"]),
        (&icons[2], vec!["1.0.0"]),
        (&icons[3], vec!["1.0.0"]),
        (&notes, vec!["1.0.0"]),
        (
            "apiVersion: v1\nentries:\n  äpp:\n  - version: ü\n  app:\n  - version: 1.0.0\n    description: \"日本語 \\u00e4\"\n",
            vec!["1.0.0"],
        ),
    ];
    for (index, expected) in cases {
        assert_eq!(
            versions(&charts(index, &["app"]).await[0]),
            expected,
            "{index}"
        );
    }
    let dated = format!(
        "apiVersion: v1\nentries:\n  app:\n  - version: 1\n    created: 2025-01-01T00:00:00.123456789+01:00\n    \
         digest: {digest}\n  - version: 2\n    digest: sha256:{digest}\n  - version: 3\n    digest: nonsense\n"
    );
    let outcome = charts(&dated, &["app"]).await.remove(0);
    let digests: Vec<_> = listed(&outcome)
        .iter()
        .map(|listed| listed.digest.clone())
        .collect();
    assert_eq!(
        digests,
        [
            Some(format!("sha256:{digest}")),
            Some(format!("sha256:{digest}")),
            None
        ]
    );
    assert_eq!(
        listed(&outcome)[0].published,
        Some(Timestamp::from_millis(1_735_686_000_123))
    );
}

/// Texts that are no index, or would be a bomb, with what they become.
#[tokio::test]
async fn text_that_is_not_an_index_is_an_error() {
    use FeedErrorKind::{Incomplete, Malformed};
    let deep = |open: &str, count| format!("apiVersion: v1\nx:\n  {}", open.repeat(count));
    let long = format!(
        "apiVersion: v1\nentries: {{}}\nx: {}",
        "a,b ".repeat(100 << 10)
    );
    // The prefilter drops lines before the error.
    let wrong = format!(
        "apiVersion: v1\nentries:\n  a:\n  - version: 1\n  - version: 2\n  app:\n  - version: 1\n    x: ]\n{}",
        "  - version: 1\n".repeat(100)
    );
    let anchors = format!("apiVersion: v1\nx:\n{}", "- &a 1\n".repeat(20_001));
    let cases = [
        ("", Malformed, "empty"),
        ("\n\n", Malformed, "empty"),
        ("# nothing\n", Malformed, "empty"),
        ("<!DOCTYPE html><html></html>", Malformed, "web page"),
        ("just text", Malformed, "text where a mapping is expected"),
        ("- a\n- b\n", Malformed, "a list where"),
        (
            "entries:\n  app:\n  - version: 1\n",
            Malformed,
            "no apiVersion",
        ),
        ("apiVersion: v1\n", Malformed, "no entries"),
        ("apiVersion:\nentries: {}\n", Malformed, "no apiVersion"),
        ("apiVersion: v1\nentries: []\n", Malformed, "a list where"),
        (
            "apiVersion: v1\nentries:\n  app: text\n",
            Malformed,
            "text where",
        ),
        (
            "apiVersion: v1\nentries:\n  app: [\"1.0\"]\n",
            Malformed,
            "text where",
        ),
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: [1]\n",
            Malformed,
            "a list where",
        ),
        (
            "apiVersion: v1\nentries: {}\nentries: {}\n",
            Malformed,
            "twice",
        ),
        (
            "apiVersion: v1\nentries:\n  app: []\n  app: []\n",
            Malformed,
            "twice",
        ),
        (
            "apiVersion: v1\nentries: {}\n---\napiVersion: v1\n",
            Malformed,
            "a second document",
        ),
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: 1\n    version: 2\n",
            Malformed,
            "twice",
        ),
        (
            "apiVersion: v1\nentries: {}\napiVersion: v2\n",
            Malformed,
            "twice",
        ),
        (
            "apiVersion: v1\nentries:\n  app: []\n\0",
            Malformed,
            "not text",
        ),
        ("{apiVersion: v1, entries: {", Incomplete, "in the middle"),
        ("apiVersion: v1\nentries: {\n", Incomplete, "in the middle"),
        (
            "apiVersion: v1\nentries:\n  app:\n  - version: \"1.0",
            Incomplete,
            "in the middle",
        ),
        (
            "apiVersion: v1\n\tx: [\nentries: }\n",
            Malformed,
            "not YAML",
        ),
        (
            "apiVersion: v1\nx: &x [1]\nentries:\n  app: *x\n",
            Malformed,
            "alias",
        ),
        (
            "apiVersion: v1\nx: &x {version: 1}\nentries:\n  app:\n  - *x\n",
            Malformed,
            "alias",
        ),
        (&anchors, Malformed, "more than 20000 YAML anchors"),
        (&wrong, Malformed, "at line 8"),
        ("apiVersion: v1\nentries: *x\nx: 1\n", Malformed, "not YAML"),
        ("{\"apiVersion\":\"v1\"}", Malformed, "no entries"),
        ("{\"entries\":{}}", Malformed, "no apiVersion"),
        (
            "{\"apiVersion\":\"v1\",\"entries\":{\"app\":[",
            Incomplete,
            "in the middle",
        ),
        ("{\"apiVersion\":\"v1\",\"entries\":[]}", Malformed, "JSON"),
        (
            "{\"apiVersion\":\"v1\",\"entries\":{},\"entries\":{}}",
            Malformed,
            "JSON",
        ),
        (
            "{\"apiVersion\":\"v1\",\"entries\":{\"app\":[],\"app\":[]}}",
            Malformed,
            "twice",
        ),
        (
            "{\"apiVersion\":\"v1\",\"entries\":{}} x",
            Malformed,
            "more text",
        ),
        (&deep("- ", 70), Malformed, "64 deep"),
        (&deep("- ", 100_000), Malformed, "64 deep"),
        (&deep("[", 100_000), Malformed, "not YAML"),
        (&deep("{a: ", 100_000), Malformed, ""),
        (&long, Malformed, "262144 characters"),
    ];
    for (index, kind, part) in cases {
        let shown: String = index.chars().take(80).collect();
        let (found, text) = error(&charts(index, &["app"]).await[0]);
        assert_eq!(found, kind, "{shown}: {text}");
        assert!(text.contains(part), "{shown}: {text}");
    }
    let repository = HelmRepository::start().await.unwrap();
    repository.set_index(b"apiVersion: v1\nentries: {}\nx: \"\xff\xfe\"\n");
    let (kind, text) =
        error(&read(&reader(Known::default()), &helm(&repository.url()), "app").await);
    assert_eq!(kind, Malformed);
    assert!(text.contains("UTF-8"), "{text}");
}
