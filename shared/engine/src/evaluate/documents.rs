//! The documents of a decision: the project, its channel and its process.
//!
//! The first look of an evaluation only finds out whether a release may be due. It uses the stored copy of the documents, if
//! that has the fingerprint that the last refresh of the watch list found. A later change of the documents changes the
//! trigger in the next refresh, which causes another evaluation.
//!
//! Under the channel lock, the channel with its rules is read again, and the release template shows whether the copy still
//! has the packages of a release. If not, everything is read again.

use domain::cause::EvaluationCause;
use domain::trigger::{Trigger, WatchList};

use super::Evaluate;
use super::released::Depth;
use super::situation::{GatherError, Gathered, Packages};
use crate::documents::fingerprint;
use crate::ports::{
    Clock, DocumentCache, Documents, OctopusError, OctopusReader, Pauses, Release, SnapshotReader,
    WatchLists,
};
use crate::{StepError, with_causes};

impl<S, O, B, C> Evaluate<'_, S, O, B, C>
where
    S: SnapshotReader + WatchLists + Pauses + DocumentCache,
    O: OctopusReader,
    C: Clock,
{
    pub(super) async fn first_look(
        &self,
        trigger: &Trigger,
        list: &WatchList,
        packages: Packages,
        cause: &EvaluationCause,
        creates_nothing: bool,
    ) -> Result<Gathered, GatherError> {
        let (documents, depth) = match creates_nothing {
            // No other decision follows.
            true => (self.read_documents(trigger).await?, Depth::All),
            false => (self.documents(trigger, cause).await?, Depth::Newest),
        };
        self.with_releases(trigger, list, packages, documents, None, depth)
            .await
    }

    /// Gathers the input of a decision under the channel lock. `releases`: those of the channel, if they are known.
    pub(super) async fn gather_locked(
        &self,
        trigger: &Trigger,
        cause: &EvaluationCause,
        releases: Option<Vec<Release>>,
    ) -> Result<Gathered, GatherError> {
        let documents = self.locked_documents(trigger, cause).await?;
        self.gather_with(trigger, documents, releases, Depth::All)
            .await
    }

    async fn locked_documents(
        &self,
        trigger: &Trigger,
        cause: &EvaluationCause,
    ) -> Result<Documents, GatherError> {
        if let Some(copy) = self.copy(trigger, cause).await? {
            let Documents {
                project, channel, ..
            } = &copy;
            let renumbered = self.octopus.renumbered(project, &channel.id, &copy.process);
            if let Some(process) = renumbered.await? {
                let channel = self.octopus.channel(project, Some(&channel.id)).await?;
                return Ok(Documents {
                    channel,
                    process,
                    ..copy
                });
            }
        }
        Ok(self.read_documents(trigger).await?)
    }

    /// The stored copy, or the documents as Octopus has them now.
    async fn documents(
        &self,
        trigger: &Trigger,
        cause: &EvaluationCause,
    ) -> Result<Documents, GatherError> {
        if let Some(copy) = self.copy(trigger, cause).await? {
            return Ok(copy);
        }
        let read = self.read_documents(trigger).await?;
        let Documents {
            project,
            channel,
            process,
        } = &read;
        let current = trigger.documents.as_deref();
        let current = current.filter(|one| *one == fingerprint(project, channel, process));
        if let Some(current) = current {
            let kept = self
                .store
                .keep_documents(&trigger.space, &trigger.id, current, &read)
                .await;
            if let Err(error) = kept {
                let error = with_causes(&error);
                tracing::warn!(error, "the next evaluation reads the project again");
            }
        }
        Ok(read)
    }

    /// The stored copy, if the last refresh found its fingerprint. Other causes than these need the documents as they are
    /// now: a user who asks for an evaluation may just have changed them, and an earlier attempt may have failed because of a
    /// change.
    async fn copy(
        &self,
        trigger: &Trigger,
        cause: &EvaluationCause,
    ) -> Result<Option<Documents>, StepError> {
        let is_enough = matches!(
            cause,
            EvaluationCause::Hourly | EvaluationCause::PackageChanged { .. }
        );
        let Some(current) = trigger.documents.as_deref().filter(|_| is_enough) else {
            return Ok(None);
        };
        let copy = self
            .store
            .documents(&trigger.space, &trigger.id, current)
            .await;
        Ok(copy?)
    }
}

impl<S, O: OctopusReader, B, C> Evaluate<'_, S, O, B, C> {
    /// Reads the project, its channel and its process.
    pub(super) async fn read_documents(
        &self,
        trigger: &Trigger,
    ) -> Result<Documents, OctopusError> {
        let octopus = self.octopus;
        let project = octopus.project(&trigger.space, &trigger.project).await?;
        let project = project.at(trigger.options.git_ref.as_deref())?;
        let channel = octopus.channel(&project, Some(&trigger.channel)).await?;
        let process = octopus.process(&project, &trigger.channel).await?;
        Ok(Documents {
            project,
            channel,
            process,
        })
    }
}
