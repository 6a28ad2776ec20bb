//! Patterns, which are .NET's, and the rules of channels.

use domain::pattern::Pattern;
use domain::rule::{RuleStrategy, RuleVerdict, VersionRule};
use domain::version::{Version, VersionFormat};

/// The first line is the pattern, the others are matched. Matching ends with an answer, and the text that it
/// extracts of a text is there only if it matches.
pub(crate) fn patterns(data: &[u8]) {
    let lines = super::lines(data);
    let Some((text, subjects)) = lines.split_first() else {
        return;
    };
    let pattern = match Pattern::parse(text) {
        Ok(pattern) => pattern,
        Err(error) => {
            assert!(error.offset <= text.len(), "{text:?}: {error}");
            return;
        }
    };
    for subject in subjects {
        if let (Ok(matches), Ok(part)) = (pattern.is_match(subject), pattern.extract(subject)) {
            assert_eq!(matches, part.is_some(), "{text:?} on {subject:?}");
        }
    }
}

/// Three lines for range, pre-release tag and regex, then versions. A rule permits what each of its
/// conditions permits.
pub(crate) fn rules(data: &[u8]) {
    let lines = super::lines(data);
    let [range, tag, regex, versions @ ..] = lines.as_slice() else {
        return;
    };
    let whole = VersionRule {
        range: Some(range.to_string()),
        pre_release_tag: Some(tag.to_string()),
        version_tag_regex: Some(regex.to_string()),
        strategy: RuleStrategy::SemVer,
    };
    let parts = [
        VersionRule {
            range: whole.range.clone(),
            ..VersionRule::default()
        },
        VersionRule {
            pre_release_tag: whole.pre_release_tag.clone(),
            ..VersionRule::default()
        },
        VersionRule {
            version_tag_regex: whole.version_tag_regex.clone(),
            ..VersionRule::default()
        },
    ];
    for format in VersionFormat::ALL {
        let compiled: Result<Vec<_>, _> = parts.iter().map(|part| part.compile(format)).collect();
        assert_eq!(whole.compile(format).is_ok(), compiled.is_ok());
        let (Ok(whole), Ok(parts)) = (whole.compile(format), compiled) else {
            continue;
        };
        for version in versions {
            let Ok(version) = Version::parse(format, version) else {
                continue;
            };
            let each = parts
                .iter()
                .all(|part| part.verdict(&version) == RuleVerdict::Permitted);
            assert_eq!(whole.verdict(&version) == RuleVerdict::Permitted, each);
        }
    }
}
