//! How far the run is, and showing it.

use indicatif::{ProgressBar, ProgressStyle};
use klaw_std::journal::{Journal, JournalError, Seq};
use std::{
    collections::VecDeque,
    io::IsTerminal,
    sync::{
        Mutex, OnceLock, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// How far the run is. A file counts as done when no crash can take it back.
#[derive(Default)]
pub struct Progress {
    found: AtomicU64,
    all_found: AtomicBool,
    done: AtomicU64,
    bytes: AtomicU64,
    /// Journaled, not yet known to be durable: the last record, files, bytes.
    journaled: Mutex<VecDeque<(Seq, u64, u64)>>,
    failure: OnceLock<JournalError>,
}

impl Progress {
    pub fn found(&self, files: u64) {
        self.found.fetch_add(files, Relaxed);
    }

    pub fn all_found(&self) {
        self.all_found.store(true, Relaxed);
    }

    pub fn found_so_far(&self) -> u64 {
        self.found.load(Relaxed)
    }

    /// Files that needed no record: unchanged, or unreadable.
    pub fn skipped(&self, files: u64) {
        self.done.fetch_add(files, Relaxed);
    }

    pub fn journaled(&self, last: Seq, files: u64, bytes: u64) {
        let mut journaled = self.journaled.lock().unwrap_or_else(PoisonError::into_inner);
        journaled.push_back((last, files, bytes));
    }

    pub fn fail(&self, error: JournalError) {
        // The first failure is the one to be told.
        let _ = self.failure.set(error);
    }

    pub fn failure(&self) -> Option<&JournalError> {
        self.failure.get()
    }

    /// Takes note of what the journal says is durable.
    pub fn settle(&self, journal: &Journal) {
        let durable = journal.durable();
        let mut journaled = self.journaled.lock().unwrap_or_else(PoisonError::into_inner);
        while let Some((_, files, bytes)) = journaled.pop_front_if(|(last, ..)| *last <= durable) {
            self.done.fetch_add(files, Relaxed);
            self.bytes.fetch_add(bytes, Relaxed);
        }
    }

    pub fn done(&self) -> u64 {
        self.done.load(Relaxed)
    }
}

/// A bar on a terminal, plain lines elsewhere; both on standard error.
pub enum Display {
    Bar(ProgressBar),
    Lines { begun: Instant, next: Instant },
}

/// How often the display is brought up to date.
pub const TICK: Duration = Duration::from_millis(100);
const LINE_EVERY: Duration = Duration::from_secs(1);

impl Display {
    pub fn new() -> Self {
        if !std::io::stderr().is_terminal() {
            let begun = Instant::now();
            return Self::Lines { begun, next: begun + LINE_EVERY };
        }
        let template = "{elapsed_precise} [{bar:32}] {pos}/{len} files  {msg}  ETA {eta}";
        let style = ProgressStyle::with_template(template).expect("the template is well-formed");
        Self::Bar(ProgressBar::new(0).with_style(style.progress_chars("=> ")))
    }

    pub fn show(&mut self, progress: &Progress) {
        let (done, found) = (progress.done(), progress.found_so_far());
        let bytes = progress.bytes.load(Relaxed);
        match self {
            Self::Bar(bar) => {
                bar.set_length(found);
                bar.set_position(done);
                bar.set_message(rate(bytes, bar.elapsed()));
            }
            Self::Lines { begun, next } => {
                let now = Instant::now();
                if now < *next {
                    return;
                }
                *next = now + LINE_EVERY;
                let elapsed = now - *begun;
                let eta = match progress.all_found.load(Relaxed) {
                    true if done > 0 => {
                        let left = elapsed.as_secs_f64() * (found - done) as f64 / done as f64;
                        format!("ETA {left:.0} s")
                    }
                    _ => "still looking for files".into(),
                };
                eprintln!("{done} of {found} files, {}, {eta}", rate(bytes, elapsed));
            }
        }
    }

    pub fn clear(&self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

fn rate(bytes: u64, elapsed: Duration) -> String {
    format!("{:.1} MB/s", bytes as f64 / 1e6 / elapsed.as_secs_f64().max(1e-3))
}
