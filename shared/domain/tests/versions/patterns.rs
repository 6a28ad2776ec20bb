//! Patterns with their meaning in .NET.

use domain::pattern::{
    BACKTRACK_LIMIT, MAX_PATTERN_BYTES, Pattern, PatternError, PatternFault, TooSlow,
};

use crate::tables::{DOTNET_PATTERNS, NO_PATTERNS, faults};

fn is_match(pattern: &str, subject: &str) -> bool {
    Pattern::parse(pattern)
        .unwrap_or_else(|e| panic!("{pattern}: {e}"))
        .is_match(subject)
        .unwrap()
}

fn error_of(pattern: &str) -> PatternError {
    match Pattern::parse(pattern) {
        Ok(_) => panic!("{pattern} must not be taken"),
        Err(error) => error,
    }
}

#[test]
fn matching() {
    let rows: &[(&str, &[&str], &[&str])] = &[
        ("beta", &["beta", "alphabeta"], &["Beta", ""]),
        ("(?i)beta", &["BETA"], &[]),
        ("(?i:b)eta", &["Beta"], &["bETA"]),
        (r"^\d{8}\.\d+$", &["20240131.1"], &["2024.1"]),
        ("(?<year>\\d{4})-\\k<year>", &["2024-2024"], &["2024-2025"]),
        ("(?'year'\\d{4})-\\k'year'", &["2024-2024"], &["2024-2025"]),
        (r"(a|b)\1", &["aa"], &["ab"]),
        ("(?<=v)1", &["v1"], &["1"]),
        ("(?<!v)1", &["1"], &["v1"]),
        ("a(?#why)b", &["ab"], &["a"]),
        ("(?>a+)b", &["aab"], &["a"]),
        (r"\x41\u0042\e?", &["AB"], &["ab"]),
        (r"^\t\r\n\f\v\a$", &["\t\r\n\u{c}\u{b}\u{7}"], &["trnfva"]),
        (r"\p{Lu}\P{Lu}", &["Aa"], &["AA"]),
        (r"^\p{Lu}b$", &["Ab"], &["A}b", "ab"]),
        (r"^\p{L}b$", &["Ab", "éb"], &["1b", "A}b"]),
        ("^[a-]$", &["a", "-"], &["b", "]"]),
        (r"(?<main_2>a)\k<main_2>", &["aa"], &["a"]),
        // Text to .NET, something else to the local engine.
        ("a{,3}", &["a{,3}"], &["aaa"]),
        ("a{x}", &["a{x}"], &["a"]),
        ("a{", &["a{"], &["a"]),
        ("a{2,x}", &["a{2,x}"], &["aa"]),
        ("a{x,2}", &["a{x,2}"], &["aa"]),
        (r"\<b\>", &["<b>"], &["b"]),
        ("[a&&b]", &["&"], &["c"]),
        ("[a~~b]", &["~"], &["c"]),
        ("[[a]", &["[", "a"], &["b"]),
        ("[]a]", &["]", "a"], &["b"]),
        ("[^]a]", &["b"], &["]", "a"]),
        ("a]b}", &["a]b}"], &[]),
        (r"[\b]", &["\u{8}"], &["b"]),
        (r"\-\/\:\!\@\=\,\'\#\%\~\&\ ", &["-/:!@=,'#%~& "], &[]),
        ("#&~ -", &["#&~ -"], &[]),
        (r"[\w.-]+$", &["a.b-c"], &["a b/"]),
        (r"^[\D]\W[^\s]$", &["a-b"], &["1-b", "abb", "a- "]),
        // Classes are those of any script, and cheap to repeat.
        (r"^\w\d\D$", &["ä٣ö"], &["ä!ö", "ä٣٣"]),
        (r"^\w{1,128}$", &["a_1"], &["a-1"]),
        ("[+-]", &["+", "-"], &["a"]),
        ("[+--]", &["+", ",", "-"], &[".", "*"]),
        ("[-a]", &["-", "a"], &["b"]),
        ("[a-]b", &["ab", "-b"], &["b"]),
        ("[-[]", &["-", "["], &["a"]),
        (r"^[\w-.]+$", &["a-b.c"], &["a/b"]),
        (r"^[a-z-\d]+$", &["a-1"], &["A", "_"]),
        (r"[\x41-\x43]", &["B"], &["D", "-"]),
        ("a{2}?b|c{1,}d", &["aab", "ccd"], &["ab"]),
    ];
    for (pattern, matching, others) in rows {
        for subject in *matching {
            assert!(is_match(pattern, subject), "{pattern} matches {subject}");
        }
        for subject in *others {
            assert!(
                !is_match(pattern, subject),
                "{pattern} does not match {subject}"
            );
        }
    }
}

#[test]
fn pattern_that_cannot_be_evaluated_locally_is_distinguished() {
    for (offset, pattern) in faults(DOTNET_PATTERNS) {
        let error = error_of(pattern);
        assert!(error.is_not_evaluable(), "{pattern}: {error}");
        assert!(
            error.to_string().contains("cannot be evaluated locally"),
            "{pattern}: {error}"
        );
        assert_eq!(error.offset, offset, "{pattern}: {error}");
    }
    assert!(error_of(&"a".repeat(MAX_PATTERN_BYTES + 1)).is_not_evaluable());
    assert!(Pattern::parse(&"a".repeat(MAX_PATTERN_BYTES)).is_ok());
    let deep = "(".repeat(300) + &")".repeat(300);
    let error = error_of(&deep);
    assert!(
        error.to_string().contains("groups within each other"),
        "{error}"
    );
    // The place is that in the pattern as it was written, also behind what the local engine has at length.
    assert_eq!(error.offset, 63);
    assert_eq!(error_of(&format!(r"\d\d{deep}")).offset, 4 + 63);
}

#[test]
fn what_is_no_pattern_is_shown_at_its_place() {
    for (offset, pattern) in faults(NO_PATTERNS) {
        let error = error_of(pattern);
        assert!(
            matches!(error.fault, PatternFault::Invalid(_)),
            "{pattern}: {error}"
        );
        assert_eq!(error.offset, offset, "{pattern}: {error}");
        assert!(!error.to_string().contains('\n'), "{error}");
    }
}

/// Each look-around is a search of its own: in a repetition there would be one for each character, from each
/// character on. A hundred of them took two seconds for one tag.
#[test]
fn look_arounds_are_few_and_not_repeated() {
    for (pattern, offset, what) in [
        ("(?:(?=[a-z]*)a)*b", 15, "a repeated look-around"),
        ("(a(?!b)){2}", 8, "a repeated look-around"),
        ("(?:(?>a*)b)+", 11, "a repeated look-around"),
        (&"(?=.*a)".repeat(7), 42, "more than 6 look-arounds"),
    ] {
        let error = error_of(pattern);
        assert!(error.is_not_evaluable(), "{pattern}: {error}");
        assert!(error.to_string().contains(what), "{pattern}: {error}");
        assert_eq!(error.offset, offset, "{pattern}: {error}");
    }
    for (pattern, subject) in [
        ("^(?!.*(alpha|beta|rc)).+$", "1.2.3"),
        ("(a(?!b))?c", "ac"),
        ("(?=a)(ab)+", "abab"),
        (&format!("{}a", "(?=.*a)".repeat(6)), "bca"),
    ] {
        assert!(is_match(pattern, subject), "{pattern}");
    }
}

/// People's own patterns are far from the limit, on the longest tags too.
#[test]
fn patterns_of_good_faith_have_work_to_spare() {
    let tag = format!("1.2.3-{}20240131-rc.1", "feature-x-".repeat(10));
    for (pattern, matches) in [
        (r"^(?!.*-rc)\d+\.\d+\.\d+.*$", false),
        (
            r"^v?\d+\.\d+\.\d+-(?:[a-z]+-)+(?<date>\d{8})-(?!beta)",
            true,
        ),
        (r"(?<=-)\d{8}(?=-rc)", true),
        (r"(?<!-)beta\d+", false),
        (r"^(?=.*\d)(?=.*[a-z])[\w.-]+$", true),
        (r"-(\w+)-\w-\1-", true),
    ] {
        assert_eq!(is_match(pattern, &tag), matches, "{pattern}");
    }
}

#[test]
fn too_much_work_is_no_answer() {
    assert_eq!(BACKTRACK_LIMIT, 500);
    let pattern = Pattern::parse(r"^(?=(a+)+$)b").unwrap();
    let subject = format!("{}!", "a".repeat(40));
    let with_reference = Pattern::parse(r"^(a|a|aa)*\1$").unwrap();
    assert_eq!(with_reference.is_match(&subject), Err(TooSlow));
    // Linear for the local engine, and then it must answer.
    assert_eq!(pattern.is_match(&subject), Ok(false));
}
