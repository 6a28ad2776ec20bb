//! Finds the rules' phrases in the words of a segment.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use crate::rules::{RULES, Rule, Scope};
use crate::segments::Kind;

/// A word: a run of letters and digits, or a part of an identifier.
#[derive(Debug)]
pub(crate) struct Token<'a> {
    text: &'a str,
    lower: String,
    kind: Kind,
    /// Whether it is a whole identifier and not a part.
    is_whole: bool,
    /// The text between the word before and this one.
    gap: &'a str,
    /// The text from here on.
    rest: &'a str,
    /// Byte offset in the file.
    start: usize,
}

/// A rule that matched.
pub(crate) struct Match {
    pub(crate) rule: &'static Rule,
    pub(crate) text: String,
    pub(crate) start: usize,
}

/// The words of a segment; identifiers are divided at `_` and at upper-case letters.
pub(crate) fn tokens(text: &str, kind: Kind, offset: usize) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut last = 0;
    let mut at = 0;
    let bytes = text.as_bytes();
    while at < bytes.len() {
        // `\n` and `\t` in a literal are white space.
        if bytes[at] == b'\\' && kind == Kind::Prose {
            at += 2;
            continue;
        }
        if !bytes[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let start = at;
        at += 1;
        while at < bytes.len() && bytes[at].is_ascii_alphanumeric() && !is_hump(bytes, at) {
            at += 1;
        }
        tokens.push(Token {
            text: &text[start..at],
            lower: text[start..at].to_ascii_lowercase(),
            kind,
            is_whole: !is_part(bytes, start.wrapping_sub(1)) && !is_part(bytes, at),
            gap: &text[last..start],
            rest: &text[at..],
            start: offset + start,
        });
        last = at;
    }
    tokens
}

fn is_part(bytes: &[u8], at: usize) -> bool {
    let byte = bytes.get(at).copied().unwrap_or_default();
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// Whether a new part of a camel-case identifier begins at `at`.
fn is_hump(bytes: &[u8], at: usize) -> bool {
    let upper = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_uppercase);
    let lower = |index: usize| bytes.get(index).is_some_and(u8::is_ascii_lowercase);
    (lower(at - 1) && upper(at)) || (upper(at - 1) && upper(at) && lower(at + 1))
}

/// The rules that match, at most one at each word.
pub(crate) fn matches<'a>(tokens: &'a [Token<'a>]) -> impl Iterator<Item = Match> + 'a {
    (0..tokens.len()).filter_map(|at| {
        let candidates = by_first_word().get(tokens[at].lower.as_str())?;
        let mut found = candidates.iter().filter_map(|rule| {
            let length = longest(rule, &tokens[at..])?;
            let listed = in_scope(rule, &tokens[at]) && is_listed_use(rule, tokens, at, length);
            listed.then_some((*rule, length))
        });
        let (rule, length) = found.next()?;
        let words = tokens[at..at + length].iter();
        Some(Match {
            rule,
            text: words
                .map(|token| token.lower.as_str())
                .collect::<Vec<_>>()
                .join(" "),
            start: tokens[at].start,
        })
    })
}

/// The rules by the words, in lower case, that a phrase of theirs can begin with.
fn by_first_word() -> &'static HashMap<String, Vec<&'static Rule>> {
    static INDEX: LazyLock<HashMap<String, Vec<&'static Rule>>> = LazyLock::new(|| {
        let mut index = HashMap::<_, Vec<&'static Rule>>::new();
        for rule in RULES {
            let first = rule.phrases.iter().filter_map(|one| one.split(' ').next());
            let words: HashSet<_> = first
                .flat_map(|words| words.split('|'))
                .map(str::to_ascii_lowercase)
                .collect();
            for word in words {
                index.entry(word).or_default().push(rule);
            }
        }
        index
    });
    &INDEX
}

fn in_scope(rule: &Rule, token: &Token<'_>) -> bool {
    match rule.scope {
        Scope::Everywhere => true,
        Scope::Prose => token.kind == Kind::Prose,
        Scope::Identifiers => token.kind != Kind::Prose,
    }
}

/// How many words the longest phrase of a rule matches here.
fn longest(rule: &Rule, tokens: &[Token<'_>]) -> Option<usize> {
    let lengths = rule.phrases.iter().filter_map(|phrase| {
        let mut length = 0;
        for (index, word) in phrase.split(' ').enumerate() {
            let token = tokens.get(index)?;
            let joined = index == 0 || joins(token);
            let fits = word.split('|').any(|one| {
                if one.starts_with(|first: char| first.is_ascii_uppercase()) {
                    token.text == one && token.is_whole && !is_question(token)
                } else {
                    token.lower == one
                }
            });
            if !joined || !fits {
                return None;
            }
            length += 1;
        }
        Some(length)
    });
    lengths.max()
}

/// Whether a word belongs to the phrase of the word before it: no punctuation between them, and no blank line.
fn joins(token: &Token<'_>) -> bool {
    let in_gap = |letter: char| letter.is_whitespace() || "-_/!*#>'`\\\u{2019}".contains(letter);
    token.gap.chars().all(in_gap) && token.gap.matches('\n').count() < 2
}

/// Whether the sentence ends with a question mark.
fn is_question(token: &Token<'_>) -> bool {
    let paragraph = token.rest.split("\n\n").next().unwrap_or_default();
    paragraph
        .find(['?', '.', ';', '|', '"'])
        .is_some_and(|at| paragraph[at..].starts_with('?'))
}

fn is_listed_use(rule: &Rule, tokens: &[Token<'_>], at: usize, length: usize) -> bool {
    let is_in = |words: &[&str], index: Option<usize>| {
        index
            .and_then(|index| tokens.get(index))
            .is_some_and(|token| words.contains(&token.lower.as_str()))
    };
    let after = is_in(rule.unless_after, at.checked_sub(1));
    let before = is_in(rule.unless_before, Some(at + length));
    let near =
        (at.saturating_sub(4)..at + length + 4).any(|index| is_in(rule.unless_near, Some(index)));
    !(after || before || near || is_usual_name(&tokens[at]))
}

/// `x.round()` and `interval.tick()` are names of libraries, `letter` is a character.
fn is_usual_name(token: &Token<'_>) -> bool {
    let is_method = token.gap.trim_end().ends_with('.') && token.rest.starts_with('(');
    token.kind == Kind::Code
        && token.is_whole
        && match token.text {
            "round" | "tick" => is_method,
            "letter" => true,
            _ => false,
        }
}
