//! The thread that owns a journal's file.
//!
//! It takes everything that is queued, writes it with one call, syncs once, and says how far the
//! journal is durable: as many callers as wait share one sync.

use super::{
    error::JournalError,
    group::Group,
    log::Log,
    place::Place,
    queue::{Queue, Shared},
    rewrite::{Stage, Ticket},
    spin::Spin,
};
use alloc::sync::Arc;
use core::{ops::ControlFlow, sync::atomic::Ordering};
use klaw::checkpoint::RecordKind;
use std::{sync::PoisonError, time::Instant};

/// The writer's side of a journal.
pub(super) struct Writer {
    shared: Arc<Shared>,
    log: Log,
    place: Box<dyn Place>,
    /// The file that will replace the log's, during a rewrite.
    draft: Option<Log>,
    /// The frames being written; changes places with the queue's.
    batch: Vec<u8>,
    group: Group,
    spin: Spin,
    /// One caller was released by itself, and may be back at any moment.
    released_one: bool,
}

/// What the writer found when it looked for work.
struct Work {
    /// The number of the last record in the batch.
    last: u64,
    closing: bool,
    /// The rewrite that is asked for, with its stage once it has begun.
    rewrite: Option<(Arc<Ticket>, Option<Stage>)>,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, log: Log, place: Box<dyn Place>) -> Self {
        shared.counters.size.store(log.end(), Ordering::Relaxed);
        Self {
            shared,
            log,
            place,
            draft: None,
            batch: Vec::new(),
            group: Group::new(),
            spin: Spin::new(),
            released_one: false,
        }
    }

    /// Writes until the journal is closed or fails; then lets go of the file.
    pub(super) fn run(self) {
        // Also if a subscriber to the events below panics: nobody may wait for ever.
        let _ending = Ending(Arc::clone(&self.shared));
        // Declared after that, so that also then the file is let go of first.
        let mut writer = self;
        let result = loop {
            match writer.turn() {
                Ok(ControlFlow::Continue(())) => {}
                Ok(ControlFlow::Break(())) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        writer.finish(result);
    }

    /// Waits for work and does it; breaks when the journal is closed.
    pub(super) fn turn(&mut self) -> Result<ControlFlow<()>, JournalError> {
        let work = self.next();
        match &work.rewrite {
            Some((ticket, Some(stage))) => self.rewrite(ticket, *stage, work.closing)?,
            other => {
                if !self.batch.is_empty() {
                    self.commit(work.last).map_err(JournalError::fatal)?;
                }
                if let Some((ticket, _)) = other {
                    self.shared.let_rewrite_begin(ticket);
                }
            }
        }
        if work.closing && work.rewrite.is_none() {
            let last = work.last + 1;
            self.log.mark(RecordKind::CLOSED, last).map_err(JournalError::fatal)?;
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    }

    /// Lets go of the file, and then says so.
    pub(super) fn finish(self, result: Result<(), JournalError>) {
        let shared = Arc::clone(&self.shared);
        drop(self);
        if let Err(error) = &result {
            tracing::error!(path = %shared.path.display(), %error, "journal failed");
        }
        shared.end(result.err());
    }

    /// Waits for work and takes all of it.
    fn next(&mut self) -> Work {
        self.batch.clear();
        self.batch.shrink_to(self.shared.limit());
        if core::mem::take(&mut self.released_one) {
            let shared = &*self.shared;
            self.spin.until(|| shared.queued() > shared.durable());
        }
        let mut queue = self.shared.lock();
        while !self.has_work(&queue) {
            queue.idle = true;
            queue = self.shared.work.wait(queue).unwrap_or_else(PoisonError::into_inner);
            queue.idle = false;
        }
        queue = self.shared.linger(queue);
        queue = self.shared.gather(queue, &mut self.group);
        queue.awaited = false;
        core::mem::swap(&mut queue.frames, &mut self.batch);
        let work = Work {
            last: queue.last,
            closing: queue.closing,
            rewrite: queue.rewrite.clone().map(|ticket| {
                let stage = ticket.has_begun().then(|| ticket.stage());
                (ticket, stage)
            }),
        };
        drop(queue);
        self.shared.room.notify(usize::MAX);
        work
    }

    /// Whether a turn would find something to do at once.
    pub(super) fn has_work(&self, queue: &Queue) -> bool {
        let next_stage = |ticket: &Arc<Ticket>| {
            // A rewrite that has begun and has its file waits for records, like everything else.
            !ticket.has_begun() || self.draft.is_none() || ticket.stage() != Stage::Gathering
        };
        !queue.frames.is_empty() || queue.closing || queue.rewrite.as_ref().is_some_and(next_stage)
    }

    fn commit(&mut self, last: u64) -> Result<(), JournalError> {
        let records = self.log.write(&mut self.batch)?;
        let begun = Instant::now();
        self.log.sync()?;
        self.count(records, 1);
        let (callers, queued) = (self.shared.progress.total_listeners(), self.shared.lock().last);
        let now = Instant::now();
        self.group.release(callers, records, queued, now, now - begun);
        self.released_one = callers == 1;
        self.shared.set_durable(last);
        Ok(())
    }

    /// Moves a rewrite on by what the caller has handed over.
    fn rewrite(
        &mut self,
        ticket: &Ticket,
        stage: Stage,
        closing: bool,
    ) -> Result<(), JournalError> {
        let outcome = match stage {
            Stage::Gathering if !closing => match self.draft(ticket) {
                Ok(()) => return Ok(()),
                Err(error) => Err(error),
            },
            Stage::Gathering | Stage::Abandoned => Err(self.shared.closed()),
            Stage::Complete => self.draft(ticket).and_then(|()| self.publish()),
        };
        if outcome.is_ok() {
            // From here on the journal is the new file, if that keeps its name.
            let failed = JournalError::io(&self.shared.path, "sync the directory");
            self.place.sync().map_err(failed).map_err(JournalError::fatal)?;
            self.shared.counters.syncs.fetch_add(1, Ordering::Relaxed);
            let (path, bytes) = (self.shared.path.display(), self.log.end());
            tracing::debug!(%path, bytes, "journal rewritten");
        }
        self.draft = None;
        let mut queue = self.shared.lock();
        queue.rewrite = None;
        queue.frames.clear();
        queue.last = *outcome.as_ref().unwrap_or(&ticket.base);
        let last = queue.last;
        ticket.settle(outcome);
        drop(queue);
        self.shared.room.notify(usize::MAX);
        self.shared.set_durable(last);
        Ok(())
    }

    /// Writes the batch to the draft, which is created first if there is none.
    fn draft(&mut self, ticket: &Ticket) -> Result<(), JournalError> {
        let draft = match &mut self.draft {
            Some(draft) => draft,
            None => {
                let path = Arc::clone(&self.shared.path);
                let failed = JournalError::io(&path, "create the file for the rewrite");
                let file = self.place.draft().map_err(failed)?;
                let log = Log::create(file, path, ticket.base + 1, self.log.epoch())?;
                self.draft.insert(log)
            }
        };
        if !self.batch.is_empty() {
            let records = draft.write(&mut self.batch)?;
            self.count(records, 0);
        }
        Ok(())
    }

    /// Makes the draft durable and lets it take the log's name; returns its last record.
    ///
    /// The mark comes after a sync of its own: it vouches for every record before it.
    fn publish(&mut self) -> Result<u64, JournalError> {
        let Some(mut draft) = self.draft.take() else { return Err(self.shared.closed()) };
        let last = self.shared.lock().last + 1;
        draft.sync()?;
        draft.mark(RecordKind::OPENED, last)?;
        self.shared.counters.syncs.fetch_add(2, Ordering::Relaxed);
        let failed = JournalError::io(&self.shared.path, "replace the journal by its rewrite");
        self.place.publish().map_err(failed)?;
        // The old file's lock goes with it; the new file was locked before it had the name.
        self.log = draft;
        self.shared.counters.size.store(self.log.end(), Ordering::Relaxed);
        Ok(last)
    }

    fn count(&self, records: u64, syncs: u64) {
        let counters = &self.shared.counters;
        counters.records.fetch_add(records, Ordering::Relaxed);
        counters.bytes.fetch_add(self.batch.len() as u64, Ordering::Relaxed);
        counters.syncs.fetch_add(syncs, Ordering::Relaxed);
        counters.size.store(self.log.end(), Ordering::Relaxed);
    }
}

/// Ends the journal for its callers however the writer ends.
struct Ending(Arc<Shared>);

impl Drop for Ending {
    fn drop(&mut self) {
        if self.0.outcome().is_none() {
            let panicked = std::io::Error::other("the journal's writer thread panicked");
            let failed = JournalError::io(&self.0.path, "write the journal");
            self.0.end(Some(failed(panicked).fatal()));
        }
    }
}
