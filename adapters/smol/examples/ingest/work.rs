//! The workers: they read batches of files on the CPU pool and hand the results on.

use crate::{
    again::{self, is_transient},
    aggregate::Msg,
    chaos::Chaos,
    measure::{self, Measure, Reader, Stamp},
    problem::{self, Problem, Problems},
    table::Table,
    walk::Found,
};
use klaw_smol::{ActorRef, CancelToken, Context, Receiver};
use klaw_std::{CpuPool, JobError};
use std::{
    io,
    os::unix::ffi::OsStrExt,
    panic::resume_unwind,
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

/// After how much time what is done is handed on, though more of the batch is left.
const SLICE: Duration = Duration::from_millis(50);

/// Files to be read together, and how far that has come.
#[derive(Default)]
pub struct Batch {
    /// What the events of the work on it are marked with.
    context: Context,
    files: Vec<Found>,
    next: usize,
    /// How often the next file has been begun.
    attempts: u32,
    done: Done,
}

/// What has been done of a batch.
#[derive(Default)]
pub struct Done {
    pub fresh: Vec<Fresh>,
    /// Rows of the known table that are still true.
    pub known: Vec<usize>,
    pub problems: Problems,
}

/// A file that was read.
pub struct Fresh {
    pub path: Box<[u8]>,
    pub stamp: Stamp,
    pub measure: Measure,
    pub time: Duration,
}

impl Batch {
    pub fn new(number: u64, files: Vec<Found>) -> Self {
        let context = Context::empty().with(|new| new.request_id(format!("batch-{number}")));
        Self { context, files, ..Self::default() }
    }

    /// Does not do the next file, and says why.
    fn skip(&mut self, error: String) {
        if let Some(found) = self.files.get(self.next) {
            let path = found.relative().display().to_string();
            tracing::warn!(path, error, "skipped");
            self.done.problems.add(Problem { path, error });
        }
        self.advance();
    }

    fn advance(&mut self) {
        self.next += 1;
        self.attempts = 0;
    }
}

/// Where a worker keeps the batch in hand; it outlives the worker's crashes, so nothing is lost.
#[derive(Clone, Default)]
pub struct Lease(Arc<Mutex<Option<Batch>>>);

impl Lease {
    fn lock(&self) -> MutexGuard<'_, Option<Batch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The context of the batch in hand; of the next one if there is none.
    async fn context(&self, job: &Job) -> Option<Context> {
        if self.lock().is_none() {
            let batch = job.stop.run(job.jobs.recv()).await.ok()?.ok()?;
            *self.lock() = Some(batch);
        }
        self.lock().as_ref().map(|batch| batch.context.clone())
    }

    /// Takes what is done, and ends the lease if that was all.
    fn harvest(&self) -> Done {
        let mut lease = self.lock();
        let Some(batch) = &mut *lease else { return Done::default() };
        let done = std::mem::take(&mut batch.done);
        if batch.next == batch.files.len() {
            *lease = None;
        }
        done
    }
}

/// A batch out of its lease, to which it returns even when the work on it panics.
struct Held<'a> {
    lease: &'a Lease,
    batch: Batch,
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        *self.lease.lock() = Some(std::mem::take(&mut self.batch));
    }
}

/// What all workers share.
pub struct Job {
    pub root: Arc<Path>,
    /// What earlier runs have done, sorted.
    pub known: Arc<Table>,
    pub chaos: Chaos,
    /// How often a file may crash its worker before it is given up.
    pub attempts: u32,
    pub stop: CancelToken,
    pub cpu: CpuPool,
    pub jobs: Receiver<Batch>,
    pub aggregator: ActorRef<Msg>,
}

/// One incarnation of a worker: batch after batch, beginning with what the one before left.
pub async fn work(job: Arc<Job>, lease: Lease) -> Result<(), JobError> {
    while let Some(context) = lease.context(&job).await {
        let done = context.run(slice(&job, &lease)).await?;
        if job.aggregator.tell(Msg::Done(done)).await.is_err() {
            // Without it nothing can be kept: the walker and the other workers stop as well.
            job.stop.cancel("the aggregator is gone");
        }
        if job.stop.is_cancelled() {
            break;
        }
    }
    Ok(())
}

/// Works on the batch in the lease for a while, on the CPU pool.
async fn slice(job: &Arc<Job>, lease: &Lease) -> Result<Done, JobError> {
    let (shared, held) = (Arc::clone(job), lease.clone());
    match again::run(&job.cpu, move || process(&shared, &held)).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => {
            lease.lock().iter_mut().for_each(|batch| batch.skip(problem::in_words(&error)));
        }
        // The crash of the job is this worker's crash; its supervisor decides what follows.
        Err(JobError::Panicked(panic)) => resume_unwind(panic.into_payload()),
        Err(error) => return Err(error),
    }
    let done = lease.harvest();
    tracing::debug!(read = done.fresh.len(), unchanged = done.known.len(), "worked on a batch");
    Ok(done)
}

/// Works on the batch in the lease for a while.
///
/// It fails if its first file cannot be read for the moment; a later one is the next call's first.
fn process(job: &Job, lease: &Lease) -> io::Result<()> {
    let begun = Instant::now();
    let Some(batch) = lease.lock().take() else { return Ok(()) };
    let first = batch.next;
    let mut held = Held { lease, batch };
    let mut reader = Reader::new();
    while !job.stop.is_cancelled() && begun.elapsed() < SLICE {
        let batch = &mut held.batch;
        let Some(found) = batch.files.get(batch.next) else { break };
        if batch.attempts == job.attempts {
            batch.skip(format!("crashed its worker {} times", job.attempts));
            continue;
        }
        let path = found.relative();
        let attempt = batch.attempts;
        batch.attempts += 1;
        job.chaos.strike(path.as_os_str().as_bytes(), attempt);
        match read(job, &path, &mut reader) {
            Ok(Some(Read::Known(row))) => batch.done.known.push(row),
            Ok(Some(Read::Fresh(fresh))) => batch.done.fresh.push(fresh),
            Ok(None) => break, // stopped in the middle: not done
            Err(error) if is_transient(&error) => {
                batch.attempts = attempt; // which was no crash
                return if batch.next == first { Err(error) } else { Ok(()) };
            }
            Err(error) => {
                batch.skip(problem::in_words(&error));
                continue;
            }
        }
        batch.advance();
    }
    Ok(())
}

enum Read {
    Known(usize),
    Fresh(Fresh),
}

fn read(job: &Job, path: &Path, reader: &mut Reader) -> io::Result<Option<Read>> {
    let begun = Instant::now();
    let bytes = path.as_os_str().as_bytes();
    let (file, stamp) = measure::open(&job.root.join(path))?;
    if let Some(row) = job.known.find(bytes)
        && job.known.row(row).stamp == stamp
    {
        return Ok(Some(Read::Known(row)));
    }
    let Some(measure) = reader.measure(&file, || job.stop.is_cancelled())? else {
        return Ok(None);
    };
    Ok(Some(Read::Fresh(Fresh { path: bytes.into(), stamp, measure, time: begun.elapsed() })))
}
