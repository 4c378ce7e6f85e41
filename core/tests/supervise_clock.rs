//! How often a supervisor looks at its clock: only when what it decides takes a time.

#![cfg(feature = "std")]

mod by_hand;
mod virtual_clock;

use by_hand::ByHand;
use core::{cell::Cell, pin::pin, time::Duration};
use klaw::{Actor, Clock, Ctx, Instant, Restart, Strategy, Supervisor, mailbox_named, serve, task};
use std::rc::Rc;
use virtual_clock::{VirtualClock, VirtualSleep};

/// A clock that counts how often it is looked at.
#[derive(Clone)]
struct Counted {
    clock: VirtualClock,
    looks: Rc<Cell<usize>>,
}

impl Counted {
    fn new() -> Self {
        Self { clock: VirtualClock::new(), looks: Rc::default() }
    }

    /// Looks since this was asked last.
    fn looks(&self) -> usize {
        self.looks.take()
    }
}

impl Clock for Counted {
    type Sleep = VirtualSleep;

    fn now(&self) -> Instant {
        self.looks.set(self.looks.get() + 1);
        self.clock.now()
    }

    fn sleep_until(&self, deadline: Instant) -> VirtualSleep {
        self.clock.sleep_until(deadline)
    }
}

struct Adder(Rc<Cell<u32>>);

impl Actor for Adder {
    type Msg = Option<u32>;
    type Error = &'static str;

    async fn handle(
        &mut self,
        msg: Option<u32>,
        _: &mut Ctx<'_, Option<u32>>,
    ) -> Result<(), &'static str> {
        let number = msg.ok_or("told to fail")?;
        self.0.set(self.0.get() + number);
        Ok(())
    }
}

#[test]
fn messages_take_no_look_at_the_clock_and_starts_and_restarts_one() {
    let (clock, sum) = (Counted::new(), Rc::new(Cell::new(0)));
    let me = mailbox_named("adder", 8);
    let supervisor = Supervisor::new(Strategy::OneForOne).max_restarts(usize::MAX).actor(
        &me,
        Restart::OnFailure,
        |me| serve(Adder(sum.clone()), me),
    );
    let mut running = ByHand::parked(supervisor.run(&clock));
    assert_eq!((clock.looks(), me.incarnations()), (1, 1));
    for _ in 0..10 {
        me.try_tell(Some(1)).unwrap();
        assert!(running.poll().is_pending());
    }
    assert_eq!((clock.looks(), sum.get()), (0, 10));
    me.try_tell(None).unwrap();
    assert!(running.poll().is_pending());
    assert_eq!((clock.looks(), me.incarnations()), (1, 2));
    me.stop();
    assert!(running.poll().is_ready());
    assert_eq!(clock.looks(), 0);
}

/// A child that takes its time is not judged by the time before it did.
#[test]
fn what_a_child_takes_within_one_poll_counts() {
    let clock = VirtualClock::new();
    let slow = clock.clone();
    let mut supervisor = pin!(
        Supervisor::new(Strategy::OneForOne)
            .max_restarts(1)
            .restart_window(Duration::from_secs(5))
            .child("slow", Restart::Always, move || {
                let slow = slow.clone();
                task(async move { slow.advance(Duration::from_secs(6)) })
            })
            .run(&clock)
    );
    // Each failure is out of the window of the one before, so it goes on.
    let mut running = ByHand::parked(supervisor.as_mut());
    assert!(running.poll().is_pending());
    assert!(running.is_woken(), "others get their turn between many restarts");
}

/// What the machine has decided once is decided anew when its deadline has passed.
#[test]
fn a_deadline_is_kept_though_nothing_else_happens() {
    let clock = Counted::new();
    let stop = klaw::CancelToken::new();
    let supervisor = Supervisor::new(Strategy::OneForOne)
        .shutdown(klaw::Shutdown::Drain(Duration::from_secs(1)))
        .child("stuck", Restart::Always, || {
            task(core::future::pending::<()>()).stop_with(klaw::CancelToken::new())
        });
    let mut running = ByHand::parked(supervisor.run(&clock).until(stop.cancelled()));
    stop.cancel("enough");
    assert!(running.poll().is_pending());
    clock.looks();
    (0..10).for_each(|_| assert!(running.poll().is_pending()));
    assert_eq!(clock.looks(), 0);
    clock.clock.advance(Duration::from_secs(1));
    assert!(running.is_woken());
    assert!(running.poll().is_ready());
}
