//! The people of a history: who push, retag and withdraw, edit rules and triggers, and make and delete
//! releases by hand.

use std::rc::Rc;

use domain::ledger::Entry;
use domain::time::Span;
use domain::trigger::MARK;

use crate::octopus::ReleaseState;
use crate::registry::{Number, Permits, text};
use crate::time::START;
use crate::weather::millis;
use crate::world::World;

/// What somebody does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
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
    /// The latest version is taken away.
    Withdraw,
    /// A trigger is taken back.
    SwitchOff,
    /// A trigger is handed over.
    SwitchOn,
    /// A channel's rule changes.
    EditRule,
    /// A trigger watches another set of packages.
    EditSources,
    /// A release by hand.
    Release,
    /// The newest release, made by this program, is deleted.
    DeleteRelease,
    /// What was put aside is sent back.
    Redrive,
}

const USUAL: [Deed; 16] = [
    Deed::Push,
    Deed::Push,
    Deed::Push,
    Deed::Push,
    Deed::PushMajor,
    Deed::PushMany,
    Deed::PushNoise,
    Deed::Retag,
    Deed::Withdraw,
    Deed::SwitchOff,
    Deed::SwitchOn,
    Deed::EditRule,
    Deed::EditSources,
    Deed::Release,
    Deed::DeleteRelease,
    Deed::Redrive,
];

impl World {
    /// People are at work until calm comes.
    pub(crate) fn people(self: &Rc<Self>) {
        let span = self.weather.calm().since(START).as_millis().unsigned_abs();
        let count = self.chance.between(2, 10);
        let mut deeds: Vec<_> = (0..count)
            .map(|_| (self.chance.below(span), *self.chance.pick(&USUAL)))
            .collect();
        deeds.sort_by_key(|(at, _)| *at);
        let world = Rc::clone(self);
        self.time.spawn(async move {
            for (at, deed) in deeds {
                let wait = (START + millis(at)).since(world.time.now());
                world.time.sleep(wait).await;
                world.carry_out(deed);
            }
        });
    }

    fn index(&self, count: usize) -> usize {
        usize::try_from(self.chance.below(count as u64)).unwrap_or_default()
    }

    fn carry_out(self: &Rc<Self>, deed: Deed) {
        let package = self.index(self.registry.packages.borrow().len());
        match deed {
            Deed::Push => {
                let count = self.chance.between(1, 3);
                self.push_next(package, count, Permits::BelowTwo);
                if self.chance.per_mille(500) {
                    self.push_next(package, 1, Permits::Everything);
                }
            }
            Deed::PushMajor => self.push(package, &[(2, 0, 0), (2, 1, 0)]),
            Deed::PushMany => self.push_next(package, 12, Permits::Everything),
            Deed::PushNoise => {
                self.push_texts(package, &["latest".to_owned(), "main-4f2a".to_owned()]);
            }
            Deed::Retag => self.retag(package),
            Deed::Withdraw => self.withdraw(package),
            Deed::SwitchOff => self.switch(false),
            Deed::SwitchOn => self.switch(true),
            Deed::EditRule => self.edit_rule(),
            Deed::EditSources => self.edit_sources(),
            Deed::Release => {
                let (project, channel) = self.some_channel();
                self.release_by_somebody(project, channel);
            }
            Deed::DeleteRelease => self.delete_release(),
            Deed::Redrive => {
                for (function, queue) in self.queues() {
                    let count = queue.redrive(self.time.now());
                    if count > 0 {
                        self.tell(|| format!("{count} messages go back to the {function:?}"));
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

    fn push_texts(self: &Rc<Self>, package: usize, versions: &[String]) {
        let now = self.time.now();
        let name = {
            let mut packages = self.registry.packages.borrow_mut();
            packages[package].push(versions, now);
            packages[package].name.clone()
        };
        self.tell(|| format!("somebody pushes {name} {}", versions.join(", ")));
        if self.registry.is_ecr(package) {
            for version in versions.iter().take(3) {
                self.tell_of_push(&name, version);
            }
        }
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

    fn withdraw(&self, package: usize) {
        let now = self.time.now();
        let mut packages = self.registry.packages.borrow_mut();
        let package = &mut packages[package];
        if let Some(latest) = package.latest(Permits::Everything).map(text) {
            package.withdraw(&latest, now);
            self.tell(|| format!("somebody withdraws {} {latest}", package.name));
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
        self.tell(|| format!("somebody switches {} to {is_on}", trigger.name));
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
        self.tell(|| format!("somebody lets {} have {:?}", channel.id, channel.permits));
    }

    fn edit_sources(&self) {
        let mut triggers = self.octopus.triggers.borrow_mut();
        let index = self.index(triggers.len());
        let trigger = &mut triggers[index];
        let actions = self.octopus.projects.borrow()[trigger.project]
            .actions
            .len();
        trigger.sources = (0..actions).collect();
        self.tell(|| format!("somebody lets {} watch everything", trigger.name));
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
            self.tell(|| format!("somebody deletes release {}", deleted.release.version));
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
