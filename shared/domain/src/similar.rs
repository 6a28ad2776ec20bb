//! The most similar of several known names, for errors about unknown names.

/// The known name that was probably meant. `None`: no known name is similar.
pub fn nearest<'k>(name: &str, known: &[&'k str]) -> Option<&'k str> {
    let plain = simplified(name);
    let distance = |one: &&&str| strsim::osa_distance(&plain, &simplified(one));
    let nearest = known.iter().min_by_key(distance);
    let nearest = nearest.filter(|one| distance(one) <= 1 + plain.len() / 4);
    nearest.copied()
}

/// The error for an unknown name.
pub fn unknown(what: &str, name: &str, known: &[&str]) -> String {
    match nearest(name, known) {
        Some(nearest) => format!("unknown {what} `{name}`; did you mean `{nearest}`?"),
        None => match known {
            [only] => format!("unknown {what} `{name}`; the only known one is `{only}`"),
            _ => format!(
                "unknown {what} `{name}`; the known ones are {}",
                known.join(", ")
            ),
        },
    }
}

/// A name without differences of style: `project_id`, `isdisabled`.
fn simplified(name: &str) -> String {
    let mut name = name.to_lowercase();
    name.retain(|c| c != '_' && c != '-');
    match name.strip_suffix("id") {
        Some(stem) if !stem.is_empty() => stem.to_owned(),
        _ => name,
    }
}
