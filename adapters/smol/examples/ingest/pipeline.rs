//! The pipeline: walker, workers and aggregator, from their start to their end.

use crate::{
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
    ActorRef, AskError, CancelToken, Clock, Event, Receiver, Restart, Runtime, Sender, Shutdown,
    Strategy, Supervisor, bounded, serve, task,
};
use klaw_std::{CpuPool, JobError, journal::Journal};
use std::{
    num::NonZeroUsize,
    path::Path,
    pin::pin,
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

/// How many files go through the channel together: enough work for one hop to the CPU pool.
const BATCH: usize = 128;
/// How long everything may take to stop when asked to.
const GRACE: Duration = Duration::from_secs(5);
/// How often a file may crash its worker; more often when crashes are made on purpose.
const ATTEMPTS: u32 = 3;
const ATTEMPTS_IN_CHAOS: u32 = 32;

const WALKER: &str = "walker";

/// What supervision has had to do.
#[derive(Default)]
pub struct Crashes {
    pub restarts: AtomicU64,
    last: Mutex<Option<String>>,
    walker: OnceLock<String>,
}

impl Crashes {
    fn see(&self, event: &Event<'_>) {
        match event {
            Event::Failed { child, error, .. } => {
                let text = format!("{child}: {error:?}");
                if child.name == WALKER {
                    // It is never restarted, so it fails once at most.
                    let _ = self.walker.set(text.clone());
                }
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
pub struct Pipeline<'a> {
    pub rt: &'a Runtime,
    pub walk: Walk,
    pub cpu: CpuPool,
    pub workers: NonZeroUsize,
    pub root: Arc<Path>,
    pub known: Arc<Table>,
    pub journal: Arc<Journal>,
    /// The journal does not say yet which tree it is about.
    pub unnamed: bool,
    pub chaos: Chaos,
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
pub async fn run(parts: Pipeline<'_>) -> Result<Ended, Failure> {
    let Pipeline { rt, walk, cpu, workers, root, known, journal, unnamed, chaos, stop } = parts;
    if unnamed {
        journal.append(state::root_entry(&root)).await.map_err(Failure::Journal)?;
    }
    let progress = Arc::new(Progress::default());
    let aggregator = start_aggregator(rt, &journal, &progress, &stop, known.len(), workers)?;
    let walked = Arc::new(Mutex::new(Walked::default()));
    let crashes = Arc::new(Crashes::default());
    let shown = CancelToken::new();
    let display = show(rt, &progress, &journal, &shown)?;

    let (batches, jobs) = bounded(2 * workers.get());
    let attempts = if chaos.is_on() { ATTEMPTS_IN_CHAOS } else { ATTEMPTS };
    let job = Arc::new(Job {
        root,
        known,
        chaos,
        attempts,
        stop: stop.clone(),
        cpu: cpu.clone(),
        jobs,
        aggregator: aggregator.clone(),
    });
    let walker = {
        let (walked, progress, cpu) = (Arc::clone(&walked), Arc::clone(&progress), cpu);
        let mut walk = Some((walk, batches));
        move || task(find(walk.take(), cpu.clone(), Arc::clone(&progress), Arc::clone(&walked)))
    };
    let supervisor = Supervisor::new(Strategy::OneForOne)
        // One crash may be bad luck, many mean that something is broken; unless they are wanted.
        .max_restarts(if chaos.is_on() { usize::MAX } else { 1000 })
        .restart_window(Duration::from_secs(10))
        .shutdown(Shutdown::Drain(GRACE))
        .children("worker", workers.get(), Restart::OnFailure, |_| {
            let (job, lease) = (Arc::clone(&job), Lease::default());
            move || task(work(Arc::clone(&job), lease.clone())).stop_with(job.stop.clone())
        })
        .child(WALKER, Restart::Never, walker)
        .observe({
            let crashes = Arc::clone(&crashes);
            move |event: &Event<'_>| crashes.see(event)
        });
    drop(job);
    let tree = rt.supervise(supervisor).map_err(Failure::Spawn)?;

    let mut grace = GRACE;
    let ended = match stop.run(tree.join()).await {
        Ok(ended) => ended,
        Err(_) => {
            let asked = rt.now();
            let Ok(ended) = rt.timeout(GRACE, tree.stop()).await else {
                return Err(Failure::Stuck(GRACE));
            };
            grace = GRACE.saturating_sub(rt.now().saturating_since(asked));
            ended
        }
    };
    shown.cancel("the pipeline has ended");
    // It never sends; it closes when the display is cleared.
    let _ = display.recv().await;
    let sums = finish(rt, &aggregator, &progress, &stop, grace).await;
    // The first cause first: a journal that failed takes everything else with it.
    if let Some(error) = progress.failure() {
        return Err(Failure::Journal(error.clone()));
    }
    ended.map_err(|error| Failure::GaveUp(error, crashes.last()))?;
    if let Some(crash) = crashes.walker.get() {
        return Err(Failure::Crashed(WALKER, crash.clone()));
    }
    let sums = sums?;
    let walked = std::mem::take(&mut *walked.lock().unwrap_or_else(PoisonError::into_inner));
    let (found, done) = (progress.found_so_far(), sums.done());
    let complete = walked.whole && done == found;
    let interrupted = !complete && stop.is_cancelled();
    if !complete && !interrupted {
        return Err(Failure::Lost { found, done });
    }
    Ok(Ended { sums, walked, interrupted, crashes })
}

/// Waits until everything told is durable; as long as it takes, or for what is left of the grace
/// once a stop is asked for.
async fn finish(
    rt: &Runtime,
    aggregator: &ActorRef<Msg>,
    progress: &Progress,
    stop: &CancelToken,
    grace: Duration,
) -> Result<Sums, Failure> {
    let mut asked = pin!(aggregator.ask(Msg::Finish));
    let answer = match stop.run(asked.as_mut()).await {
        Ok(answer) => answer,
        Err(_) => match rt.timeout(grace, asked).await {
            Ok(answer) => answer,
            Err(_) => return Err(Failure::Stuck(GRACE)),
        },
    };
    aggregator.stop();
    // By then a failure has said what it was.
    aggregator.closed().await;
    answer.map_err(|error: AskError| match progress.failure() {
        Some(failure) => Failure::Journal(failure.clone()),
        None => Failure::Crashed("aggregator", error.to_string()),
    })
}

/// The walker: finds files until there are none, or nobody takes them any more.
async fn find(
    walk: Option<(Walk, Sender<Batch>)>,
    cpu: CpuPool,
    progress: Arc<Progress>,
    walked: Arc<Mutex<Walked>>,
) -> Result<(), JobError> {
    let Some((mut walk, batches)) = walk else { return Ok(()) };
    loop {
        let found;
        (walk, found) = cpu
            .run(move || {
                let found = walk.next_batch(BATCH);
                (walk, found)
            })
            .await?;
        if found.is_empty() {
            break;
        }
        progress.found(found.len() as u64);
        if batches.send(Batch::from(found)).await.is_err() {
            return Ok(());
        }
    }
    progress.all_found();
    *walked.lock().unwrap_or_else(PoisonError::into_inner) =
        Walked { whole: true, problems: walk.problems, caches: walk.caches_skipped };
    Ok(())
}

fn start_aggregator(
    rt: &Runtime,
    journal: &Arc<Journal>,
    progress: &Arc<Progress>,
    stop: &CancelToken,
    known: usize,
    workers: NonZeroUsize,
) -> Result<ActorRef<Msg>, Failure> {
    let (journal, progress, stop) = (Arc::clone(journal), Arc::clone(progress), stop.clone());
    rt.spawn_actor(move |me| {
        serve(Aggregator::new(journal.clone(), progress.clone(), stop.clone(), known), me)
    })
    .name("aggregator")
    .capacity(2 * workers.get())
    // Its sums are of what it was told; one that started anew would be wrong.
    .restart(Restart::Never)
    .start()
    .map_err(Failure::Spawn)
}

/// Shows the progress until `shown` is cancelled; then the receiver closes.
fn show(
    rt: &Runtime,
    progress: &Arc<Progress>,
    journal: &Arc<Journal>,
    shown: &CancelToken,
) -> Result<Receiver<()>, Failure> {
    let (open, closed) = bounded(1);
    let (progress, journal, shown) = (Arc::clone(progress), Arc::clone(journal), shown.clone());
    let clock = *rt.clock();
    let showing = async move {
        let _open = open;
        let mut display = Display::new();
        while shown.run(clock.sleep(TICK)).await.is_ok() {
            progress.settle(&journal);
            display.show(&progress);
        }
        display.clear();
    };
    rt.spawn(showing).map_err(|error| Failure::Spawn(error.kind))?;
    Ok(closed)
}
