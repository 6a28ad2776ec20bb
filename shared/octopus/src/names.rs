//! Finding things by what people call them: the name, the slug or the id. Octopus compares all three
//! without case.

use domain::process::same_name;
use engine::ports::{OctopusError, OctopusErrorKind};

use crate::error::error;

/// What a thing goes by. A slug may be empty: old servers have none.
pub(crate) trait Named {
    fn name(&self) -> &str;
    fn slug(&self) -> &str;
    fn id(&self) -> &str;
}

/// All that one thing goes by.
pub(crate) struct Names(Vec<String>);

impl Names {
    pub(crate) fn of(thing: &impl Named) -> Self {
        Self(
            [thing.id(), thing.slug(), thing.name()]
                .map(str::to_owned)
                .into(),
        )
    }

    /// Of a thing of which only the id is known.
    pub(crate) fn by_id(id: &str) -> Self {
        Self(vec![id.to_owned()])
    }

    /// Whether the thing goes by this.
    pub(crate) fn include(&self, name: &str) -> bool {
        self.0.iter().any(|own| same_name(own, name))
    }
}

/// The one that goes by this name: by its name as written, else by its name in other letters, else by its
/// slug, else by its id. So a thing's name never loses against another's slug.
///
/// # Errors
/// [`OctopusErrorKind::Invalid`] where several have the name and none is written just so.
pub(crate) fn pick<T: Named>(
    things: Vec<T>,
    wanted: &str,
    what: &str,
) -> Result<Option<T>, OctopusError> {
    let ways: [fn(&T, &str) -> bool; 4] = [
        |thing, wanted| thing.name() == wanted,
        |thing, wanted| same_name(thing.name(), wanted),
        |thing, wanted| same_name(thing.slug(), wanted),
        |thing, wanted| same_name(thing.id(), wanted),
    ];
    if wanted.is_empty() {
        return Ok(None);
    }
    for is_called in ways {
        let mut found: Vec<usize> = (0..things.len()).collect();
        found.retain(|&index| is_called(&things[index], wanted));
        if found.len() > 1 {
            let ids: Vec<_> = found.iter().map(|&index| things[index].id()).collect();
            let message = format!(
                "several {what} are called `{wanted}`: {}; name the one that is meant by its id",
                ids.join(", ")
            );
            return Err(error(OctopusErrorKind::Invalid, message));
        }
        if let [index] = found[..] {
            return Ok(things.into_iter().nth(index));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    impl Named for [&str; 3] {
        fn name(&self) -> &str {
            self[0]
        }
        fn slug(&self) -> &str {
            self[1]
        }
        fn id(&self) -> &str {
            self[2]
        }
    }

    #[test]
    fn a_name_goes_before_a_slug_and_a_slug_before_an_id() {
        let things = vec![
            ["Web", "shop", "Projects-1"],
            ["shop", "shop-1", "Projects-2"],
            ["SHOP", "", "Projects-3"],
            ["Projects-1", "x", "Projects-4"],
        ];
        for (wanted, id) in [
            ("shop", Some("Projects-2")),
            ("SHOP", Some("Projects-3")),
            ("web", Some("Projects-1")),
            ("Shop-1", Some("Projects-2")),
            ("projects-3", Some("Projects-3")),
            ("Projects-1", Some("Projects-4")),
            ("Sho", None),
            ("", None),
        ] {
            let found = pick(things.clone(), wanted, "projects").unwrap();
            assert_eq!(found.map(|one| one[2]), id, "{wanted}");
        }
        let error = pick(things, "Shop", "projects").unwrap_err();
        assert_eq!(
            error.message,
            "several projects are called `Shop`: Projects-2, Projects-3; name the one that is meant by its id"
        );
    }
}
