//! The users of a history: they push, retag and withdraw, edit rules and triggers, and make and delete releases.

use std::rc::Rc;

use domain::ledger::Entry;
use domain::time::Span;
use domain::trigger::MARK;

use crate::fault_injection::millis;
use crate::octopus::ReleaseState;
use crate::registry::{Number, Permits, text};
use crate::time::START;
use crate::world::World;

/// An action of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UserAction {
    /// Some versions at once, each later than all before.
    Push,
    /// A version that some channels do not permit.
    PushMajor,
    /// Many versions at once.
    PushMany,
    /// A tag that is no version.
    PushNoise,
    /// A version's content is replaced.
    Retag,
    /// The latest version is deleted.
    Withdraw,
    /// A trigger is returned to Octopus.
    Return,
    /// A trigger is adopted.
    Adopt,
    /// A channel's rule changes.
    EditRule,
    /// A trigger watches another set of packages.
    EditSources,
    /// A release by hand.
    Release,
    /// The newest release, made by this program, is deleted.
    DeleteRelease,
    /// The dead-letter queues are redriven.
    Redrive,
}

const USUAL: [UserAction; 16] = [
    UserAction::Push,
    UserAction::Push,
    UserAction::Push,
    UserAction::Push,
    UserAction::PushMajor,
    UserAction::PushMany,
    UserAction::PushNoise,
    UserAction::Retag,
    UserAction::Withdraw,
    UserAction::Return,
    UserAction::Adopt,
    UserAction::EditRule,
    UserAction::EditSources,
    UserAction::Release,
    UserAction::DeleteRelease,
    UserAction::Redrive,
];

impl World {
    /// Users act until faults end.
    pub(crate) fn users(self: &Rc<Self>) {
        let span = self
            .fault_injection
            .calm()
            .since(START)
            .as_millis()
            .unsigned_abs();
        let count = self.chance.between(2, 10);
        let mut actions: Vec<_> = (0..count)
            .map(|_| (self.chance.below(span), *self.chance.pick(&USUAL)))
            .collect();
        actions.sort_by_key(|(at, _)| *at);
        self.early_hints();
        let world = Rc::clone(self);
        self.time.spawn(async move {
            for (at, action) in actions {
                let wait = (START + millis(at)).since(world.time.now());
                world.time.sleep(wait).await;
                world.carry_out(action);
            }
        });
    }

    fn index(&self, count: usize) -> usize {
        usize::try_from(self.chance.below(count as u64)).unwrap_or_default()
    }

    fn carry_out(self: &Rc<Self>, action: UserAction) {
        let package = self.index(self.registry.packages.borrow().len());
        match action {
            UserAction::Push => {
                let count = self.chance.between(1, 3);
                self.push_next(package, count, Permits::BelowTwo);
                if self.chance.per_mille(500) {
                    self.push_next(package, 1, Permits::Everything);
                }
            }
            UserAction::PushMajor => self.push(package, &[(2, 0, 0), (2, 1, 0)]),
            UserAction::PushMany => self.push_next(package, 12, Permits::Everything),
            UserAction::PushNoise => {
                self.push_texts(package, &["latest".to_owned(), "main-4f2a".to_owned()]);
            }
            UserAction::Retag => self.retag(package),
            UserAction::Withdraw => self.withdraw(package),
            UserAction::Return => self.switch(false),
            UserAction::Adopt => self.switch(true),
            UserAction::EditRule => self.edit_rule(),
            UserAction::EditSources => self.edit_sources(),
            UserAction::Release => {
                let (project, channel) = self.some_channel();
                self.release_by_user(project, channel);
            }
            UserAction::DeleteRelease => self.delete_release(),
            UserAction::Redrive => {
                for (function, queue) in self.queues() {
                    let count = queue.redrive(self.time.now());
                    if count > 0 {
                        self.log(|| format!("{count} messages are redriven to the {function:?}"));
                        self.dispatch(function);
                    }
                }
            }
        }
    }

    /// Pushes so many versions that follow the latest of those.
    pub(crate) fn push_next(self: &Rc<Self>, package: usize, count: u64, of: Permits) {
        let latest = self.registry.packages.borrow()[package].latest(of);
        let (major, minor, _) = latest.unwrap_or((1, 0, 0));
        let next = |more| (major, minor + u32::try_from(more).unwrap_or(1), 0);
        let versions: Vec<Number> = (1..=count).map(next).collect();
        self.push(package, &versions);
    }

    pub(crate) fn push(self: &Rc<Self>, package: usize, versions: &[Number]) {
        let texts: Vec<_> = versions.iter().map(|version| text(*version)).collect();
        self.push_texts(package, &texts);
    }

    /// Pushes a tag that was announced.
    pub(crate) fn push_tag(self: &Rc<Self>, package: usize, tag: &str) {
        self.push_texts(package, &[tag.to_owned()]);
    }

    fn push_texts(self: &Rc<Self>, package: usize, versions: &[String]) {
        let now = self.time.now();
        let name = {
            let mut packages = self.registry.packages.borrow_mut();
            packages[package].push(versions, now);
            packages[package].name.clone()
        };
        self.log(|| format!("a user pushes {name} {}", versions.join(", ")));
        for version in versions.iter().take(3) {
            if self.registry.is_ecr(package) {
                self.announce_push(&name, version);
            } else {
                self.hint_of_push(package, version);
            }
        }
    }

    /// Points a tag of the package to an image.
    pub(crate) fn move_tag(&self, package: usize, tag: &str, digest: &str) {
        let now = self.time.now();
        self.registry.packages.borrow_mut()[package].move_tag(tag, digest, now);
        self.log(|| format!("a user moves {tag} to {digest}"));
    }

    fn retag(self: &Rc<Self>, package: usize) {
        let some = self.registry.packages.borrow()[package]
            .versions()
            .keys()
            .next()
            .cloned();
        if let Some(version) = some {
            self.push_texts(package, &[version]);
        }
    }

    pub(crate) fn withdraw(&self, package: usize) {
        let now = self.time.now();
        let mut packages = self.registry.packages.borrow_mut();
        let package = &mut packages[package];
        if let Some(latest) = package.latest(Permits::Everything).map(text) {
            package.withdraw(&latest, now);
            self.log(|| format!("a user withdraws {} {latest}", package.name));
        }
    }

    fn switch(&self, is_on: bool) {
        let mut triggers = self.octopus.triggers.borrow_mut();
        let index = self.index(triggers.len());
        let trigger = &mut triggers[index];
        if trigger.is_ours() == is_on || !trigger.is_disabled {
            return;
        }
        trigger.description = if is_on { MARK } else { "Not now." }.to_owned();
        trigger.since = self.time.now();
        self.log(|| format!("a user sets adoption of {} to {is_on}", trigger.name));
    }

    fn some_channel(&self) -> (usize, usize) {
        let projects = self.octopus.projects.borrow();
        let project = self.index(projects.len());
        (project, self.index(projects[project].channels.len()))
    }

    fn edit_rule(&self) {
        let (project, channel) = self.some_channel();
        let mut projects = self.octopus.projects.borrow_mut();
        let channel = &mut projects[project].channels[channel];
        channel.permitted.push(channel.permits);
        channel.permits = match channel.permits {
            Permits::Everything => Permits::BelowTwo,
            Permits::BelowTwo => Permits::Everything,
        };
        self.log(|| format!("a user permits {} {:?}", channel.id, channel.permits));
    }

    fn edit_sources(&self) {
        let mut triggers = self.octopus.triggers.borrow_mut();
        let index = self.index(triggers.len());
        let trigger = &mut triggers[index];
        let actions = self.octopus.projects.borrow()[trigger.project]
            .actions
            .len();
        trigger.sources = (0..actions).collect();
        self.log(|| format!("a user lets {} watch all packages", trigger.name));
    }

    /// Deletes the newest release of a channel, if this program made it and has finished with it.
    fn delete_release(&self) {
        let (project, channel) = self.some_channel();
        let mut projects = self.octopus.projects.borrow_mut();
        let releases = &mut projects[project].channels[channel].releases;
        if releases
            .last()
            .is_some_and(|newest| self.is_finished(newest))
            && let Some(deleted) = releases.pop()
        {
            self.log(|| format!("a user deletes release {}", deleted.release.version));
        }
    }

    fn is_finished(&self, release: &ReleaseState) -> bool {
        let Some(key) = &release.key else {
            return false;
        };
        let key = store::Key {
            partition: format!("plan#{key}"),
            sort: "entry".to_owned(),
        };
        let entry = self
            .rows
            .get(&key)
            .map(|row| wire::rows::ledger::decode(&row.body));
        let is_old = self.time.now().since(release.made_at) > Span::from_minutes(1);
        is_old && matches!(entry, Some(Ok(Some(Entry::Done { .. }))))
    }
}
