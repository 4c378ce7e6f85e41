//! The workers: they read batches of files on the CPU pool and hand the results on.

use crate::{
    aggregate::Msg,
    chaos::Chaos,
    measure::{self, Measure, Reader, Stamp},
    problem::{Problem, Problems},
    table::Table,
    walk::Found,
};
use klaw_smol::{ActorRef, CancelToken, Receiver};
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

impl From<Vec<Found>> for Batch {
    fn from(files: Vec<Found>) -> Self {
        Self { files, ..Self::default() }
    }
}

/// Where a worker keeps the batch in hand; it outlives the worker's crashes, so nothing is lost.
#[derive(Clone, Default)]
pub struct Lease(Arc<Mutex<Option<Batch>>>);

impl Lease {
    fn lock(&self) -> MutexGuard<'_, Option<Batch>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
    loop {
        if lease.lock().is_none() {
            let Ok(Ok(batch)) = job.stop.run(job.jobs.recv()).await else { return Ok(()) };
            *lease.lock() = Some(batch);
        }
        let (shared, held) = (Arc::clone(&job), lease.clone());
        match job.cpu.run(move || process(&shared, &held)).await {
            Ok(()) => {}
            // The crash of the job is this worker's crash; its supervisor decides what follows.
            Err(JobError::Panicked(panic)) => resume_unwind(panic.into_payload()),
            Err(error) => return Err(error),
        }
        let done = lease.harvest();
        if job.aggregator.tell(Msg::Done(done)).await.is_err() {
            // Without it nothing can be kept: the walker and the other workers stop as well.
            job.stop.cancel("the aggregator is gone");
        }
        if job.stop.is_cancelled() {
            return Ok(());
        }
    }
}

/// Works on the batch in the lease for a while.
fn process(job: &Job, lease: &Lease) {
    let begun = Instant::now();
    let Some(batch) = lease.lock().take() else { return };
    let mut held = Held { lease, batch };
    let mut reader = Reader::new();
    while !job.stop.is_cancelled() && begun.elapsed() < SLICE {
        let batch = &mut held.batch;
        let Some(found) = batch.files.get(batch.next) else { return };
        let path = found.relative();
        if batch.attempts == job.attempts {
            let error = format!("crashed its worker {} times", job.attempts);
            batch.done.problems.add(Problem { path: path.display().to_string(), error });
        } else {
            let attempt = batch.attempts;
            batch.attempts += 1;
            job.chaos.strike(path.as_os_str().as_bytes(), attempt);
            match read(job, &path, &mut reader) {
                Ok(Some(Read::Known(row))) => batch.done.known.push(row),
                Ok(Some(Read::Fresh(fresh))) => batch.done.fresh.push(fresh),
                Ok(None) => return, // stopped in the middle: not done
                Err(error) => batch.done.problems.add(Problem::new(&path, &error)),
            }
        }
        batch.next += 1;
        batch.attempts = 0;
    }
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
