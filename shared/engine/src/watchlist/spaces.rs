//! In which of the spaces that this program looks at something is that a file names, or not.

use domain::process::same_name;

use crate::ports::Space;

/// The space of this name, slug or id; without one, the only space.
pub(super) fn home<'a>(wanted: Option<&str>, spaces: &'a [Space]) -> Result<&'a Space, String> {
    let Some(wanted) = wanted else {
        return match spaces {
            [only] => Ok(only),
            several => Err(format!("say which space it is in: {}", names(several))),
        };
    };
    let found = spaces.iter().find(|space| {
        let known = [space.name.as_str(), &space.slug, space.id.as_str()];
        known.iter().any(|own| same_name(own, wanted))
    });
    found.ok_or_else(|| {
        format!(
            "`{wanted}` is none of the spaces that are looked at: {}; correct the name, or have that \
             space looked at",
            names(spaces)
        )
    })
}

fn names(spaces: &[Space]) -> String {
    let names: Vec<_> = spaces.iter().map(|space| space.name.as_str()).collect();
    names.join(", ")
}

#[cfg(test)]
mod tests {
    use domain::ids::SpaceId;

    use super::*;

    #[test]
    fn a_space_is_found_by_all_that_it_is_called() {
        let space = |id: &str, name: &str, slug: &str| Space {
            id: SpaceId::new(id),
            name: name.to_owned(),
            slug: slug.to_owned(),
        };
        let both = [
            space("Spaces-1", "Default", "default"),
            space("Spaces-2", "Web team", "web-team"),
        ];
        for wanted in ["web TEAM", "web-team", "spaces-2"] {
            let found = home(Some(wanted), &both).map(|space| space.id.as_str());
            assert_eq!(found, Ok("Spaces-2"), "{wanted}");
        }
        let only = home(None, &both[..1]).map(|space| space.id.as_str());
        assert_eq!(only, Ok("Spaces-1"));
        let which = home(None, &both).map(drop);
        assert_eq!(
            which,
            Err("say which space it is in: Default, Web team".to_owned())
        );
        assert!(home(Some("Ops"), &both).is_err());
    }
}
