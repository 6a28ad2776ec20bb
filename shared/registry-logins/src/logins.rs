//! Finds the logins of feeds, and remembers them.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use domain::feed::{Access, Feed};
use domain::ids::FeedId;
use engine::ports::FeedError;
use engine::with_causes;
use feeds::{Credential, Credentials};
use futures_util::future::join_all;
use tokio::time::Instant;

use crate::config_file::{ConfigFile, Kept};
use crate::helper;
use crate::host::Scope;
use crate::login::Login;
use crate::places::Places;

/// The time a helper may take. Helpers of cloud providers request a token.
const HELPER_TIMEOUT: Duration = Duration::from_secs(10);

/// The time after which files and helpers are read again: a new login is used soon, and a helper that hangs delays a
/// check only once in this time.
const KEEP: Duration = Duration::from_secs(300);

/// The time for which a login that a registry refused is not used.
const REFUSED: Duration = Duration::from_secs(3600);

/// The logins of this machine's user. Clones share what they have read.
#[derive(Clone, Default)]
pub struct Logins(Option<Rc<Shared>>);

struct Shared {
    places: Places,
    helper_timeout: Duration,
    found: RefCell<BTreeMap<Scope, Found>>,
    /// The feeds that are read with a login.
    used: RefCell<BTreeMap<FeedId, Scope>>,
}

/// The result of the last lookup for a scope.
#[derive(Clone, Default)]
struct Found {
    login: Option<Login>,
    at: Option<Instant>,
    /// The last error, which is logged once.
    error: Option<String>,
    /// When a registry refused the login.
    refused: Option<(Instant, Login)>,
    /// Whether a registry has accepted the login.
    is_proved: bool,
}

impl Logins {
    /// No logins: every feed with a credential in Octopus is read through Octopus.
    pub fn none() -> Self {
        Self(None)
    }

    /// The logins in these files.
    pub fn new(places: Places) -> Self {
        Self::with_timeout(places, HELPER_TIMEOUT)
    }

    /// The logins in these files; a helper may take this time.
    pub fn with_timeout(places: Places, helper_timeout: Duration) -> Self {
        Self(Some(Rc::new(Shared {
            places,
            helper_timeout,
            found: RefCell::default(),
            used: RefCell::default(),
        })))
    }

    /// Whether no file exists that could contain a login.
    pub fn is_empty(&self) -> bool {
        let mut files = self.0.iter().flat_map(|shared| &shared.places.0);
        !files.any(|file| file.exists())
    }

    /// Looks up the logins of these feeds. Only registries whose credential Octopus stores have one.
    pub async fn prepare(&self, feeds: &[Feed]) {
        let Some(shared) = &self.0 else { return };
        let scopes: Vec<_> = feeds
            .iter()
            .map(|feed| (feed, Scope::of_feed(feed).filter(|_| feed.has_credentials)))
            .collect();
        let mut due: Vec<_> = scopes
            .iter()
            .filter_map(|(_, scope)| scope.clone())
            .collect();
        due.sort();
        due.dedup();
        due.retain(|scope| !shared.is_recent(scope));
        join_all(due.iter().map(|scope| shared.look_up(scope))).await;
        let mut used = shared.used.borrow_mut();
        for (feed, scope) in scopes {
            match scope.filter(|scope| shared.usable(scope).is_some()) {
                Some(scope) => used.insert(feed.id.clone(), scope),
                None => used.remove(&feed.id),
            };
        }
    }

    /// The access of a program with these logins: the feeds that [`prepare`](Self::prepare) found one for.
    pub fn access(&self) -> Access {
        let used = self.0.as_ref().map(|shared| shared.used.borrow());
        let feeds = used.iter().flat_map(|used| used.keys().cloned());
        Access {
            own_credentials: feeds.collect(),
            ..Access::default()
        }
    }

    /// The file or helper of the feed's login, for users. `None`: the feed is read without one.
    pub fn source(&self, feed: &Feed) -> Option<String> {
        let shared = self.0.as_ref()?;
        let scope = shared.used.borrow().get(&feed.id).cloned()?;
        Some(shared.usable(&scope)?.source)
    }

    /// Records that the registry accepted the feed's login.
    pub fn prove(&self, feed: &Feed) {
        self.change(feed, |found| found.is_proved = true);
    }

    /// Whether the registry has accepted the feed's login before.
    pub fn is_proved(&self, feed: &Feed) -> bool {
        let mut is_proved = false;
        self.change(feed, |found| is_proved = found.is_proved);
        is_proved
    }

    /// Records that the feed cannot be read with its login, which is then not used for an hour, unless it changes.
    pub fn refuse(&self, feed: &Feed) {
        self.change(feed, |found| {
            let login = found.login.clone();
            found.refused = login.map(|login| (Instant::now(), login));
            found.is_proved = false;
        });
        if let Some(shared) = &self.0 {
            shared.used.borrow_mut().remove(&feed.id);
        }
    }

    fn change(&self, feed: &Feed, change: impl FnOnce(&mut Found)) {
        let scope = Scope::of_feed(feed);
        if let Some((shared, scope)) = self.0.as_ref().zip(scope)
            && let Some(found) = shared.found.borrow_mut().get_mut(&scope)
        {
            change(found);
        }
    }
}

impl Credentials for Logins {
    /// The login for the host of the feed's URL, whatever the feed was when its route was selected.
    async fn credential(
        &self,
        feed: &Feed,
        refresh: bool,
    ) -> Result<Option<Credential>, FeedError> {
        let is_used = |shared: &Rc<Shared>| shared.used.borrow().contains_key(&feed.id);
        let (Some(shared), Some(scope)) = (&self.0, Scope::of_feed(feed)) else {
            return Ok(None);
        };
        if !is_used(shared) {
            return Ok(None);
        }
        if refresh || !shared.is_recent(&scope) {
            shared.look_up(&scope).await;
        }
        Ok(shared.usable(&scope).map(|login| login.credential))
    }

    fn host(&self, feed: &Feed) -> Option<String> {
        let used = self.0.as_ref()?.used.borrow();
        Some(used.get(&feed.id)?.host.clone())
    }
}

impl Shared {
    fn is_recent(&self, scope: &Scope) -> bool {
        let found = self.found.borrow();
        let at = found.get(scope).and_then(|found| found.at);
        at.is_some_and(|at| at.elapsed() < KEEP)
    }

    /// The login of the scope, unless it was refused.
    fn usable(&self, scope: &Scope) -> Option<Login> {
        let found = self.found.borrow();
        let found = found.get(scope)?;
        let login = found.login.clone()?;
        let is_refused = found
            .refused
            .as_ref()
            .is_some_and(|(at, refused)| at.elapsed() < REFUSED && refused.is_same(&login));
        (!is_refused).then_some(login)
    }

    /// Reads the files and the helper for a scope. A failure is logged if it is a new one.
    async fn look_up(&self, scope: &Scope) {
        let (login, error) = match self.read(scope).await {
            Ok(login) => (login, None),
            Err(error) => (None, Some(error)),
        };
        let mut all = self.found.borrow_mut();
        let found = all.entry(scope.clone()).or_default();
        if let Some(error) = &error
            && found.error.as_ref() != Some(error)
        {
            tracing::warn!(
                "cannot use the login for {}: {error}; the registry is read through Octopus",
                scope.host
            );
        }
        found.login = login;
        found.error = error;
        found.at = Some(Instant::now());
    }

    async fn read(&self, scope: &Scope) -> Result<Option<Login>, String> {
        let mut failure = None;
        for path in &self.places.0 {
            let file = match ConfigFile::read(path) {
                Ok(file) => file,
                Err(error) => {
                    failure.get_or_insert(format!("{}: {}", path.display(), with_causes(&error)));
                    continue;
                }
            };
            match file.find(scope, path) {
                None => {}
                Some(Kept::InFile(login)) => return Ok(Some(login)),
                Some(Kept::InHelper { name, server }) => {
                    match helper::get(&name, &server, self.helper_timeout).await {
                        Ok(None) => {}
                        Ok(login) => return Ok(login),
                        Err(error) => {
                            let error = with_causes(&error);
                            failure.get_or_insert(format!("docker-credential-{name}: {error}"));
                        }
                    }
                }
            }
        }
        failure.map_or(Ok(None), Err)
    }
}

impl fmt::Debug for Logins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let places = self.0.as_ref().map(|shared| &shared.places);
        f.debug_tuple("Logins").field(&places).finish()
    }
}
