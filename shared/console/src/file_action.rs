//! Changes of the applied trigger file: enabling, disabling and removing a trigger, and setting its options.

use domain::definition::{ALL, Definition, NativeOptions, NativeRef, SourceDefinition};
use domain::ids::{SpaceId, TriggerId};
use domain::options::{Options, VersionPolicy};
use domain::process::same_name;
use domain::trigger::{Trigger, TriggerOrigin, WatchList};
use engine::ports::{Clock, SaveError};

use crate::form::Form;
use crate::page::set_options;
use crate::page_error::PageError;
use crate::{ActionFailed, Actions, Console, ConsoleOctopus, ConsoleStore};

impl<S: ConsoleStore, O: ConsoleOctopus, C: Clock, H: Actions> Console<S, O, C, H> {
    pub(crate) async fn set_enabled(
        &self,
        id: &TriggerId,
        is_enabled: bool,
    ) -> Result<&'static str, PageError> {
        self.change_definition(id, |definition| {
            definition.is_disabled = !is_enabled;
            Ok(())
        })
        .await?;
        Ok(if is_enabled { "Enabled" } else { "Disabled" })
    }

    pub(crate) async fn remove(&self, id: &TriggerId) -> Result<&'static str, PageError> {
        let file = self.store.trigger_file().await?;
        let mut file = file.ok_or(PageError::NoSuchTrigger)?;
        let before = file.definitions.triggers.len();
        file.definitions.triggers.retain(|one| one.id() != *id);
        if file.definitions.triggers.len() == before {
            return Err(PageError::NoSuchTrigger);
        }
        let applied = self
            .store
            .apply_trigger_file(&file.definitions, Some(file.revision));
        applied.await.map_err(save_error)?;
        Ok("Removed")
    }

    /// Sets the options of the form. The options that the form lacks are unchanged.
    pub(crate) async fn set_options(
        &self,
        space: &SpaceId,
        id: &TriggerId,
        form: &Form,
    ) -> Result<&'static str, PageError> {
        let (watched, list) = self.watched_in_list(space, id).await?;
        if watched.origin == TriggerOrigin::Octopus {
            return self.set_native_options(watched, &list, form).await;
        }
        self.change_definition(id, |definition| {
            let mut trigger = watched;
            trigger.options = definition.options.clone();
            let change = set_options(&mut trigger, &list, form)
                .map_err(|problems| ActionFailed(problems.join("; ")))?;
            definition.options = trigger.options.clone();
            let mut policy = VersionPolicy::default();
            change.apply(&mut policy);
            if definition.sources.is_empty() && policy != VersionPolicy::default() {
                return Err(ActionFailed(
                    "cannot set options of sources: the trigger file lists no sources for this trigger; add them \
                     with `feedctl apply`"
                        .to_owned(),
                ));
            }
            for source in &mut definition.sources {
                change.apply(&mut source.policy);
            }
            Ok(())
        })
        .await?;
        Ok("Saved")
    }

    /// Sets the options of a trigger of Octopus: the trigger file gets an entry for it, and a file if there is none.
    async fn set_native_options(
        &self,
        mut trigger: Trigger,
        list: &WatchList,
        form: &Form,
    ) -> Result<&'static str, PageError> {
        let file = self.store.trigger_file().await?;
        let revision = file.as_ref().map(|file| file.revision);
        let mut definitions = file.map(|file| file.definitions).unwrap_or_default();
        let change = set_options(&mut trigger, list, form)
            .map_err(|problems| ActionFailed(problems.join("; ")))?;
        let is_own = |one: &NativeOptions| names(&one.trigger, &trigger);
        if !definitions.native.iter().any(is_own) {
            definitions.native.push(NativeOptions {
                trigger: NativeRef::Id(trigger.id.clone()),
                options: Options::default(),
                sources: Vec::new(),
            });
        }
        let mut entries = definitions.native.iter_mut();
        let entry = entries.find(|one| is_own(one));
        let entry = entry.ok_or(PageError::NoSuchTrigger)?;
        entry.options = trigger.options.clone();
        let mut policy = VersionPolicy::default();
        change.apply(&mut policy);
        if entry.sources.is_empty() && policy != VersionPolicy::default() {
            entry.sources.push(SourceDefinition {
                action: ALL.to_owned(),
                package_reference: ALL.to_owned(),
                policy: VersionPolicy::default(),
            });
        }
        for source in &mut entry.sources {
            change.apply(&mut source.policy);
        }
        let applied = self.store.apply_trigger_file(&definitions, revision);
        applied.await.map_err(save_error)?;
        Ok("Saved")
    }

    /// Changes a trigger of the file, unless the file was changed at the same time.
    async fn change_definition(
        &self,
        id: &TriggerId,
        change: impl FnOnce(&mut Definition) -> Result<(), ActionFailed>,
    ) -> Result<(), PageError> {
        let file = self.store.trigger_file().await?;
        let mut file = file.ok_or(PageError::NoSuchTrigger)?;
        let mut definitions = file.definitions.triggers.iter_mut();
        let definition = definitions.find(|one| one.id() == *id);
        change(definition.ok_or(PageError::NoSuchTrigger)?)?;
        let applied = self
            .store
            .apply_trigger_file(&file.definitions, Some(file.revision));
        applied.await.map_err(save_error)
    }
}

/// Whether the entry of a file is for this trigger.
fn names(entry: &NativeRef, trigger: &Trigger) -> bool {
    match entry {
        NativeRef::Id(id) => *id == trigger.id,
        NativeRef::Named { project, name, .. } => {
            let projects = [trigger.project.as_str(), &trigger.project_name];
            same_name(name, &trigger.name) && projects.iter().any(|own| same_name(own, project))
        }
    }
}

fn save_error(error: SaveError) -> PageError {
    match error {
        SaveError::Conflict(_) => PageError::Conflict,
        SaveError::Store(error) => PageError::Store(error),
    }
}
