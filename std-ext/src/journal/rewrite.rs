//! Replacing a journal by one that holds only what still counts.

use super::{
    Journal,
    entry::{Entry, Seq},
    error::JournalError,
    queue::{Shared, until},
};
use alloc::sync::Arc;
use core::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::OnceLock;

/// One rewrite, shared by its caller and the writer.
pub(super) struct Ticket {
    /// The number of the last record before it.
    pub(super) base: u64,
    /// The writer is through with what was queued before; what comes now is the rewrite's.
    begun: AtomicBool,
    stage: AtomicU8,
    outcome: OnceLock<Result<u64, JournalError>>,
}

/// How far the caller of a rewrite is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum Stage {
    /// More records may come.
    Gathering,
    /// All records have been handed over.
    Complete,
    /// The caller went away before that.
    Abandoned,
}

impl Ticket {
    pub(super) fn new(base: u64) -> Self {
        Self {
            base,
            begun: AtomicBool::new(false),
            stage: AtomicU8::new(Stage::Gathering as u8),
            outcome: OnceLock::new(),
        }
    }

    // Both flags are used only under the queue's lock, which orders them.

    pub(super) fn begin(&self) {
        self.begun.store(true, Ordering::Relaxed);
    }

    pub(super) fn has_begun(&self) -> bool {
        self.begun.load(Ordering::Relaxed)
    }

    pub(super) fn set_stage(&self, stage: Stage) {
        self.stage.store(stage as u8, Ordering::Relaxed);
    }

    pub(super) fn stage(&self) -> Stage {
        match self.stage.load(Ordering::Relaxed) {
            0 => Stage::Gathering,
            1 => Stage::Complete,
            _ => Stage::Abandoned,
        }
    }

    pub(super) fn settle(&self, outcome: Result<u64, JournalError>) {
        // The writer settles a ticket once, when it takes it out of the queue.
        let _ = self.outcome.set(outcome);
    }
}

/// Gives a rewrite up unless all its records were handed over.
struct Giving<'a> {
    shared: &'a Shared,
    ticket: Arc<Ticket>,
}

impl Drop for Giving<'_> {
    fn drop(&mut self) {
        if self.ticket.stage() == Stage::Gathering {
            self.shared.advance_rewrite(&self.ticket, Stage::Abandoned);
        }
    }
}

impl Journal {
    /// Replaces the journal's file by one that holds just the records in `live`.
    ///
    /// The new file is written and synced beside the old one and then takes its name, so a crash
    /// leaves one or the other, whole. It holds `live` instead of everything that was appended
    /// before this call; the records are numbered on from there. Appends wait meanwhile, so `live`
    /// must not depend on one. The lock is held throughout.
    ///
    /// # Errors
    ///
    /// [`JournalError::Io`] when the new file could not be written: the journal goes on with the
    /// old one. [`JournalError::Failed`] when the change of files could not be made durable, and
    /// the other errors of [`append`](Self::append).
    ///
    /// # Cancel safety
    ///
    /// Dropping the future before all of `live` was taken leaves the journal as it was; after that
    /// the rewrite goes on without it.
    pub async fn rewrite<P: AsRef<[u8]>>(
        &self,
        live: impl IntoIterator<Item = Entry<P>>,
    ) -> Result<Seq, JournalError> {
        let shared = &*self.shared;
        let ticket = until(&shared.room, || shared.begin_rewrite().transpose()).await?;
        let giving = Giving { shared, ticket };
        let ticket = &giving.ticket;
        for Entry { kind, schema, key, payload } in live {
            let entry = [Entry { kind, schema, key, payload: payload.as_ref() }];
            let took = until(&shared.room, || match ticket.outcome.get() {
                Some(outcome) => Some(outcome.clone().map(|_| ())),
                None => match shared.push(&entry, Some(ticket)) {
                    Ok((0, _)) => None,
                    pushed => Some(pushed.map(|_| ())),
                },
            });
            took.await?;
        }
        shared.advance_rewrite(ticket, Stage::Complete);
        let settled = until(&shared.progress, || {
            let failed = || shared.outcome().map(|ended| ended.and(Err(shared.closed())));
            ticket.outcome.get().cloned().or_else(failed)
        });
        settled.await.map(Seq)
    }
}
