//! Ranges in the notation of npm, Cargo, Helm or Ruby, which Octopus does not support.
//!
//! Some of them are valid versions in Octopus's formats with an unintended meaning: `1.x` on a Docker feed is "1.x or
//! later". They are therefore refused by their notation, with the Octopus spelling as a hint.

/// The error for a range in another notation. `None`: the notation is Octopus's.
pub fn foreign_notation(text: &str) -> Option<String> {
    let text = text.trim();
    let is_foreign = text.starts_with(['^', '~', '>', '<', '='])
        || text.contains("||")
        || text.contains(" - ")
        || (!text.starts_with(['[', '(']) && has_wildcard(text));
    if !is_foreign {
        return None;
    }
    let hint =
        octopus_spelling(text).unwrap_or_else(|| "one interval, such as [1.0,2.0)".to_owned());
    Some(format!(
        "`{text}` is not in the notation of Octopus; write {hint}"
    ))
}

fn has_wildcard(text: &str) -> bool {
    text.split('.').any(|part| matches!(part, "x" | "X" | "*"))
}

fn octopus_spelling(text: &str) -> Option<String> {
    if text.contains("||") {
        return None;
    }
    if let Some((lower, upper)) = text.split_once(" - ") {
        return Some(format!("[{},{}]", version(lower)?, version(upper)?));
    }
    if let Some(rest) = text.strip_prefix("~>") {
        let lower = version(rest)?;
        let parts = numbers(lower)?;
        return Some(format!(
            "[{lower},{})",
            next(&parts, parts.len().checked_sub(2)?)?
        ));
    }
    if let Some(rest) = text.strip_prefix('^') {
        let lower = version(rest)?;
        let parts = numbers(lower)?;
        let significant = parts.iter().position(|part| *part > 0);
        let at = significant.unwrap_or(parts.len() - 1);
        return Some(format!("[{lower},{})", next(&parts, at)?));
    }
    if let Some(rest) = text.strip_prefix('~') {
        let lower = version(rest)?;
        let parts = numbers(lower)?;
        return Some(format!(
            "[{lower},{})",
            next(&parts, usize::from(parts.len() > 1))?
        ));
    }
    if has_wildcard(text) {
        let fixed: Vec<_> = text
            .split('.')
            .take_while(|part| !matches!(*part, "x" | "X" | "*"))
            .collect();
        let lower = fixed.join(".");
        let parts = numbers(&lower)?;
        return Some(format!("[{lower},{})", next(&parts, parts.len() - 1)?));
    }
    comparators(text)
}

/// `>=1.2 <2`, `>1`, `=1.0`.
fn comparators(text: &str) -> Option<String> {
    let (mut lower, mut upper) = (None, None);
    let joined = text
        .replace(',', " ")
        .replace("= ", "=")
        .replace("> ", ">")
        .replace("< ", "<");
    for one in joined.split_whitespace() {
        let slot_and_text = if let Some(rest) = one.strip_prefix(">=") {
            (&mut lower, format!("[{}", version(rest)?))
        } else if let Some(rest) = one.strip_prefix('>') {
            (&mut lower, format!("({}", version(rest)?))
        } else if let Some(rest) = one.strip_prefix("<=") {
            (&mut upper, format!("{}]", version(rest)?))
        } else if let Some(rest) = one.strip_prefix('<') {
            (&mut upper, format!("{})", version(rest)?))
        } else {
            let exact = version(one.trim_start_matches('='))?;
            return (joined.split_whitespace().count() == 1).then(|| format!("[{exact}]"));
        };
        let (slot, bound) = slot_and_text;
        if slot.replace(bound).is_some() {
            return None;
        }
    }
    let lower = lower.unwrap_or_else(|| "(".to_owned());
    let upper = upper.unwrap_or_else(|| ")".to_owned());
    Some(format!("{lower},{upper}"))
}

fn version(text: &str) -> Option<&str> {
    let text = text.trim();
    let is_version = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '+');
    (text.starts_with(|c: char| c.is_ascii_digit()) && text.chars().all(is_version)).then_some(text)
}

/// The numbers of a version, without its pre-release.
fn numbers(version: &str) -> Option<Vec<u32>> {
    let main = version.split(['-', '+']).next()?;
    main.split('.').map(|part| part.parse().ok()).collect()
}

/// The version after all that share the numbers up to `at`.
fn next(numbers: &[u32], at: usize) -> Option<String> {
    let mut kept = numbers.get(..=at)?.to_vec();
    *kept.last_mut()? = kept.last()?.checked_add(1)?;
    let kept: Vec<_> = kept.iter().map(u32::to_string).collect();
    Some(kept.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn foreign_notation_is_refused_with_the_octopus_spelling() {
        for (text, expected) in [
            ("^1.2", "[1.2,2)"),
            ("^1.2.3-rc.1", "[1.2.3-rc.1,2)"),
            ("^0.2.3", "[0.2.3,0.3)"),
            ("^0.0.3", "[0.0.3,0.0.4)"),
            ("^0", "[0,1)"),
            ("~1.2", "[1.2,1.3)"),
            ("~1.2.3", "[1.2.3,1.3)"),
            ("~1", "[1,2)"),
            ("~> 1.2", "[1.2,2)"),
            ("~>1.2.3", "[1.2.3,1.3)"),
            ("1.x", "[1,2)"),
            ("1.2.*", "[1.2,1.3)"),
            (">=1.2 <2", "[1.2,2)"),
            (">= 1.2, < 2", "[1.2,2)"),
            (">1.0", "(1.0,)"),
            ("<=2.0", "(,2.0]"),
            ("=1.0", "[1.0]"),
            ("1.2 - 2.0", "[1.2,2.0]"),
            ("^1 || ^2", "one interval, such as [1.0,2.0)"),
            ("*", "one interval, such as [1.0,2.0)"),
            (">=a", "one interval, such as [1.0,2.0)"),
        ] {
            let error = foreign_notation(text).unwrap_or_default();
            assert_eq!(
                error,
                format!("`{text}` is not in the notation of Octopus; write {expected}")
            );
        }
        for text in [
            "[1.0,2.0)",
            "(1.0,)",
            "1.0",
            "[1.0]",
            "1.2-rc.1",
            "[1.0,1.x)",
        ] {
            assert_eq!(foreign_notation(text), None, "{text}");
        }
    }
}
