//! The Maven format. Every text is a version; its order is that of Maven's `ComparableVersion`, as of
//! Maven 3.0 to 3.5, which Octopus ported.
//!
//! The text is split into numbers and words at dots, dashes and between digits and other characters. A dash
//! between two digits starts a list, which lasts to the end. Before a dash that follows digits, and at the end,
//! insignificant items (0, `ga`, `final`) are dropped. Then item is compared with item: a number is above a
//! list, a list above a word, and an item against the end of the other version counts by whether it makes a
//! version later (`1-sp`, `1.1`) or earlier (`1-rc`) than none.
//!
//! **The difference.** This comparison has cycles: `1.0rc1 < 1.0`, `1.0 < 1.0-jre`, but `1.0-jre < 1.0rc1`,
//! because the 0 of the last is a number. A sort needs a total order, so the rest of a version is first
//! compared by whether it makes the version earlier, the same or later, and only then item by item:
//! `1.0rc1 < 1.0-jre`. Where the original is an order, this is the same order, with one more exception: a list
//! counts as a whole, not by its first item alone, so `1-0.1` is above `1`.

use super::key::OrderKey;
use super::parsed::Parsed;

/// Known words from the earliest to the latest; the empty word is the release.
const QUALIFIERS: [&str; 7] = ["alpha", "beta", "milestone", "rc", "snapshot", "", "sp"];
/// The rank of the release. Unknown words rank after all known ones.
const RELEASE_RANK: usize = 5;

pub(super) fn parse(input: &str) -> Parsed {
    let text = input.trim();
    let start = input.len() - input.trim_start().len();
    let end = start + text.len();
    let qualifier = Fields::of(text).qualifier;
    let lower = text.to_lowercase();
    Parsed {
        text: start..end,
        release: end - qualifier.len()..end,
        subject_end: end,
        is_prerelease: is_prerelease(qualifier),
        key: order_key(&items(&lower), &lower),
    }
}

/// Major, minor, patch and revision, for display.
pub(super) fn numbers(text: &str) -> [u32; 4] {
    Fields::of(text).numbers.map(|digits| match digits {
        "" => 0,
        digits => digits.parse().unwrap_or(u32::MAX),
    })
}

/// The displayed fields: one to three numbers, then `-N` and the qualifier, or `.` or `-` and the qualifier.
/// Without leading digits the whole text is the qualifier; a tail without a separator is dropped.
struct Fields<'t> {
    numbers: [&'t str; 4],
    /// The end of the text, or nothing.
    qualifier: &'t str,
}

impl<'t> Fields<'t> {
    fn of(text: &'t str) -> Self {
        let mut numbers = [""; 4];
        let mut rest = text;
        for (index, slot) in numbers.iter_mut().take(3).enumerate() {
            let candidate = if index == 0 {
                Some(rest)
            } else {
                rest.strip_prefix('.')
            };
            let Some((digits, after)) = candidate.and_then(split_digits) else {
                break;
            };
            (*slot, rest) = (digits, after);
        }
        let qualifier = if rest.len() == text.len() {
            text
        } else if let Some((revision, after)) = rest.strip_prefix('-').and_then(split_digits) {
            numbers[3] = revision;
            after
        } else {
            rest.strip_prefix(['.', '-']).unwrap_or("")
        };
        Self {
            numbers,
            qualifier: if qualifier.trim().is_empty() {
                ""
            } else {
                qualifier
            },
        }
    }
}

/// The digits at the start, if there are any, and the rest.
fn split_digits(text: &str) -> Option<(&str, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

fn is_prerelease(qualifier: &str) -> bool {
    let starts_with = |word: &str| {
        qualifier
            .get(..word.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(word))
    };
    let is_letter_and_digit = || match qualifier.as_bytes() {
        [letter, digit, ..] => {
            b"abm".contains(&letter.to_ascii_lowercase()) && digit.is_ascii_digit()
        }
        _ => false,
    };
    qualifier.eq_ignore_ascii_case("snapshot")
        || ["alpha", "beta", "milestone", "cr", "rc"]
            .into_iter()
            .any(starts_with)
        || is_letter_and_digit()
}

/// One item of a version in lower case.
#[derive(Clone, Copy)]
enum Item<'t> {
    /// Digits.
    Number(&'t str),
    Word(&'t str),
    /// The start of a list, which lasts to the end of the version.
    List,
}

/// Whether an item, or the rest of a version, makes it earlier, the same or later than without it.
#[derive(Clone, Copy, PartialEq)]
enum Weight {
    Earlier,
    Nothing,
    Later,
}

impl Item<'_> {
    /// A list weighs as much as its items.
    fn weight(self) -> Weight {
        match self {
            Self::List => Weight::Nothing,
            Self::Number(digits) if digits.bytes().all(|digit| digit == b'0') => Weight::Nothing,
            Self::Number(_) => Weight::Later,
            Self::Word(word) => match rank(word) {
                RELEASE_RANK => Weight::Nothing,
                0..RELEASE_RANK => Weight::Earlier,
                _ => Weight::Later,
            },
        }
    }
}

fn rank(word: &str) -> usize {
    QUALIFIERS
        .iter()
        .position(|known| *known == word)
        .unwrap_or(QUALIFIERS.len())
}

/// A word by its usual name. A single `a`, `b` or `m` is an abbreviation if a digit follows.
fn word(word: &str, digit_follows: bool) -> Item<'_> {
    Item::Word(match word {
        "a" if digit_follows => "alpha",
        "b" if digit_follows => "beta",
        "m" if digit_follows => "milestone",
        "ga" | "final" => "",
        "cr" => "rc",
        other => other,
    })
}

/// Splits a text in lower case into items.
fn items(text: &str) -> Vec<Item<'_>> {
    let mut items = Vec::new();
    let mut start = 0;
    let mut in_digits = false;
    for (at, c) in text.char_indices() {
        let piece = &text[start..at];
        if c == '.' || c == '-' {
            items.push(separated(piece, in_digits));
            start = at + 1;
            if c == '-' && in_digits {
                drop_trailing(&mut items, |item| {
                    !matches!(item, Item::List) && item.weight() == Weight::Nothing
                });
                if text[start..].starts_with(|next: char| next.is_ascii_digit()) {
                    items.push(Item::List);
                }
            }
        } else {
            let is_digit = c.is_ascii_digit();
            if is_digit != in_digits && !piece.is_empty() {
                items.push(if is_digit {
                    word(piece, true)
                } else {
                    Item::Number(piece)
                });
                start = at;
            }
            in_digits = is_digit;
        }
    }
    if start < text.len() {
        items.push(separated(&text[start..], in_digits));
    }
    drop_trailing(&mut items, |item| item.weight() == Weight::Nothing);
    items
}

/// A piece before a separator or the end of the text; an empty piece is 0.
fn separated(piece: &str, is_number: bool) -> Item<'_> {
    match piece {
        "" => Item::Number("0"),
        digits if is_number => Item::Number(digits),
        letters => word(letters, false),
    }
}

fn drop_trailing(items: &mut Vec<Item<'_>>, means_nothing: impl Fn(Item<'_>) -> bool) {
    while items.last().is_some_and(|last| means_nothing(*last)) {
        items.pop();
    }
}

/// For each item first the weight of the rest, then the item.
fn order_key(items: &[Item<'_>], text: &str) -> OrderKey {
    let mut key = OrderKey::for_text(text);
    for (item, weight) in items.iter().zip(remaining_weights(items)) {
        key.tag(weight_tag(weight));
        match item {
            Item::Word(word) => {
                key.tag('\u{1}');
                key.tag(char::from(
                    b'0' + u8::try_from(rank(word)).unwrap_or(u8::MAX - b'0'),
                ));
                key.text(word);
            }
            Item::List => key.tag('\u{2}'),
            Item::Number(digits) => {
                key.tag('\u{3}');
                key.number(digits);
            }
        }
    }
    key.tag(weight_tag(Weight::Nothing));
    key
}

fn weight_tag(weight: Weight) -> char {
    match weight {
        Weight::Earlier => '\u{1}',
        Weight::Nothing => '\u{2}',
        Weight::Later => '\u{3}',
    }
}

/// For each item the weight of the first item from it on that is not `Nothing`.
fn remaining_weights(items: &[Item<'_>]) -> Vec<Weight> {
    let mut weights: Vec<Weight> = items.iter().map(|item| item.weight()).collect();
    for index in (1..weights.len()).rev() {
        if weights[index - 1] == Weight::Nothing {
            weights[index - 1] = weights[index];
        }
    }
    weights
}
