//! Ownership of a native trigger: adopting it for this program and returning it to Octopus. This is the only
//! change to existing Octopus resources.
//!
//! A trigger that this program runs is disabled in Octopus and has [`MARK`] in its description. Both are set,
//! or removed, in one `PUT` of the resource as Octopus returned it, so all other properties are kept. A
//! trigger that already has the requested owner is not changed.
//!
//! A trigger that is disabled without the mark was disabled by a user. It is adopted only on explicit request
//! and never enabled by a return.

use domain::ids::{SpaceId, TriggerId};
use domain::trigger::{MARK, with_mark};
use engine::ports::{OctopusError, OctopusErrorKind, TriggerOwnership};
use serde_json::Value;

use crate::call::Call;
use crate::client::OctopusClient;
use crate::error::{error, of_write};
use crate::http::Answer;
use crate::keys::ApiKeys;
use crate::refusal::{detail_suffix, refusal};
use crate::tolerant::filled;
use crate::triggers::creates_releases_from_feeds;

/// Remedy when no answer arrived.
const REPEAT: &str = "it may have been changed; repeating the request is safe";

/// How an adoption treats a trigger that a user disabled.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum DisabledTrigger {
    /// The adoption is refused.
    #[default]
    Refuse,
    /// The trigger is adopted, and therefore runs again.
    Adopt,
}

/// Result of an adoption or a return.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnershipChange {
    /// The trigger's name.
    pub name: String,
    /// The trigger was disabled (adoption) or enabled (return) in Octopus.
    pub toggled: bool,
    /// The mark was added (adoption) or removed (return).
    pub marked: bool,
}

impl OwnershipChange {
    /// Whether Octopus was changed. False if the trigger already had the requested owner.
    pub fn is_change(&self) -> bool {
        self.toggled || self.marked
    }
}

impl<K: ApiKeys> TriggerOwnership for OctopusClient<K> {
    async fn adopt(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        includes_disabled: bool,
    ) -> Result<(), OctopusError> {
        let disabled = if includes_disabled {
            DisabledTrigger::Adopt
        } else {
            DisabledTrigger::Refuse
        };
        self.adopt_trigger(space, trigger, disabled).await.map(drop)
    }

    async fn return_to_octopus(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<(), OctopusError> {
        self.return_trigger(space, trigger).await.map(drop)
    }
}

impl<K: ApiKeys> OctopusClient<K> {
    /// Disables a native trigger in Octopus and marks it, so that this program runs it.
    ///
    /// # Errors
    /// [`OctopusErrorKind::NotFound`] if the trigger does not exist; [`OctopusErrorKind::Forbidden`] with the
    /// missing permission; [`OctopusErrorKind::Invalid`] if it is not an external feed trigger, or is disabled
    /// by a user and [`DisabledTrigger::Refuse`] was requested; [`OctopusErrorKind::Unknown`] if the change was
    /// sent without an answer. Repeating the call is safe.
    pub async fn adopt_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        disabled: DisabledTrigger,
    ) -> Result<OwnershipChange, OctopusError> {
        let (resource, before) = self.read_ownership(space, trigger).await?;
        let is_marked = before.description.contains(MARK);
        if before.is_disabled && !is_marked && disabled == DisabledTrigger::Refuse {
            let message = format!(
                "cannot adopt trigger {}: a user disabled it in Octopus; enable it there, or include disabled \
                 triggers",
                before.name
            );
            return Err(error(OctopusErrorKind::Invalid, message));
        }
        let after = Ownership {
            is_disabled: true,
            description: with_mark(&before.description),
            ..before.clone()
        };
        self.change(space, trigger, resource, before, after).await
    }

    /// Removes the mark from a native trigger and enables it, so that Octopus runs it again.
    ///
    /// # Errors
    /// As for [`adopt_trigger`](Self::adopt_trigger); also [`OctopusErrorKind::Invalid`] if the trigger is
    /// disabled without the mark, because then it was never adopted.
    pub async fn return_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<OwnershipChange, OctopusError> {
        let (resource, before) = self.read_ownership(space, trigger).await?;
        if before.is_disabled && !before.description.contains(MARK) {
            let message = format!(
                "cannot return trigger {}: a user disabled it in Octopus and it was never adopted; enable it \
                 there if Octopus should run it",
                before.name
            );
            return Err(error(OctopusErrorKind::Invalid, message));
        }
        let after = Ownership {
            is_disabled: false,
            description: without_mark(&before.description),
            ..before.clone()
        };
        self.change(space, trigger, resource, before, after).await
    }

    /// Removes the mark from a native trigger and disables it, so that neither this program nor Octopus runs it.
    ///
    /// # Errors
    /// As for [`adopt_trigger`](Self::adopt_trigger).
    pub async fn disable_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<OwnershipChange, OctopusError> {
        let (resource, before) = self.read_ownership(space, trigger).await?;
        let after = Ownership {
            is_disabled: true,
            description: without_mark(&before.description),
            ..before.clone()
        };
        self.change(space, trigger, resource, before, after).await
    }

    /// Deletes a native trigger.
    ///
    /// # Errors
    /// As for [`adopt_trigger`](Self::adopt_trigger).
    pub async fn delete_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<(), OctopusError> {
        let (_, ownership) = self.read_ownership(space, trigger).await?;
        let path = trigger_path(space, trigger);
        let call = Call {
            action: format!("delete trigger {}", ownership.name),
            ..self.reading(&path, "", "TriggerDelete")
        };
        let sent = self.delete(&call).await;
        let answer = sent.map_err(|failed| of_write(&self.address, &call, failed, REPEAT))?;
        match answer.status {
            status if status.is_success() => Ok(()),
            status if status.is_server_error() => Err(self.failed(&call, &answer)),
            _ => Err(refusal(&self.address, &call, &answer)),
        }
    }

    async fn read_ownership(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<(Value, Ownership), OctopusError> {
        let path = trigger_path(space, trigger);
        let call = self.reading(&path, format!("trigger {trigger}"), "TriggerView");
        let resource = self.get(&call).await?;
        let ownership = Ownership::of(&resource)?;
        Ok((resource, ownership))
    }

    /// Writes the trigger with its new ownership, unless nothing changes.
    async fn change(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        mut resource: Value,
        before: Ownership,
        after: Ownership,
    ) -> Result<OwnershipChange, OctopusError> {
        let change = OwnershipChange {
            toggled: before.is_disabled != after.is_disabled,
            marked: before.description != after.description,
            name: after.name,
        };
        if !change.is_change() {
            return Ok(change);
        }
        resource["IsDisabled"] = Value::from(after.is_disabled);
        resource["Description"] = Value::from(after.description);
        let path = trigger_path(space, trigger);
        let call = Call {
            action: format!("change trigger {}", change.name),
            ..self.reading(&path, "", "TriggerEdit")
        };
        let sent = self.put(&call, &resource).await;
        let answer = sent.map_err(|failed| of_write(&self.address, &call, failed, REPEAT))?;
        match answer.status {
            status if status.is_success() => Ok(change),
            status if status.is_server_error() => Err(self.failed(&call, &answer)),
            _ => Err(refusal(&self.address, &call, &answer)),
        }
    }

    fn failed(&self, call: &Call, answer: &Answer) -> OctopusError {
        let message = format!(
            "cannot {}: {} answered {}{}; {REPEAT}",
            call.action,
            self.address,
            answer.status,
            detail_suffix(answer)
        );
        error(OctopusErrorKind::Unavailable, message)
    }
}

fn trigger_path<'a>(space: &'a SpaceId, trigger: &'a TriggerId) -> [&'a str; 3] {
    [space.as_str(), "projecttriggers", trigger.as_str()]
}

/// The properties of a trigger that define its owner.
#[derive(Clone)]
struct Ownership {
    name: String,
    is_disabled: bool,
    description: String,
}

impl Ownership {
    fn of(resource: &Value) -> Result<Self, OctopusError> {
        let text = |name: &str| resource.get(name)?.as_str().map(str::to_owned);
        let name = filled(text("Name")).or(text("Id")).unwrap_or_default();
        if !creates_releases_from_feeds(resource).is_ok_and(|is_feed_trigger| is_feed_trigger) {
            let message = format!(
                "cannot change the owner of trigger {name}: it is not an external feed trigger that creates \
                 releases"
            );
            return Err(error(OctopusErrorKind::Invalid, message));
        }
        let is_disabled = resource.get("IsDisabled").and_then(Value::as_bool);
        Ok(Self {
            name,
            is_disabled: is_disabled.unwrap_or(false),
            description: text("Description").unwrap_or_default(),
        })
    }
}

/// The description without marks, each removed with the space that `with_mark` inserted before it.
fn without_mark(description: &str) -> String {
    description
        .replace(&format!(" {MARK}"), "")
        .replace(MARK, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_mark_undoes_with_mark() {
        for text in ["", "New images.", "Ends in space ", "Two\nlines", "a #tag"] {
            assert_eq!(without_mark(&with_mark(text)), text);
        }
        for (text, rest) in [
            ("Now. #feed-triggers More.", "Now. More."),
            ("#feed-triggers, please", ", please"),
            ("#feed-triggers #feed-triggers", ""),
        ] {
            assert_eq!(without_mark(text), rest, "{text}");
        }
    }
}
