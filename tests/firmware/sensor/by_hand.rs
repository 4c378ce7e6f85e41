//! The same sensor without klaw: tasks of embassy's and channels of embassy-sync, for its size.

#![no_std]
#![no_main]

mod board;
mod signal;

use board::Life;
use embassy_executor::Spawner;
use embassy_sync::{blocking_mutex::raw::CriticalSectionRawMutex, channel::Channel};
use embassy_time::{Duration, Instant};
use signal::{Average, Fault};

static SAMPLES: Channel<CriticalSectionRawMutex, u16, 8> = Channel::new();
static FILTER: Channel<CriticalSectionRawMutex, u16, 8> = Channel::new();
static REPORTER: Channel<CriticalSectionRawMutex, u16, 4> = Channel::new();

/// Called by the timer's interrupt with each raw sample.
fn sampled(raw: u16) -> bool {
    SAMPLES.try_send(raw).is_ok()
}

/// Scales what was sampled.
#[embassy_executor::task]
async fn scale() {
    loop {
        let raw = SAMPLES.receive().await;
        FILTER.send(signal::scaled(raw)).await;
    }
}

async fn filter_until_it_fails() -> Fault {
    let mut average = Average::new();
    loop {
        match average.push(FILTER.receive().await) {
            Ok(Some(average)) => REPORTER.send(average).await,
            Ok(None) => {}
            Err(fault) => return fault,
        }
    }
}

#[embassy_executor::task]
async fn filter() {
    const WINDOW: Duration = Duration::from_millis(signal::WINDOW_MS);
    let mut restarts = [None; signal::RESTARTS];
    loop {
        let _fault = filter_until_it_fails().await;
        let now = Instant::now();
        let old = |at: &Option<Instant>| at.is_none_or(|at| now - at >= WINDOW);
        let Some(free) = restarts.iter_mut().find(|at| old(at)) else { board::reset() };
        *free = Some(now);
        board::restarted();
    }
}

#[embassy_executor::task]
async fn report() {
    loop {
        board::report(REPORTER.receive().await);
    }
}

#[embassy_executor::main]
async fn main(spawner: Spawner) {
    let life = Life::begin();
    if let (Ok(report), Ok(filter), Ok(scale)) = (report(), filter(), scale()) {
        spawner.spawn(report);
        spawner.spawn(filter);
        spawner.spawn(scale);
    }
    life.sample();
}
