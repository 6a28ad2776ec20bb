//! Checks the addresses of names that a proxy connects to.
//!
//! A proxy resolves the name itself, so the client's resolver never sees it. The name is therefore resolved here
//! first, and requested from the proxy only if one of its addresses may be reached. A name that does not resolve here
//! is not requested, because nothing is known about the address that the proxy would connect to. The proxy's own
//! resolver may answer differently; only the proxy can prevent that.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use url::Url;

use crate::reach::Reach;
use crate::resolver::{Names, Refused, literal, permitted};

/// How long a verdict is used: for one request with its redirects, and for the pages of one listing.
const VALID_FOR: Duration = Duration::from_secs(60);

/// The maximum number of stored verdicts; then all are dropped and made again when needed.
const MAX_VERDICTS: usize = 1_000;

/// A name that is not requested from a proxy.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotApproved {
    /// Its addresses may not be reached.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// It has no address here.
    #[error(
        "cannot resolve {host}, so its addresses cannot be checked, and the proxy is not asked for it; make the name \
         resolvable here, or add it to NO_PROXY (stack parameter NoProxy) if it is reached without the proxy"
    )]
    Unresolved {
        /// The name.
        host: String,
    },
}

/// The verdicts on names, of one client with proxies.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    names: Arc<dyn Names>,
    reach: Reach,
    verdicts: Arc<Mutex<HashMap<String, Verdict>>>,
}

#[derive(Clone, Debug)]
struct Verdict {
    made: Instant,
    outcome: Result<(), NotApproved>,
}

impl Approval {
    pub(crate) fn new(names: Arc<dyn Names>, reach: Reach) -> Self {
        Self {
            names,
            reach,
            verdicts: Arc::default(),
        }
    }

    /// The valid verdict on the URL's host; `None` if there is none. An IP address is checked elsewhere and passes.
    pub(crate) fn verdict(&self, url: &Url) -> Option<Result<(), NotApproved>> {
        if literal(url).is_some() {
            return Some(Ok(()));
        }
        let verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        let verdict = verdicts.get(url.host_str()?)?;
        (verdict.made.elapsed() < VALID_FOR).then(|| verdict.outcome.clone())
    }

    /// The verdict on the URL's host. Resolves the name unless a valid verdict is stored.
    pub(crate) async fn judge(&self, url: &Url) -> Result<(), NotApproved> {
        if let Some(verdict) = self.verdict(url) {
            return verdict;
        }
        let host = url.host_str().unwrap_or_default();
        let outcome = self.resolve(host).await;
        let verdict = Verdict {
            made: Instant::now(),
            outcome: outcome.clone(),
        };
        let mut verdicts = self.verdicts.lock().unwrap_or_else(PoisonError::into_inner);
        if verdicts.len() >= MAX_VERDICTS {
            verdicts.clear();
        }
        verdicts.insert(host.to_owned(), verdict);
        outcome
    }

    /// The proxy may connect to any of the name's addresses, so all of them must be permitted.
    async fn resolve(&self, host: &str) -> Result<(), NotApproved> {
        let addresses = self.names.look_up(host).await.unwrap_or_default();
        if addresses.is_empty() {
            let host = host.to_owned();
            return Err(NotApproved::Unresolved { host });
        }
        for address in addresses {
            permitted(host, vec![address], &self.reach)?;
        }
        Ok(())
    }
}
