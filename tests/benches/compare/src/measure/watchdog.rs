//! Nothing hangs in silence: what takes too long, or panics on any thread, ends the program and is
//! named.

use std::{
    panic, process,
    sync::Mutex,
    thread,
    time::{Duration, Instant},
};

/// What runs now, and until when it may.
static WATCHED: Mutex<Option<(String, Instant)>> = Mutex::new(None);

/// Often enough for a hang, rarely enough not to show in the processor time of an idle process.
const LOOK: Duration = Duration::from_millis(500);

pub fn start() {
    panic::set_hook(Box::new(|panicked| {
        eprintln!("BROKEN: {}: {panicked}", running());
        process::exit(101);
    }));
    thread::spawn(|| {
        loop {
            thread::sleep(LOOK);
            let late = matches!(&*lock(), Some((_, deadline)) if Instant::now() > *deadline);
            if late {
                println!("HANG: {}; leave it out with --skip NAME", running());
                process::exit(3);
            }
        }
    });
}

pub fn watch<R>(name: &str, timeout: Duration, run: impl FnOnce() -> R) -> R {
    *lock() = Some((name.to_owned(), Instant::now() + timeout));
    let result = run();
    *lock() = None;
    result
}

fn running() -> String {
    lock().as_ref().map_or_else(|| "the harness".into(), |(name, _)| name.clone())
}

fn lock() -> std::sync::MutexGuard<'static, Option<(String, Instant)>> {
    WATCHED.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
