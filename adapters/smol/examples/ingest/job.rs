//! The job: puts the parts together and runs them to the end, or to where they are stopped.

use crate::{
    aggregate::{Aggregator, Msg, Sums},
    args::Args,
    chaos::Chaos,
    problem::Problems,
    progress::{Display, Progress, TICK},
    report::{self, JournalFigures, Report, SlowFile, Totals},
    state::{self, State, StateError},
    table::{Row, Table},
    walk::Walk,
    work::{Batch, Job, Lease, work},
};
use async_signal::{Signal, Signals};
use futures_util::StreamExt;
use klaw_smol::{
    ActorRef, CancelToken, Clock, Event, Receiver, Restart, Runtime, Sender, Shutdown,
    SpawnErrorKind, Strategy, Supervisor, TreeError, bounded, serve, task,
};
use klaw_std::{
    CpuPool, JobError, Machine,
    cpu::BuildError,
    journal::{Entry, Journal, JournalError},
};
use std::{
    fmt, io,
    num::NonZeroUsize,
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, OnceLock, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// How many files go through the channel together: enough work for one hop to the CPU pool.
const BATCH: usize = 128;
/// How long everything may take to stop when asked to.
const GRACE: Duration = Duration::from_secs(5);
/// How often a file may crash its worker; more often when crashes are made on purpose.
const ATTEMPTS: u32 = 3;
const ATTEMPTS_IN_CHAOS: u32 = 32;

/// Why there is no report.
#[derive(Debug)]
pub enum Failure {
    Root(PathBuf, io::Error),
    State(StateError),
    Journal(JournalError),
    System(io::Error),
    Pool(BuildError),
    Spawn(SpawnErrorKind),
    /// The walker's or the aggregator's last words.
    Crashed(&'static str, String),
    GaveUp(TreeError, Option<String>),
    /// It did not stop within the time for that.
    Stuck,
}

/// What supervision has had to do.
#[derive(Default)]
struct Crashes {
    restarts: AtomicU64,
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

    fn last(&self) -> Option<String> {
        self.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

const WALKER: &str = "walker";

/// Runs the job.
pub fn run(args: Args) -> Result<Report, Failure> {
    let begun = Instant::now();
    let root: Arc<Path> =
        args.dir.canonicalize().map_err(|error| Failure::Root(args.dir.clone(), error))?.into();
    let folder = match args.state {
        Some(folder) => folder,
        None => state::default_folder(&root).map_err(Failure::State)?,
    };
    std::fs::create_dir_all(&folder).map_err(|error| Failure::Root(folder.clone(), error))?;
    let folder: Arc<Path> =
        folder.canonicalize().map_err(|error| Failure::Root(folder, error))?.into();
    let walk = Walk::new(Arc::clone(&root), Arc::clone(&folder))
        .map_err(|error| Failure::Root(root.to_path_buf(), error))?;
    let State { journal, known, superseded } =
        State::open(&folder, &root).map_err(Failure::State)?;
    let (journal, known) = (Arc::new(journal), Arc::new(known));

    let threads = Machine::detect().workers();
    let cpu = CpuPool::new(threads).map_err(Failure::Pool)?;
    let workers =
        args.workers.unwrap_or(threads.saturating_mul(const { NonZeroUsize::new(2).unwrap() }));
    // The CPU pool does the work; the runtime only passes it on.
    let rt = Runtime::builder()
        .threads(NonZeroUsize::MIN)
        .name("ingest")
        .build()
        .map_err(Failure::System)?;
    let stop = CancelToken::new();
    rt.spawn(watch_signals(stop.clone())?).map_err(|error| Failure::Spawn(error.kind))?;

    let ended = rt.block_on(run_pipeline(Pipeline {
        rt: &rt,
        walk,
        cpu,
        workers,
        root: Arc::clone(&root),
        known: Arc::clone(&known),
        journal: Arc::clone(&journal),
        chaos: Chaos::new(args.chaos, args.seed),
        stop,
    }));
    let Ended { mut sums, walked, interrupted, crashes } = ended?;
    sums.fresh.sort();
    sums.problems.merge(walked.problems);

    let table_bytes = known.bytes() + sums.fresh.bytes();
    let (totals, extensions, digest) = report::add_up(report::files(&known, &sums));
    let records = (known.len() + superseded + sums.fresh.len()) as u64;
    let superseded =
        superseded + sums.fresh.rows().filter(|row| known.find(row.path).is_some()).count();
    if !interrupted {
        rt.block_on(compact(&journal, &root, records, &totals, || report::files(&known, &sums)))
            .map_err(Failure::Journal)?;
    }
    rt.block_on(journal.close()).map_err(Failure::Journal)?;
    let stats = journal.stats();
    rt.shutdown();
    let Sums { fresh, confirmed, problems, slowest } = sums;
    Ok(Report {
        root: root.display().to_string(),
        state: folder.display().to_string(),
        interrupted,
        totals,
        digest,
        processed: fresh.len() as u64,
        resumed: confirmed.into_iter().filter(|&confirmed| confirmed).count() as u64,
        restarts: crashes.restarts.load(Relaxed),
        last_crash: crashes.last(),
        problem_count: problems.count,
        problems: problems.kept,
        caches_skipped: walked.caches,
        extensions,
        slowest: slowest
            .into_iter()
            .map(|slow| SlowFile {
                path: String::from_utf8_lossy(&slow.path).into(),
                micros: slow.time.as_micros(),
            })
            .collect(),
        journal: JournalFigures {
            records,
            superseded: superseded as u64,
            bytes_written: stats.bytes,
            syncs: stats.syncs,
        },
        elapsed_ms: begun.elapsed().as_millis(),
        table_bytes: table_bytes as u64,
        peak_rss_bytes: peak_rss(),
    })
}

struct Pipeline<'a> {
    rt: &'a Runtime,
    walk: Walk,
    cpu: CpuPool,
    workers: NonZeroUsize,
    root: Arc<Path>,
    known: Arc<Table>,
    journal: Arc<Journal>,
    chaos: Chaos,
    stop: CancelToken,
}

struct Ended {
    sums: Sums,
    walked: Walked,
    interrupted: bool,
    crashes: Arc<Crashes>,
}

#[derive(Default)]
struct Walked {
    problems: Problems,
    caches: u64,
}

async fn run_pipeline(parts: Pipeline<'_>) -> Result<Ended, Failure> {
    let Pipeline { rt, walk, cpu, workers, root, known, journal, chaos, stop } = parts;
    if known.len() == 0 {
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

    let (ended, interrupted) = match stop.run(tree.join()).await {
        Ok(ended) => (ended, false),
        Err(_) => match rt.timeout(GRACE, tree.stop()).await {
            Ok(ended) => (ended, true),
            Err(_) => return Err(Failure::Stuck),
        },
    };
    shown.cancel("the pipeline has ended");
    // It never sends; it closes when the display is cleared.
    let _ = display.recv().await;
    if let Some(error) = progress.failure() {
        return Err(Failure::Journal(error.clone()));
    }
    ended.map_err(|error| Failure::GaveUp(error, crashes.last()))?;
    if let Some(crash) = crashes.walker.get() {
        return Err(Failure::Crashed(WALKER, crash.clone()));
    }
    let sums = match rt.timeout(GRACE * 6, aggregator.ask(Msg::Finish)).await {
        Ok(Ok(sums)) => sums,
        Ok(Err(error)) => {
            return Err(progress.failure().map_or_else(
                || Failure::Crashed("aggregator", error.to_string()),
                |error| Failure::Journal(error.clone()),
            ));
        }
        Err(_) => return Err(Failure::Stuck),
    };
    aggregator.stop();
    aggregator.closed().await;
    let walked = std::mem::take(&mut *walked.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Ended { sums, walked, interrupted, crashes })
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
        progress.found(found.len() as u64);
        if found.is_empty() || batches.send(Batch::from(found)).await.is_err() {
            break;
        }
    }
    progress.all_found();
    *walked.lock().unwrap_or_else(PoisonError::into_inner) =
        Walked { problems: walk.problems, caches: walk.caches_skipped };
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

/// Asks everything to stop at the first Ctrl-C or termination signal, and exits at the second.
fn watch_signals(stop: CancelToken) -> Result<impl Future<Output = ()> + Send, Failure> {
    let mut signals = Signals::new([Signal::Int, Signal::Term]).map_err(Failure::System)?;
    Ok(async move {
        while let Some(Ok(_)) = signals.next().await {
            if !stop.cancel("interrupted") {
                std::process::exit(i32::from(crate::INTERRUPTED));
            }
        }
    })
}

/// Rewrites a journal that is mostly history, so that it does not grow from run to run.
async fn compact<'a, F: Iterator<Item = Row<'a>>>(
    journal: &Journal,
    root: &Path,
    records: u64,
    live: &Totals,
    files: impl Fn() -> F,
) -> Result<(), JournalError> {
    if records <= 4 * live.files + 10_000 {
        return Ok(());
    }
    let root = state::root_entry(root);
    let root = Entry {
        kind: root.kind,
        schema: root.schema,
        key: root.key,
        payload: root.payload.to_vec(),
    };
    let rows = files().map(|row| {
        let mut payload = vec![];
        state::encode(row, &mut payload);
        state::file_entry(row.path, payload)
    });
    journal.rewrite(std::iter::once(root).chain(rows)).await?;
    Ok(())
}

/// The most memory this process has had, where `/proc` tells.
fn peak_rss() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root(path, error) => write!(f, "{}: {error}", path.display()),
            Self::State(error) => error.fmt(f),
            Self::Journal(error) => {
                write!(f, "{error}\nwhat was shown as done is safe; run the same again to go on")
            }
            Self::System(error) => write!(f, "the system refused: {error}"),
            Self::Pool(error) => error.fmt(f),
            Self::Spawn(error) => error.fmt(f),
            Self::Crashed(who, error) => write!(f, "the {who} crashed: {error}"),
            Self::GaveUp(error, last) => {
                write!(f, "gave up: {error}")?;
                last.iter().try_for_each(|last| write!(f, "; the last crash was {last}"))
            }
            Self::Stuck => write!(f, "not everything stopped within {} s", GRACE.as_secs()),
        }
    }
}
