//! R14: each skipped check of the template has a reason.

const FILES: [(&str, &str); 4] = [
    ("template.yaml", include_str!("../../../../template.yaml")),
    ("alarms.yaml", include_str!("../../../../infra/alarms.yaml")),
    (
        "dashboard.yaml",
        include_str!("../../../../infra/dashboard.yaml"),
    ),
    (
        "checkov.yaml",
        include_str!("../../../../infra/checkov/checkov.yaml"),
    ),
];

/// Whether a line names a check of checkov, cfn-lint or cfn-lint-serverless.
fn names_a_check(line: &str) -> bool {
    let words = line
        .split([' ', '[', ']', ','])
        .filter(|word| !word.is_empty());
    let before_comment = words.take_while(|word| !word.starts_with('#'));
    before_comment.into_iter().any(|word| {
        let number = word
            .strip_prefix("CKV_AWS_")
            .or_else(|| word.strip_prefix("CKV2_AWS_"))
            .or_else(|| {
                Some(word.trim_start_matches(['E', 'I', 'S', 'W'])).filter(|n| n.len() == 4)
            });
        number.is_some_and(|number| number != word && number.bytes().all(|b| b.is_ascii_digit()))
    })
}

#[test]
fn each_skip_has_its_reason() {
    let mut skips = 0;
    for (file, text) in FILES {
        for line in text.lines().filter(|line| names_a_check(line)) {
            skips += 1;
            let reason = line.split_once(" # ").map(|(_, reason)| reason);
            assert!(
                reason.is_some_and(|reason| reason.len() > 20),
                "{file}: {line}"
            );
        }
        // checkov can also skip a check in a resource with a reason; that is not used here.
        assert!(!text.contains("checkov:skip"), "{file}");
    }
    assert_eq!(
        skips, 11,
        "a skip was added or removed: update docs/GUARANTEES.md"
    );
}
