//! Registries and Helm repositories that repeat the feed's password.

use std::collections::BTreeMap;

use domain::cause::CheckCause;
use domain::feed::{Access, Feed, FeedKind};
use domain::ids::{FeedId, PackageId, SpaceId};
use engine::check::Check;
use engine::messages::{FeedCheck, Origin};
use engine::ports::FeedError;
use engine::routed::Routed;
use feeds::{Credential, Credentials, DirectFeeds, Limits};
use host::SystemClock;
use hostile::{Origins, Planted, Published, Reply};
use octopus::{FixedKey, OctopusClient};
use store::Store;
use store::memory::MemoryTable;

use crate::captured::Captured;
use crate::replies;

const PASSWORD: Planted = Planted {
    user: "joe",
    secret: "pl4nted s/e+c\"r&et",
};
const HOME: &str = "http://registry.test";

struct Joe(&'static str);

impl Credentials for Joe {
    async fn credential(&self, _: &Feed, _: bool) -> Result<Option<Credential>, FeedError> {
        Ok(Some(Credential::Basic {
            username: self.0.to_owned(),
            password: PASSWORD.secret.into(),
        }))
    }
}

fn feed(kind: FeedKind) -> Feed {
    Feed {
        id: FeedId::new("Feeds-1"),
        space: SpaceId::new("Spaces-1"),
        name: "Test feed".to_owned(),
        kind,
        uri: Some(HOME.to_owned()),
        registry_path: None,
        region: None,
        account: None,
        has_credentials: true,
    }
}

/// One check of one package, with all that leaves the process.
async fn check(origins: &Origins, user: &'static str, kind: FeedKind, captured: &Captured) {
    let http = origins.surroundings().named_server_client().unwrap();
    let octopus = OctopusClient::new(http, "https://octopus.test", FixedKey::new("API-1"));
    let credential = Joe(user).credential(&feed(kind.clone()), false).await;
    captured.debug(&credential);
    let reader = Routed {
        direct: DirectFeeds::new(origins.client(), Joe(user), Limits::default()),
        octopus: octopus.unwrap(),
        access: Access {
            aws_account: None,
            own_credentials: vec![FeedId::new("Feeds-1")],
        },
    };
    let (table, published) = (MemoryTable::default(), Published::default());
    let check = Check {
        store: &Store::new(table.clone()),
        reader: &reader,
        bus: &published,
        clock: &SystemClock,
    };
    let request = FeedCheck {
        feed: feed(kind),
        packages: vec![PackageId::new("acme/web")],
        retrying: Vec::new(),
        details: BTreeMap::new(),
        feed_retrying: false,
        cause: CheckCause::Schedule,
        superseded_at: None,
    };
    let report = check.run(&request, &Origin::new(&["test"])).await.unwrap();
    for (_, error) in &report.failed {
        captured.error(error);
        tracing::error!(exception = engine::with_causes(error), "not read");
    }
    captured.debug(&report);
    captured.events(&published.take());
    captured.rows(&table);
}

#[tokio::test]
async fn feed_password_leaks_nowhere() {
    let origins = Origins::start().await;
    let captured = Captured::default();
    let _logs = captured.logs();
    let token = Reply::Challenge(format!("Bearer realm=\"{HOME}/token\""));
    let basic = Reply::Challenge("Basic realm=\"x\"".to_owned());
    let mut flows = 0;
    for reply in replies::all(&PASSWORD) {
        // Echoed by the list; by the list after it received the password; by the token server; by its POST form.
        let rules = [
            (PASSWORD.user, vec![(HOME, reply.clone())]),
            (
                PASSWORD.user,
                vec![("http://registry.test/v2/", basic.clone())],
            ),
            (
                PASSWORD.user,
                vec![
                    ("http://registry.test/v2/", token.clone()),
                    (HOME, reply.clone()),
                ],
            ),
            (
                "<entra>",
                vec![
                    ("http://registry.test/v2/", token.clone()),
                    (HOME, reply.clone()),
                ],
            ),
        ];
        for (number, (user, rules)) in rules.into_iter().enumerate() {
            let own = |(url, reply): (&str, Reply)| (url.to_owned(), reply);
            let mut rules: Vec<_> = rules.into_iter().map(own).collect();
            if number == 1 {
                let Reply::Bytes(bytes) = reply.clone() else {
                    continue;
                };
                rules[0].1 = Reply::BytesIfAuthorized(bytes);
            }
            origins.answer(rules);
            check(&origins, user, FeedKind::Docker, &captured).await;
            flows += 1;
        }
        origins.answer(vec![(HOME.to_owned(), reply)]);
        check(&origins, PASSWORD.user, FeedKind::Helm, &captured).await;
        flows += 1;
    }
    let (bytes, found) = captured.search(&PASSWORD);
    assert!(
        found.is_empty(),
        "{found:?}: {}",
        captured.around(&found[0])
    );
    println!("R12: {flows} flows of feeds, {bytes} bytes searched, 0 found");
    assert!(flows >= 1_000 && bytes > 1_000_000);
}
