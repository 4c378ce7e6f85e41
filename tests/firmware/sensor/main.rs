//! A sensor: an interrupt samples, an actor filters, another one reports, and a supervisor restarts
//! what fails and resets the chip when it fails too often.

#![no_std]
#![no_main]

mod board;
mod signal;

use board::Life;
use core::{convert::Infallible, pin::pin, time::Duration};
use embassy_executor::Spawner;
use klaw_embassy::{
    Actor, ActorRef, Channel, Ctx, EmbassyClock, Event, Mailbox, Restart, Shutdown, Strategy,
    Supervisor, serve, supervise::Fixed, task,
};
use signal::{Average, Fault};

static SAMPLES: Channel<u16, 8> = Channel::new();
static FILTER: Mailbox<u16, 8> = Mailbox::new();
static REPORTER: Mailbox<u16, 4> = Mailbox::new();

/// Called by the timer's interrupt with each raw sample.
fn sampled(raw: u16) -> bool {
    SAMPLES.try_send(raw).is_ok()
}

/// Scales what was sampled.
async fn scale(filter: ActorRef<u16>) {
    while let Ok(raw) = SAMPLES.recv().await {
        if filter.tell(signal::scaled(raw)).await.is_err() {
            return;
        }
    }
}

struct Filter {
    average: Average,
    reporter: ActorRef<u16>,
}

impl Actor for Filter {
    type Msg = u16;
    type Error = Fault;

    async fn handle(&mut self, sample: u16, ctx: &mut Ctx<'_, u16>) -> Result<(), Fault> {
        if let Some(average) = self.average.push(sample)?
            && self.reporter.tell(average).await.is_err()
        {
            ctx.stop();
        }
        Ok(())
    }
}

struct Reporter;

impl Actor for Reporter {
    type Msg = u16;
    type Error = Infallible;

    async fn handle(&mut self, average: u16, _: &mut Ctx<'_, u16>) -> Result<(), Infallible> {
        board::report(average);
        Ok(())
    }
}

/// How the three are supervised: the chip is reset when they fail too often, so nothing is
/// drained, and there is nobody to read an error.
struct Supervision;

impl Fixed for Supervision {
    const STRATEGY: Strategy = Strategy::OneForOne;
    const SHUTDOWN: Shutdown = Shutdown::Kill;
    const ERRORS: bool = false;
}

#[embassy_executor::main]
async fn main(_spawner: Spawner) {
    let life = Life::begin();
    let tree = Supervisor::fixed::<Supervision>()
        .max_restarts(signal::RESTARTS)
        .restart_window(Duration::from_millis(signal::WINDOW_MS))
        .observe(|event| {
            if let Event::Restarting { .. } = event {
                board::restarted();
            }
        })
        .actor(&REPORTER.actor_ref(), Restart::Always, |me| serve(Reporter, me))
        .actor(&FILTER.actor_ref(), Restart::Always, |me| {
            serve(Filter { average: Average::new(), reporter: REPORTER.actor_ref() }, me)
        })
        .child("sampler", Restart::Always, || task(scale(FILTER.actor_ref())));
    life.sample();
    // It ends only by giving up: all of its children are restarted always.
    // In a place of its own until the reset: nothing of it is dropped before.
    let tree = pin!(tree.run(&EmbassyClock));
    let _gave_up = tree.await;
    board::reset()
}
