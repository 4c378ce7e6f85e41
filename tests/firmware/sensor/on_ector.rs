//! The same sensor with actors of ector's, for its size: ector has no supervision, so that is by hand.

#![no_std]
#![no_main]

mod board;
mod signal;

use board::Life;
use ector::{Actor, ActorAddress, ActorContext, DynamicAddress, Inbox};
use embassy_executor::Spawner;
use embassy_sync::{blocking_mutex::raw::CriticalSectionRawMutex, channel::Channel};
use embassy_time::{Duration, Instant};
use signal::{Average, Fault};

static SAMPLES: Channel<CriticalSectionRawMutex, u16, 8> = Channel::new();
// Their default mutex does nothing: one executor runs all of them.
static FILTER: ActorContext<Filter, Unlocked, 8> = ActorContext::new();
static REPORTER: ActorContext<Reporter, Unlocked, 4> = ActorContext::new();

type Unlocked = embassy_sync_of_ector::blocking_mutex::raw::NoopRawMutex;

/// Called by the timer's interrupt with each raw sample.
fn sampled(raw: u16) -> bool {
    SAMPLES.try_send(raw).is_ok()
}

/// Scales what was sampled.
#[embassy_executor::task]
async fn scale() {
    let filter = FILTER.dyn_address();
    loop {
        let raw = SAMPLES.receive().await;
        filter.notify(signal::scaled(raw)).await;
    }
}

struct Filter {
    reporter: DynamicAddress<u16>,
}

impl Filter {
    async fn until_it_fails(&mut self, inbox: &mut impl Inbox<u16>) -> Fault {
        let mut average = Average::new();
        loop {
            match average.push(inbox.next().await) {
                Ok(Some(average)) => self.reporter.notify(average).await,
                Ok(None) => {}
                Err(fault) => return fault,
            }
        }
    }
}

impl Actor for Filter {
    type Message = u16;

    async fn on_mount<M: Inbox<u16>>(&mut self, _: DynamicAddress<u16>, mut inbox: M) -> ! {
        const WINDOW: Duration = Duration::from_millis(signal::WINDOW_MS);
        let mut restarts = [None; signal::RESTARTS];
        loop {
            let _fault = self.until_it_fails(&mut inbox).await;
            let now = Instant::now();
            let old = |at: &Option<Instant>| at.is_none_or(|at| now - at >= WINDOW);
            let Some(free) = restarts.iter_mut().find(|at| old(at)) else { board::reset() };
            *free = Some(now);
            board::restarted();
        }
    }
}

struct Reporter;

impl Actor for Reporter {
    type Message = u16;

    async fn on_mount<M: Inbox<u16>>(&mut self, _: DynamicAddress<u16>, mut inbox: M) -> ! {
        loop {
            board::report(inbox.next().await);
        }
    }
}

// Not ector's own macro, which makes tasks of an older executor.
#[embassy_executor::task]
async fn filter() {
    FILTER.mount(Filter { reporter: REPORTER.dyn_address() }).await;
}

#[embassy_executor::task]
async fn report() {
    REPORTER.mount(Reporter).await;
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
