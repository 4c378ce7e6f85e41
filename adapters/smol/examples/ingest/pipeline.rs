//! The pipeline: walker, workers and aggregator, in one scope.

use crate::{
    again,
    aggregate::{Aggregator, Msg, Sums},
    chaos::Chaos,
    failure::Failure,
    problem::Problems,
    progress::{Display, Progress, TICK},
    state,
    table::Table,
    walk::Walk,
    work::{Batch, Job, Lease, work},
};
use klaw_smol::{
    ActorRef, CancelToken, Event, JoinError, Restart, Runtime, Sender, SmolClock, Strategy,
    Supervisor, SupervisorError, bounded,
    scope::{Join, scope},
    serve,
    supervise::TreeView,
    task,
};
use klaw_std::{CpuPool, JobError, journal::Journal};
use std::{
    num::NonZeroUsize,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// How many files go through the channel together: enough work for one hop to the CPU pool.
const BATCH: usize = 128;
/// How long everything may take to stop when asked to.
const GRACE: Duration = Duration::from_secs(5);
/// How often the supervision tree is shown.
const TREE_EVERY: Duration = Duration::from_secs(1);
/// How often a file may crash its worker; more often when crashes are made on purpose.
const ATTEMPTS: u32 = 3;
const ATTEMPTS_IN_CHAOS: u32 = 32;

/// What everything in the pipeline is started in.
type Scope = klaw_smol::Scope<klaw_smol::Executor, SmolClock>;

/// What supervision has had to do.
#[derive(Default)]
pub struct Crashes {
    pub restarts: AtomicU64,
    last: Mutex<Option<String>>,
}

impl Crashes {
    fn see(&self, event: &Event<'_>) {
        match event {
            Event::Failed { child, error, .. } => {
                let text = format!("{child}: {error:?}");
                *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(text);
            }
            Event::Restarting { .. } => {
                self.restarts.fetch_add(1, Relaxed);
            }
            _ => {}
        }
    }

    pub fn last(&self) -> Option<String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What the pipeline is made of.
pub struct Pipeline {
    pub walk: Walk,
    pub cpu: CpuPool,
    pub workers: NonZeroUsize,
    pub root: Arc<Path>,
    pub known: Arc<Table>,
    pub journal: Arc<Journal>,
    /// The journal does not say yet which tree it is about.
    pub unnamed: bool,
    pub chaos: Chaos,
    /// The supervision tree is to be shown.
    pub tree: bool,
    pub stop: CancelToken,
}

/// What the pipeline has done.
pub struct Ended {
    pub sums: Sums,
    pub walked: Walked,
    /// It was stopped before everything was done.
    pub interrupted: bool,
    pub crashes: Arc<Crashes>,
}

#[derive(Default)]
pub struct Walked {
    /// The walk came to its end.
    whole: bool,
    pub problems: Problems,
    pub caches: u64,
}

/// Runs the pipeline to its end, or to where it is stopped.
pub async fn run(rt: &Runtime, parts: Pipeline) -> Result<Ended, Failure> {
    let progress = Arc::new(Progress::default());
    let ended = scope(rt)
        .grace(GRACE)
        .cleanup(GRACE)
        // What the end of each part means for the others is said where they are awaited.
        .join(Join::All)
        .run(async |run| {
            let ended = stages(run, parts, &progress).await;
            run.cancel("the pipeline has ended"); // which ends the display
            ended
        })
        .await;
    // The first cause first: a journal that failed takes everything else with it.
    if let Some(error) = progress.failure() {
        return Err(Failure::Journal(error.clone()));
    }
    ended.unwrap_or(Err(Failure::Stuck(GRACE)))
}

/// Starts the parts of the pipeline and sees each of them to its end, in the order of the flow.
async fn stages(run: &Scope, parts: Pipeline, progress: &Arc<Progress>) -> Result<Ended, Failure> {
    let Pipeline { walk, cpu, workers, root, known, journal, unnamed, chaos, tree, stop } = parts;
    if unnamed {
        journal.append(state::root_entry(&root)).await.map_err(Failure::Journal)?;
    }
    let aggregator = start_aggregator(run, &journal, progress, known.len(), workers)?;
    let (batches, jobs) = bounded(2 * workers.get());
    let walker = run.spawn(find(run.clone(), walk, cpu.clone(), batches, Arc::clone(progress)))?;
    run.spawn(show(run.clone(), Arc::clone(progress), journal))?;
    // Last: a scope that was asked to stop starts nothing more.
    run.spawn(pass_on(stop.clone(), run.clone()))?;

    let attempts = if chaos.is_on() { ATTEMPTS_IN_CHAOS } else { ATTEMPTS };
    let job = Job {
        root,
        known,
        chaos,
        attempts,
        stop: run.token().clone(),
        cpu,
        jobs,
        aggregator: aggregator.clone(),
    };
    let crashes = Arc::new(Crashes::default());
    let supervised = supervise(run, job, workers, &crashes, tree).await?;
    let walked = walker.await;
    let sums = aggregator.ask(Msg::Finish).await;

    supervised.map_err(|error| Failure::GaveUp(error, crashes.last()))?;
    let walked = match walked {
        Ok(Ok(walked)) => walked,
        Err(JoinError::Cancelled(_)) => Walked::default(), // stopped before it began
        Ok(Err(error)) => return Err(Failure::Crashed("walker", error.to_string())),
        Err(error) => return Err(Failure::Crashed("walker", error.to_string())),
    };
    let sums = sums.map_err(|error| Failure::Crashed("aggregator", error.to_string()))?;
    let (found, done) = (progress.found_so_far(), sums.done());
    let complete = walked.whole && done == found;
    let interrupted = !complete && stop.is_cancelled();
    if !complete && !interrupted {
        return Err(Failure::Lost { found, done });
    }
    Ok(Ended { sums, walked, interrupted, crashes })
}

/// Has the workers work until there are no batches left, and restarts those that crash.
async fn supervise(
    run: &Scope,
    job: Job,
    workers: NonZeroUsize,
    crashes: &Arc<Crashes>,
    tree: bool,
) -> Result<Result<(), SupervisorError>, Failure> {
    // One crash may be bad luck, many mean that something is broken; unless they are wanted.
    let most = if job.chaos.is_on() { usize::MAX } else { 1000 };
    let job = Arc::new(job);
    let crashes = Arc::clone(crashes);
    let (supervisor, view) = Supervisor::new(Strategy::OneForOne)
        .max_restarts(most)
        .restart_window(Duration::from_secs(10))
        .children("worker", workers.get(), Restart::OnFailure, move |_| {
            let (job, lease) = (Arc::clone(&job), Lease::default());
            move || task(work(Arc::clone(&job), lease.clone())).stop_with(job.stop.clone())
        })
        .observe(move |event: &Event<'_>| crashes.see(event))
        .run(run.runtime().clock())
        .seen();
    if tree {
        run.spawn(show_tree(run.clone(), view.clone()))?;
    }
    let supervised = supervisor.await;
    if tree {
        eprint!("{}", view.snapshot(run.runtime().now()));
    }
    Ok(supervised)
}

/// Shows the supervision tree until the scope ends.
async fn show_tree(run: Scope, tree: TreeView) {
    while run.fork(run.runtime().sleep(TREE_EVERY)).await.is_ok() {
        eprint!("{}", tree.snapshot(run.runtime().now()));
    }
}

/// The walker: finds files until there are none, or nobody takes them any more.
async fn find(
    run: Scope,
    walk: Walk,
    cpu: CpuPool,
    batches: Sender<Batch>,
    progress: Arc<Progress>,
) -> Result<Walked, JobError> {
    // A call on the pool may be made again, so it only borrows the walk.
    let walk = Arc::new(Mutex::new(walk));
    for number in 1.. {
        let shared = Arc::clone(&walk);
        let found = match again::run(&cpu, move || lock(&shared).next_batch(BATCH)).await? {
            Ok(found) => found,
            Err(error) => {
                lock(&walk).skip(&error);
                continue;
            }
        };
        if found.is_empty() {
            progress.all_found();
            let mut walk = lock(&walk);
            let (problems, caches) = (std::mem::take(&mut walk.problems), walk.caches_skipped);
            return Ok(Walked { whole: true, problems, caches });
        }
        progress.found(found.len() as u64);
        let sent = run.fork(batches.send(Batch::new(number, found))).await;
        if !matches!(sent, Ok(Ok(()))) {
            break;
        }
    }
    Ok(Walked::default())
}

fn lock(walk: &Mutex<Walk>) -> MutexGuard<'_, Walk> {
    walk.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Starts the aggregator, which stops after everything that may tell it something.
fn start_aggregator(
    run: &Scope,
    journal: &Arc<Journal>,
    progress: &Arc<Progress>,
    known: usize,
    workers: NonZeroUsize,
) -> Result<ActorRef<Msg>, Failure> {
    let (journal, progress) = (Arc::clone(journal), Arc::clone(progress));
    let stop = run.token().clone();
    let aggregator = run
        .runtime()
        .spawn_actor(move |me| {
            serve(Aggregator::new(journal.clone(), progress.clone(), stop.clone(), known), me)
        })
        .name("aggregator")
        .capacity(2 * workers.get())
        // Its sums are of what it was told; one that started anew would be wrong.
        .restart(Restart::Never)
        .start()
        .map_err(Failure::Spawn)?;
    let last = aggregator.clone();
    run.defer(async move {
        last.stop();
        last.closed().await;
    })?;
    Ok(aggregator)
}

/// Shows the progress until the scope ends.
async fn show(run: Scope, progress: Arc<Progress>, journal: Arc<Journal>) {
    let mut display = Display::new();
    while run.fork(run.runtime().sleep(TICK)).await.is_ok() {
        progress.settle(&journal);
        display.show(&progress);
    }
    display.clear();
}

/// Stops the scope when `stop` is asked for.
async fn pass_on(stop: CancelToken, run: Scope) {
    if let Ok(asked) = run.fork(stop.cancelled()).await {
        run.cancel(asked.reason);
    }
}
