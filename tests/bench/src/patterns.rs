//! R10: how long the slowest pattern takes on the slowest version, of all that can be evaluated here.
//!
//! Patterns that are known to be slow, and many that are put together of what makes them so, the same each
//! time; versions of the longest length that a tag has, which nearly match.

use std::time::{Duration, Instant};

use domain::pattern::Pattern;

/// How many patterns are put together. Most of them no engine takes.
const DRAWN: usize = 150_000;

/// How often a match is timed whose first run took longer than [`LONG`]: other programs run as well.
const AGAIN: usize = 5;
const LONG: Duration = Duration::from_micros(100);

/// A tag may have so many characters.
const LONGEST_TAG: usize = 128;

/// Patterns that are known to need exponential time, a large automaton, or a search at each position.
const KNOWN: &[&str] = &[
    r"^(a+)+$",
    r"^(?=(a+)+$)b",
    r"^(a|a)*$",
    r"(a*)*b",
    r"(.*a){20}",
    r"(.*a){200}",
    r"(x+x+)+y",
    r"^(([a-z])+.)+[A-Z]([a-z])+$",
    r"(a|aa)+\1$",
    r"^(a|a|aa)*\1$",
    r"(?=(a*))\1b",
    r"(.+)+\1\1",
    r"(\w+\s?)*(?!x)$",
    r"(?>(a|aa)*)\1b",
    r"(a?){60}a{60}(?!a)",
    r"(a*)(a*)(a*)(a*)(a*)(a*)\1b",
    r"(?<!b)(a|a?)+(?<!a)$",
    r"(?<!b)(a|b)+(a|b)+(a|b)+(a|b)+c",
    r"^(?:[a-z0-9]{1,60}\.){1,8}$",
    r"([a-z]{1,50}){1,20}b",
    r"(?:[ab]?){200}c",
    r"(?:.{0,40}x){0,10}",
    r"(?:a?a?a?){99}b",
    r"(.*a.*a.*a.*a){20}b",
    r"(.*)(.*)(.*)(.*)(.*)(.*)(.*)(.*)b",
    r"(?:a|aa|aaa|aaaa){1,60}b",
    r"(?=(?:[a-z0-9]{1,60}\.){1,8}$)x",
    r"(a+)(?=(?:[a-z]{1,50}){1,20}b)(?=(?:a?){200}c)x",
    r"(a+)(a+)(?=.*a)(?=.*a)(?=.*a)(?=.*a)(?=.*a)(?=.*a)x",
    r"(a*)(?=(a|b|aa)*c)\1(?=.{0,90}b)",
];

/// The pieces of the generated patterns, and how each is repeated.
const PIECES: &[&str] = &[
    "a",
    "a*",
    "a+?",
    ".",
    ".*",
    "[a-z]",
    "[a-z0-9.]{1,40}",
    r"\w+",
    r"\1",
    "(a|aa)",
    "(?=a*)",
    "(?!b)",
    "(?=.*b)",
    "(?!.*b)",
    "(?<=a)",
    "(?<!b)",
    "(?:a|a)",
    "(?>a*)",
    "(?=(?:a|aa)*b)",
    "(?!(?:a{1,20}){1,20}b)",
    "b",
    "$",
    "^",
    r"\b",
    "(?i)A",
];
const REPEATS: &[&str] = &["", "", "*", "+", "?", "*?", "{2,9}", "{1,40}", "+?"];

/// Prints the longest time and its pattern.
pub(crate) fn measure() {
    let mut drawn = Drawn(1);
    let texts = KNOWN.iter().map(|text| (*text).to_owned());
    let texts = texts.chain((0..DRAWN).map(|_| drawn.pattern()));
    let subjects = subjects();
    let (mut patterns, mut worst, mut of) = (0, Duration::ZERO, String::new());
    for text in texts {
        let Ok(pattern) = Pattern::parse(&text) else {
            continue;
        };
        patterns += 1;
        let times = subjects.iter().map(|subject| time(&pattern, subject));
        let longest = times.max().unwrap_or_default();
        if longest > worst {
            (worst, of) = (longest, text);
        }
    }
    println!(
        "{}",
        serde_json::json!({
            "figure": "R10",
            "patterns": patterns,
            "worstMicroseconds": worst.as_micros(),
            "of": of,
        })
    );
}

/// How long a match takes: the least of several, where it is long.
fn time(pattern: &Pattern, subject: &str) -> Duration {
    let once = || {
        let start = Instant::now();
        let _ = std::hint::black_box(pattern.is_match(subject));
        start.elapsed()
    };
    let first = once();
    if first < LONG {
        return first;
    }
    (0..AGAIN).map(|_| once()).fold(first, Duration::min)
}

fn subjects() -> Vec<String> {
    let filled = |text: &str| text.chars().cycle().take(LONGEST_TAG).collect();
    let mut subjects: Vec<String> = ["a", "ab", "aA1.", "1.0-", "a-"].map(filled).into();
    let most = "a".repeat(LONGEST_TAG - 1);
    subjects.extend([format!("{most}!"), format!("{most}b")]);
    subjects
}

/// Numbers that look like chance and are the same each time.
struct Drawn(u64);

impl Drawn {
    /// One of the first so many numbers.
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % most
    }

    fn one(&mut self, of: &[&'static str]) -> &'static str {
        let at = self.below(of.len());
        of.get(at).copied().unwrap_or_default()
    }

    /// Up to twelve pieces, a third of them groups; a quarter of the patterns repeat themselves as long as
    /// a pattern may be.
    fn pattern(&mut self) -> String {
        let mut text = String::from("(a)?");
        for _ in 0..=self.below(12) {
            if self.below(3) == 0 {
                text.push_str("(?:");
                for _ in 0..=self.below(5) {
                    text.push_str(self.one(PIECES));
                    text.push_str(self.one(REPEATS));
                }
                text.push(')');
            } else {
                text.push_str(self.one(PIECES));
            }
            text.push_str(self.one(REPEATS));
        }
        if self.below(4) == 0 {
            text = text.repeat((1_000 / text.len()).max(1));
        }
        text
    }
}
