//! What an interrupt may do while tasks run: send, tell, cancel, and so wake.

use crate::{Checked, check};
use core::sync::atomic::{AtomicU32, Ordering};
use embassy_futures::join::join;
use klaw_embassy::{
    Actor, Cancel, Channel, Clock, Ctx, EmbassyClock, Exit, Mailbox, TrySendError, serve,
};
use klaw_firmware::timer;

/// Odd, so that it falls on every part of the receiver's work in turn.
const CYCLES: u32 = 1_237;
const ROUNDS: u32 = 2_000;

static NUMBERS: Channel<u32, 4> = Channel::new();
static SUM: Mailbox<u32, 4> = Mailbox::named("sum");
static STOP: Cancel = Cancel::new();

/// What the interrupt does now.
static WORK: AtomicU32 = AtomicU32::new(0);
const SEND: u32 = 1;
const TELL: u32 = 2;
const CANCEL: u32 = 3;

static NEXT: AtomicU32 = AtomicU32::new(0);
static FULL: AtomicU32 = AtomicU32::new(0);

/// Called by the timer's interrupt.
pub(crate) fn handle() {
    let next = NEXT.load(Ordering::Relaxed);
    let sent = match WORK.load(Ordering::Relaxed) {
        SEND => NUMBERS.try_send(next),
        TELL => SUM.actor_ref().try_tell(next),
        CANCEL => {
            STOP.token().cancel("by an interrupt");
            Ok(())
        }
        _ => Ok(()),
    };
    match sent {
        Ok(()) => NEXT.store(next + 1, Ordering::Relaxed),
        Err(TrySendError::Full(_)) => {
            FULL.store(FULL.load(Ordering::Relaxed) + 1, Ordering::Relaxed)
        }
        Err(TrySendError::Closed(_)) => timer::stop(),
    }
}

fn begin(work: u32) {
    NEXT.store(0, Ordering::Relaxed);
    FULL.store(0, Ordering::Relaxed);
    WORK.store(work, Ordering::Relaxed);
    timer::start(CYCLES);
}

/// Numbers come in order and none is lost, though the interrupt falls on any point of a receive.
pub(crate) async fn an_interrupt_sends_while_a_task_receives() -> Checked {
    begin(SEND);
    for n in 0..ROUNDS {
        check!(NUMBERS.recv().await == Ok(n));
        if n % 500 == 0 {
            // Long enough for the queue to fill up.
            EmbassyClock.sleep(core::time::Duration::from_millis(2)).await;
        }
    }
    timer::stop();
    check!(FULL.load(Ordering::Relaxed) > 0);
    check!(NEXT.load(Ordering::Relaxed) as usize == ROUNDS as usize + NUMBERS.len());
    Ok(())
}

#[derive(Default)]
struct Sum {
    next: u32,
}

impl Actor for Sum {
    type Msg = u32;
    type Error = &'static str;

    async fn handle(&mut self, n: u32, ctx: &mut Ctx<'_, u32>) -> Result<(), &'static str> {
        check!(n == self.next);
        self.next += 1;
        if n == ROUNDS {
            timer::stop();
            ctx.stop();
        }
        Ok(())
    }
}

pub(crate) async fn an_interrupt_tells_an_actor() -> Checked {
    begin(TELL);
    match serve(Sum::default(), SUM.actor_ref()).await {
        Exit::Normal => Ok(()),
        Exit::Failed(condition) => Err(condition),
        _ => Err("it ended otherwise"),
    }
}

pub(crate) async fn an_interrupt_cancels() -> Checked {
    let token = STOP.token();
    let waiting = join(token.cancelled(), token.cancelled());
    begin(CANCEL);
    let (one, two) = waiting.await;
    timer::stop();
    check!(one.reason == "by an interrupt" && one == two);
    Ok(())
}
