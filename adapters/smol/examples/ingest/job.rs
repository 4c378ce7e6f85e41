//! The job: what goes into the pipeline, and the report on what comes out.

use crate::{
    aggregate::Sums,
    args::Args,
    chaos::Chaos,
    failure::Failure,
    pipeline::{self, Ended, Pipeline},
    report::{self, JournalFigures, Report, SlowFile, Totals},
    state::{self, State},
    table::Row,
    walk::Walk,
};
use async_signal::{Signal, Signals};
use futures_util::StreamExt;
use klaw_smol::{CancelToken, Runtime};
use klaw_std::{
    CpuPool, Machine,
    journal::{Entry, Journal, JournalError},
};
use std::{
    num::NonZeroUsize,
    path::Path,
    sync::{Arc, atomic::Ordering::Relaxed},
    time::Instant,
};

/// Runs the job.
pub fn run(args: Args) -> Result<Report, Failure> {
    let begun = Instant::now();
    let root: Arc<Path> =
        args.dir.canonicalize().map_err(|error| Failure::Root(args.dir.clone(), error))?.into();
    let mut walk =
        Walk::new(Arc::clone(&root)).map_err(|error| Failure::Root(args.dir.clone(), error))?;
    let folder = match args.state {
        Some(folder) => folder,
        None => state::default_folder(&root).map_err(Failure::State)?,
    };
    let folder = std::fs::create_dir_all(&folder)
        .and_then(|()| folder.canonicalize())
        .map_err(|error| Failure::Folder(folder, error))?;
    walk.pass_over(state::files(&folder));

    // The CPU pool does the work; the runtime only passes it on.
    let rt = Runtime::builder()
        .threads(NonZeroUsize::MIN)
        .name("ingest")
        .build()
        .map_err(Failure::System)?;
    let stop = CancelToken::new();
    rt.spawn(watch_signals(stop.clone())?)?;

    let State { journal, known, superseded, unnamed } =
        State::open(&folder, &root).map_err(Failure::State)?;
    let (journal, known) = (Arc::new(journal), Arc::new(known));
    let threads = Machine::detect().workers();
    let parts = Pipeline {
        walk,
        cpu: CpuPool::new(threads).map_err(Failure::Pool)?,
        workers: args.workers.unwrap_or(threads.saturating_add(threads.get())),
        root: Arc::clone(&root),
        known: Arc::clone(&known),
        journal: Arc::clone(&journal),
        unnamed,
        chaos: Chaos::new(args.chaos, args.seed),
        tree: args.tree,
        stop,
    };
    let Ended { mut sums, walked, interrupted, crashes } =
        rt.block_on(pipeline::run(&rt, parts))?;
    sums.fresh.sort();
    sums.problems.merge(walked.problems);

    let table_bytes = known.bytes() + sums.fresh.bytes();
    let (totals, extensions, digest) = report::add_up(report::files(&known, &sums));
    let records = (known.len() + superseded + sums.fresh.len()) as u64;
    let superseded =
        superseded + sums.fresh.rows().filter(|row| known.find(row.path).is_some()).count();
    // Everything is durable by now; housekeeping that fails does not take the report with it.
    let mut warnings = vec![];
    if !interrupted {
        let files = || report::files(&known, &sums);
        let compacted = rt.block_on(compact(&journal, &root, records, &totals, files));
        warnings.extend(compacted.err().map(|error| error.to_string()));
    }
    warnings.extend(rt.block_on(journal.close()).err().map(|error| error.to_string()));
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
        warnings,
        elapsed_ms: begun.elapsed().as_millis(),
        table_bytes: table_bytes as u64,
        peak_rss_bytes: peak_rss(),
    })
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
