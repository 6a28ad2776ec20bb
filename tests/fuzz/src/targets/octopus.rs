//! Octopus's answers: one byte for the kind of document, then the document.

use domain::ids::SpaceId;
use octopus::parsing;

/// Whatever it is, it is read or refused; and a credential in a feed's address is never kept.
pub(crate) fn documents(data: &[u8]) {
    let Some((asked, document)) = data.split_first() else {
        return;
    };
    let space = SpaceId::new("Spaces-1");
    match asked {
        b'c' => drop(parsing::channel(document)),
        b'f' => {
            for feed in parsing::feeds(&space, document).into_iter().flatten() {
                let uri = feed.uri.and_then(|uri| url::Url::parse(&uri).ok());
                let is_bare = |uri: url::Url| uri.username().is_empty() && uri.password().is_none();
                assert!(uri.is_none_or(is_bare));
            }
        }
        b'p' => drop(parsing::project(&space, document)),
        b'a' => drop(parsing::actions(document)),
        b'r' => drop(parsing::releases(document)),
        b't' => drop(parsing::template(document)),
        b'v' => drop(parsing::versions(document)),
        _ => {
            for trigger in parsing::feed_triggers(document).into_iter().flatten() {
                assert!(
                    trigger
                        .channel
                        .is_none_or(|id| !id.as_str().trim().is_empty())
                );
            }
        }
    }
}
