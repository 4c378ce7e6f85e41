//! The aggregator: an actor that journals what is done and adds it up.

use crate::{
    problem::Problems,
    progress::Progress,
    report::Slow,
    state,
    table::{Row, Table},
    work::{Done, Fresh},
};
use klaw_smol::{Actor, CancelToken, Ctx, Exit, Reply};
use klaw_std::journal::{Journal, JournalError};
use std::sync::Arc;

/// How many of the slowest files are remembered.
const SLOWEST: usize = 10;

/// What the aggregator is told.
pub enum Msg {
    /// Files were worked on.
    Done(Done),
    /// Everything was told: wait until it is durable, and hand over the sums.
    Finish(Reply<Sums>),
}

/// What a run has done.
#[derive(Default)]
pub struct Sums {
    /// Files that were read, unsorted.
    pub fresh: Table,
    /// For each row that was known from earlier runs, whether it is still true.
    pub confirmed: Vec<bool>,
    pub problems: Problems,
    pub slowest: Vec<Slow>,
}

impl Sums {
    /// How many files were read, found unchanged, or named as problems.
    pub fn done(&self) -> u64 {
        let confirmed = self.confirmed.iter().filter(|&&confirmed| confirmed).count();
        (self.fresh.len() + confirmed) as u64 + self.problems.count
    }
}

pub struct Aggregator {
    journal: Arc<Journal>,
    progress: Arc<Progress>,
    stop: CancelToken,
    sums: Sums,
    payloads: Vec<u8>,
}

impl Aggregator {
    pub fn new(
        journal: Arc<Journal>,
        progress: Arc<Progress>,
        stop: CancelToken,
        known: usize,
    ) -> Self {
        let sums = Sums { confirmed: vec![false; known], ..Sums::default() };
        Self { journal, progress, stop, sums, payloads: vec![] }
    }

    async fn done(&mut self, done: Done) -> Result<(), JournalError> {
        let Done { fresh, known, problems } = done;
        self.progress.skipped(known.len() as u64 + problems.count);
        for row in known {
            self.sums.confirmed[row] = true;
        }
        self.sums.problems.merge(problems);
        self.payloads.clear();
        let mut ranges = Vec::with_capacity(fresh.len());
        for Fresh { path, stamp, measure, time } in &fresh {
            let row = Row { path, stamp: *stamp, measure: *measure };
            ranges.push(state::encode(row, &mut self.payloads));
            self.sums.fresh.push(row);
            self.slow(path, *time);
        }
        let entries: Vec<_> = fresh
            .iter()
            .zip(ranges)
            .map(|(fresh, range)| state::file_entry(&fresh.path, &self.payloads[range]))
            .collect();
        if entries.is_empty() {
            return Ok(());
        }
        // Not waited for: the next batches share one sync while this one is under way.
        let last = self.journal.append_batch(&entries).await?;
        let bytes = fresh.iter().map(|fresh| fresh.measure.bytes).sum();
        self.progress.journaled(last, fresh.len() as u64, bytes);
        Ok(())
    }

    fn slow(&mut self, path: &[u8], time: core::time::Duration) {
        let slowest = &mut self.sums.slowest;
        if slowest.len() == SLOWEST && slowest.last().is_some_and(|last| time <= last.time) {
            return;
        }
        let at = slowest.partition_point(|slow| slow.time >= time);
        slowest.insert(at, Slow { path: path.into(), time });
        slowest.truncate(SLOWEST);
    }
}

impl Actor for Aggregator {
    type Msg = Msg;
    type Error = JournalError;

    async fn handle(&mut self, msg: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), JournalError> {
        match msg {
            Msg::Done(done) => self.done(done).await,
            Msg::Finish(reply) => {
                self.journal.flush().await?;
                reply.send(core::mem::take(&mut self.sums));
                Ok(())
            }
        }
    }

    async fn stopped(&mut self, why: &Exit<JournalError>) {
        if let Exit::Failed(error) = why {
            self.progress.fail(error.clone());
            self.stop.cancel("the journal failed");
        }
    }
}
