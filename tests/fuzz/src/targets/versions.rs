//! Versions in every format, and ranges of them.

use std::cmp::Ordering;

use domain::range::VersionRange;
use domain::version::{Version, VersionFormat};

/// As many as are compared with each other.
const MOST: usize = 6;

fn parsed<'t>(format: VersionFormat, texts: impl Iterator<Item = &'t str>) -> Vec<Version> {
    let versions = texts.filter_map(|text| match Version::parse(format, text) {
        Ok(version) => Some(version),
        Err(error) => {
            assert!(error.offset <= text.len(), "{format} {text:?}: {error}");
            None
        }
    });
    versions.take(MOST).collect()
}

/// A version's text is the same version, unless spaces were removed; its parts are parts of the text, and the order is total.
pub(crate) fn versions(data: &[u8]) {
    let lines = super::lines(data);
    for format in VersionFormat::ALL {
        let versions = parsed(format, lines.iter().map(|line| line.as_ref()));
        for version in &versions {
            // A space parts what is read, and is not kept, so such a text is not asked for again.
            if lines.iter().any(|line| line.as_ref() == version.text()) {
                is_whole(version);
            }
        }
        for one in &versions {
            for other in &versions {
                assert_eq!(one.cmp(other), other.cmp(one).reverse());
                for third in &versions {
                    let rises = one <= other && other <= third;
                    assert!(!rises || one <= third, "{one:?} {other:?} {third:?}");
                }
            }
        }
    }
}

fn is_whole(version: &Version) {
    let (format, text) = (version.format(), version.text());
    let again = Version::parse(format, text);
    let again = again.unwrap_or_else(|error| panic!("{format} {text:?}: {error}"));
    assert_eq!(again.text(), text, "{format}");
    assert_eq!(again.cmp(version), Ordering::Equal, "{format} {text:?}");
    assert_eq!(again.is_prerelease(), version.is_prerelease());
    assert_eq!(again.numbers(), version.numbers());
    let (first, rest) = version.release_parts();
    for part in [version.release(), version.metadata(), first, rest] {
        assert!(text.contains(part), "{format} {text:?}: {part:?}");
    }
    assert!(text.contains(version.prerelease_subject().as_ref()));
}

/// The first line is the range. A version between two versions of an interval is in it, and versions that
/// are equal are both in it or both out of it.
pub(crate) fn ranges(data: &[u8]) {
    let lines = super::lines(data);
    let Some((range, lines)) = lines.split_first() else {
        return;
    };
    for format in VersionFormat::ALL {
        let parsed_range = match VersionRange::parse(format, range) {
            Ok(range) => range,
            Err(error) => {
                assert!(error.offset <= range.len(), "{range:?}: {error}");
                continue;
            }
        };
        let mut versions = parsed(format, lines.iter().map(|line| line.as_ref()));
        versions.sort();
        let inside: Vec<_> = versions
            .iter()
            .map(|one| parsed_range.contains(one))
            .collect();
        for (index, pair) in versions.windows(2).enumerate() {
            assert!(pair[0] != pair[1] || inside[index] == inside[index + 1]);
        }
        // Maven's ranges may be several intervals.
        if format != VersionFormat::Maven {
            let runs = inside.chunk_by(|one, next| one == next);
            let runs = runs.filter(|run| run.contains(&true)).count();
            assert!(runs <= 1, "{range:?} has gaps among {versions:?}");
        }
    }
}
