//! Handing a native trigger over to this program, and back: the one change that is ever made in Octopus
//! to something that was there before.
//!
//! A trigger that this program runs is switched off in Octopus and carries [`MARK`] in its description.
//! Both are set, or taken back, in one `PUT` of the trigger as Octopus gave it: whatever else it holds,
//! known here or not, goes back as it came. A trigger that is handed over already is left alone.
//!
//! A trigger that is switched off without the mark was switched off by somebody, who must not be
//! overruled unasked: it is adopted only on an explicit word, and never switched on by a return.

use domain::ids::{SpaceId, TriggerId};
use domain::trigger::{MARK, with_mark};
use engine::ports::{OctopusError, OctopusErrorKind};
use serde_json::Value;

use crate::client::{Call, OctopusClient};
use crate::error::{error, of_write};
use crate::http::Answer;
use crate::keys::ApiKeys;
use crate::refusal::{refusal, said};
use crate::tolerant::filled;
use crate::triggers::creates_releases_from_feeds;

/// What it means that no answer came.
const IN_DOUBT: &str = "it may have been changed; the same again does no harm";

/// What is to become of a trigger that somebody switched off, when it is adopted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SwitchedOff {
    /// It stays as it is, and the adoption is refused.
    #[default]
    Refused,
    /// It is adopted, and so runs again.
    Adopted,
}

/// What handing a trigger over changed in Octopus. Nothing, if it was handed over already.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// The trigger's name.
    pub name: String,
    /// It was switched off (by an adoption) or on (by a return).
    pub switched: bool,
    /// The mark was set (by an adoption) or taken away (by a return).
    pub marked: bool,
}

impl HandOver {
    /// Whether anything was changed.
    pub fn is_change(&self) -> bool {
        self.switched || self.marked
    }
}

impl<K: ApiKeys> OctopusClient<K> {
    /// Switches a native trigger off in Octopus and marks it, so that this program runs it.
    ///
    /// # Errors
    /// [`OctopusErrorKind::NotFound`] if there is no such trigger; [`OctopusErrorKind::Forbidden`] naming
    /// the permission that is missing; [`OctopusErrorKind::Invalid`] if it is no external feed trigger, or
    /// somebody switched it off and such are refused; [`OctopusErrorKind::Unknown`] if the change was
    /// sent and no answer came: the same call again does no harm.
    pub async fn adopt_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        switched_off: SwitchedOff,
    ) -> Result<HandOver, OctopusError> {
        let (resource, before) = self.read_trigger(space, trigger).await?;
        let text = &before.text;
        let is_marked = text.contains(MARK);
        if before.is_off && !is_marked && switched_off == SwitchedOff::Refused {
            let message = format!(
                "trigger {} was switched off by somebody, so it is not adopted; switch it on in Octopus, or \
                 say that it is to be adopted although it is off",
                before.name
            );
            return Err(error(OctopusErrorKind::Invalid, message));
        }
        let after = State {
            is_off: true,
            text: with_mark(text),
            ..before.clone()
        };
        self.change(space, trigger, resource, before, after).await
    }

    /// Takes the mark away and switches a native trigger on, so that Octopus runs it again.
    ///
    /// # Errors
    /// As [`adopt_trigger`](Self::adopt_trigger); [`OctopusErrorKind::Invalid`] also if it is switched off
    /// without the mark, for then it was never handed over.
    pub async fn return_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<HandOver, OctopusError> {
        let (resource, before) = self.read_trigger(space, trigger).await?;
        if before.is_off && !before.text.contains(MARK) {
            let message = format!(
                "trigger {} was switched off by somebody and never adopted, so there is nothing to return; \
                 switch it on in Octopus if it is to run there",
                before.name
            );
            return Err(error(OctopusErrorKind::Invalid, message));
        }
        let after = State {
            is_off: false,
            text: without_mark(&before.text),
            ..before.clone()
        };
        self.change(space, trigger, resource, before, after).await
    }

    async fn read_trigger(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
    ) -> Result<(Value, State), OctopusError> {
        let path = trigger_path(space, trigger);
        let call = self.reading(&path, format!("trigger {trigger}"), "TriggerView");
        let resource = self.get(&call).await?;
        let state = State::of(&resource)?;
        Ok((resource, state))
    }

    /// Writes the trigger in its new state, unless that is its old one.
    async fn change(
        &self,
        space: &SpaceId,
        trigger: &TriggerId,
        mut resource: Value,
        before: State,
        after: State,
    ) -> Result<HandOver, OctopusError> {
        let hand_over = HandOver {
            switched: before.is_off != after.is_off,
            marked: before.text != after.text,
            name: after.name,
        };
        if !hand_over.is_change() {
            return Ok(hand_over);
        }
        resource["IsDisabled"] = Value::from(after.is_off);
        resource["Description"] = Value::from(after.text);
        let path = trigger_path(space, trigger);
        let call = Call {
            doing: format!("changing trigger {}", hand_over.name),
            ..self.reading(&path, "", "TriggerEdit")
        };
        let sent = self.put(&call, &resource).await;
        let answer = sent.map_err(|lost| of_write(&self.address, &call, lost, IN_DOUBT))?;
        match answer.status {
            status if status.is_success() => Ok(hand_over),
            status if status.is_server_error() => Err(self.failed(&call, &answer)),
            _ => Err(refusal(&self.address, &call, &answer)),
        }
    }

    fn failed(&self, call: &Call, answer: &Answer) -> OctopusError {
        let message = format!(
            "{} failed with {} when {}{}; {IN_DOUBT}",
            self.address,
            answer.status,
            call.doing,
            said(answer)
        );
        error(OctopusErrorKind::Unavailable, message)
    }
}

fn trigger_path<'a>(space: &'a SpaceId, trigger: &'a TriggerId) -> [&'a str; 3] {
    [space.as_str(), "projecttriggers", trigger.as_str()]
}

/// What of a trigger says who runs it.
#[derive(Clone)]
struct State {
    name: String,
    is_off: bool,
    text: String,
}

impl State {
    fn of(resource: &Value) -> Result<Self, OctopusError> {
        let text = |name: &str| resource.get(name)?.as_str().map(str::to_owned);
        let name = filled(text("Name")).or(text("Id")).unwrap_or_default();
        if !creates_releases_from_feeds(resource).is_ok_and(|is_ours| is_ours) {
            let message = format!(
                "trigger {name} is no external feed trigger that creates releases, and no other kind can be \
                 handed over"
            );
            return Err(error(OctopusErrorKind::Invalid, message));
        }
        let is_off = resource.get("IsDisabled").and_then(Value::as_bool);
        Ok(Self {
            name,
            is_off: is_off.unwrap_or(false),
            text: text("Description").unwrap_or_default(),
        })
    }
}

/// The description without any mark, each with the space that was put before it.
fn without_mark(text: &str) -> String {
    text.replace(&format!(" {MARK}"), "").replace(MARK, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_return_leaves_the_description_as_the_adoption_found_it() {
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
