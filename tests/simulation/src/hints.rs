//! Hints of pushes, as senders of webhooks announce them: each may be lost, doubled, late, in another order, before its
//! tag is listed, or about a tag that is never pushed.

use std::rc::Rc;

use domain::time::Span;
use serde_json::json;

use crate::fault_injection::{Disturbance, millis};
use crate::function::Function;
use crate::registry::{ACCOUNT, Permits, REGION, SPACE, text};
use crate::time::START;
use crate::world::World;

/// Hints before their tag in one history, at most.
const EARLY: u64 = 3;

/// A hint is at most so much earlier than its tag, in milliseconds: beyond the last further check.
const EARLIEST: u64 = 150_000;

impl World {
    /// Announces a pushed tag. Half of the hints are lost, and some are doubled.
    pub(crate) fn hint_of_push(self: &Rc<Self>, package: usize, tag: &str) {
        let is_lost = self
            .fault_injection
            .occurs(Disturbance::PushLost, self.time.now());
        if is_lost || self.loses_pushes.get() {
            return;
        }
        for _ in 0..*self.chance.pick(&[0, 0, 1, 2]) {
            self.hint(package, tag);
        }
    }

    /// Announces a tag, whether or not the feed lists it.
    pub(crate) fn hint(self: &Rc<Self>, package: usize, tag: &str) {
        let key = self.registry.key(package);
        self.log(|| format!("a hint announces {} {tag}", key.package));
        self.hinted.borrow_mut().push((package, tag.to_owned()));
        let event = json!({
            "version": "0",
            "id": format!("hint-{}-{tag}", key.package),
            "detail-type": "PackagePushed",
            "source": "octopus.feed-triggers",
            "account": ACCOUNT,
            "region": REGION,
            "detail": { "data": {
                "receiver": "registry",
                "delivery": format!("{}-{tag}", key.package),
                "feeds": [format!("{SPACE}/{}", key.feed)],
                "repository": key.package.as_str(),
                "match": "package",
                "tag": tag,
            } },
        });
        self.deliver(Function::Receiver, &event.to_string());
    }

    /// Announces some tags before they are pushed, until faults end. One in four is never pushed.
    pub(crate) fn early_hints(self: &Rc<Self>) {
        let span = self.fault_injection.calm().since(START);
        for _ in 0..self.chance.below(EARLY + 1) {
            let at = millis(self.chance.below(span.as_millis().unsigned_abs()));
            let world = Rc::clone(self);
            self.time.spawn(async move {
                world.time.sleep(at).await;
                let packages = world.registry.packages.borrow().len() as u64;
                let package = usize::try_from(world.chance.below(packages)).unwrap_or_default();
                let tag = world.next_tag(package);
                world.hint(package, &tag);
                if world.chance.per_mille(750) {
                    let ahead = world.chance.below(EARLIEST);
                    world.time.sleep(millis(ahead)).await;
                    world.push_tag(package, &tag);
                }
            });
        }
    }

    /// The tag that follows the latest one.
    pub(crate) fn next_tag(&self, package: usize) -> String {
        let latest = self.registry.packages.borrow()[package].latest(Permits::BelowTwo);
        let (major, minor, _) = latest.unwrap_or((1, 0, 0));
        text((major, minor + 1, 0))
    }

    /// Returns a push to its queue, which delivers it after `delay`.
    pub(crate) fn check_again(self: &Rc<Self>, body: String, delay: Span) {
        let now = self.time.now();
        self.queue(Function::Receiver).push_late(body, now + delay);
        let world = Rc::clone(self);
        self.time.spawn(async move {
            world.time.sleep(delay).await;
            world.dispatch(Function::Receiver);
        });
    }
}
