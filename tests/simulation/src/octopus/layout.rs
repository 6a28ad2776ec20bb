//! How Octopus is laid out at first: drawn, or small.

use std::cell::RefCell;

use domain::ids::{ChannelId, ProjectId, TriggerId};
use domain::time::Timestamp;
use domain::trigger::MARK;

use super::{ActionState, ChannelState, Octopus, ProjectState, TriggerState, add_release};
use crate::chance::Chance;
use crate::registry::Permits;

impl Octopus {
    pub(crate) fn new(chance: &Chance, packages: usize, now: Timestamp) -> Self {
        let count = usize::try_from(chance.between(1, 3)).unwrap_or(1);
        let projects: Vec<_> = (0..count)
            .map(|index| project(chance, index, packages, now))
            .collect();
        let mut triggers = Vec::new();
        for (index, project) in projects.iter().enumerate() {
            for channel in 0..project.channels.len() {
                for _ in 0..chance.between(1, 2) {
                    let mut sources: Vec<_> = (0..project.actions.len())
                        .filter(|_| chance.per_mille(700))
                        .collect();
                    if sources.is_empty() {
                        sources.push(0);
                    }
                    let is_ours = triggers.is_empty() || chance.per_mille(850);
                    let number = triggers.len() + 1;
                    triggers.push(TriggerState {
                        id: TriggerId::new(format!("ProjectTriggers-{number}")),
                        name: format!("Trigger {number}"),
                        project: index,
                        channel,
                        sources,
                        is_disabled: is_ours,
                        description: if is_ours { MARK } else { "" }.to_owned(),
                        since: now,
                    });
                }
            }
        }
        Self {
            projects: RefCell::new(projects),
            triggers: RefCell::new(triggers),
        }
    }

    /// One project with two packages, one channel and one trigger.
    pub(crate) fn small(now: Timestamp) -> Self {
        let mut project = ProjectState {
            id: ProjectId::new("Projects-1"),
            name: "Project 1".to_owned(),
            actions: vec![ActionState::new(0, 0), ActionState::new(1, 1)],
            channels: vec![ChannelState {
                id: ChannelId::new("Channels-1"),
                permits: Permits::BelowTwo,
                permitted: Vec::new(),
                releases: Vec::new(),
            }],
            has_next_number: false,
            made: 0,
        };
        add_first_release(&mut project, 0, now);
        let trigger = TriggerState {
            id: TriggerId::new("ProjectTriggers-1"),
            name: "Trigger 1".to_owned(),
            project: 0,
            channel: 0,
            sources: vec![0, 1],
            is_disabled: true,
            description: MARK.to_owned(),
            since: now,
        };
        Self {
            projects: RefCell::new(vec![project]),
            triggers: RefCell::new(vec![trigger]),
        }
    }
}

fn project(chance: &Chance, index: usize, packages: usize, now: Timestamp) -> ProjectState {
    let actions = usize::try_from(chance.between(1, 3)).unwrap_or(1);
    let first = usize::try_from(chance.below(packages as u64)).unwrap_or_default();
    let actions = (0..actions.min(packages))
        .map(|action| ActionState::new(action, (first + action) % packages))
        .collect();
    let channels = usize::try_from(chance.between(1, 2)).unwrap_or(1);
    let mut project = ProjectState {
        id: ProjectId::new(format!("Projects-{}", index + 1)),
        name: format!("Project {}", index + 1),
        actions,
        channels: (0..channels).map(|at| channel(chance, index, at)).collect(),
        has_next_number: chance.per_mille(500),
        made: 0,
    };
    for channel in 0..channels {
        if chance.per_mille(800) {
            add_first_release(&mut project, channel, now);
        }
    }
    project
}

/// A user's release of the first version of every package.
fn add_first_release(project: &mut ProjectState, channel: usize, now: Timestamp) {
    let first = |one: &ActionState| (one.name.clone(), String::new(), "1.0.0".to_owned());
    let selected = project.actions.iter().map(first).collect();
    add_release(project, channel, selected, None, String::new(), None, now);
}

fn channel(chance: &Chance, project: usize, index: usize) -> ChannelState {
    ChannelState {
        id: ChannelId::new(format!("Channels-{}{}", project + 1, index + 1)),
        permits: *chance.pick(&[Permits::Everything, Permits::BelowTwo]),
        permitted: Vec::new(),
        releases: Vec::new(),
    }
}
