//! An actor with a supervisor of its own behaves as one child of any other supervisor.

mod virtual_clock;

use core::{
    pin::Pin,
    task::{Context, Waker},
    time::Duration,
};
use klaw::{
    Actor, ActorRef, Clock, Ctx, Instant, Restart, Runtime, Spawn, SpawnError, Strategy,
    Supervisor, mailbox, mailbox_named, serve, supervise::RestartDelays,
};
use std::{
    cell::{Cell, RefCell},
    panic::resume_unwind,
    rc::Rc,
};
use virtual_clock::VirtualClock;

type Task = Pin<Box<dyn Future<Output = ()>>>;

/// Keeps the one task that is spawned.
#[derive(Clone, Default)]
struct One(Rc<RefCell<Option<Task>>>);

impl<F: Future<Output = ()> + 'static> Spawn<F> for One {
    fn spawn(&self, future: F) -> Result<(), SpawnError<F>> {
        assert!(self.0.borrow_mut().replace(Box::pin(future)).is_none());
        Ok(())
    }
}

impl One {
    /// Whether the task still runs after it was polled.
    fn poll(&self) -> bool {
        let Some(mut task) = self.0.borrow_mut().take() else { return false };
        let runs = task.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending();
        if runs {
            *self.0.borrow_mut() = Some(task);
        }
        runs
    }
}

/// How a start goes.
#[derive(Clone, Copy)]
enum Start {
    Well,
    Fails,
    Panics,
    Ends,
    IsNotMade,
}

#[derive(Clone, Copy)]
enum Msg {
    Nothing,
    Fail,
    Panic,
    End,
}

#[derive(Debug)]
#[allow(dead_code, reason = "printed")]
struct Failed(&'static str);

struct Scripted(Start);

impl Actor for Scripted {
    type Msg = Msg;
    type Error = Failed;

    async fn started(&mut self, ctx: &mut Ctx<'_, Msg>) -> Result<(), Failed> {
        match self.0 {
            Start::Well | Start::IsNotMade => Ok(()),
            Start::Fails => Err(Failed("started")),
            Start::Panics => resume_unwind(Box::new("started")),
            Start::Ends => {
                ctx.stop();
                Ok(())
            }
        }
    }

    async fn handle(&mut self, msg: Msg, ctx: &mut Ctx<'_, Msg>) -> Result<(), Failed> {
        match msg {
            Msg::Nothing => {}
            Msg::Fail => return Err(Failed("handle")),
            Msg::Panic => resume_unwind(Box::new("handle")),
            Msg::End => ctx.stop(),
        }
        Ok(())
    }
}

/// The same numbers for the same seed.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % sides
    }
}

fn starts(seed: u64) -> impl Fn(usize) -> Start {
    move |attempt| {
        let mut dice = Dice(seed ^ (attempt as u64) << 32 | 1);
        dice.below(2);
        match dice.below(12) {
            0 => Start::Fails,
            1 => Start::Panics,
            2 => Start::Ends,
            3 => Start::IsNotMade,
            _ => Start::Well,
        }
    }
}

/// Makes the incarnations that the seed says.
macro_rules! incarnations {
    ($seed:expr) => {{
        let (starts, mut attempt) = (starts($seed), 0);
        move |me| {
            let start = starts(attempt);
            attempt += 1;
            if matches!(start, Start::IsNotMade) {
                resume_unwind(Box::new("not made"));
            }
            serve(Scripted(start), me)
        }
    }};
}

/// One of the two, as the test sees it.
struct Seen {
    task: One,
    me: ActorRef<Msg>,
    clock: VirtualClock,
    log: Rc<RefCell<Vec<String>>>,
}

struct Settings {
    seed: u64,
    restart: Restart,
    max_restarts: usize,
    delayed: bool,
}

const NAME: &str = "scripted";
const WINDOW: Duration = Duration::from_secs(3);

fn delays() -> RestartDelays<std::vec::IntoIter<Duration>> {
    RestartDelays::new(vec![Duration::from_secs(1), Duration::from_secs(2)].into_iter())
}

impl Settings {
    fn alone(&self) -> Seen {
        let (task, clock, log) = (One::default(), VirtualClock::new(), Rc::default());
        let seen: Rc<RefCell<Vec<String>>> = Rc::clone(&log);
        let rt = Runtime::new(task.clone(), clock.clone());
        let builder = rt
            .spawn_actor(incarnations!(self.seed))
            .name(NAME)
            .capacity(64)
            .restart(self.restart)
            .max_restarts(self.max_restarts)
            .restart_window(WINDOW)
            .observe(move |event| seen.borrow_mut().push(format!("{event:?}")));
        let me = if self.delayed { builder.backoff(delays()).start() } else { builder.start() };
        Seen { task, me: me.unwrap(), clock, log }
    }

    fn among_others(&self) -> Seen {
        let (task, clock, log) = (One::default(), VirtualClock::new(), Rc::default());
        let seen: Rc<RefCell<Vec<String>>> = Rc::clone(&log);
        let me = mailbox_named(NAME, 64);
        let supervisor = Supervisor::new(Strategy::OneForOne)
            .max_restarts(self.max_restarts)
            .restart_window(WINDOW)
            .observe(move |event| seen.borrow_mut().push(format!("{event:?}")))
            .actor(&me, self.restart, incarnations!(self.seed));
        if self.delayed {
            let running = supervisor.backoff(delays()).run(&clock);
            task.spawn(async move {
                let _: Result<_, _> = running.await;
            })
            .ok()
            .unwrap();
        } else {
            let running = supervisor.run(&clock);
            task.spawn(async move {
                let _: Result<_, _> = running.await;
            })
            .ok()
            .unwrap();
        }
        Seen { task, me, clock, log }
    }
}

impl Seen {
    /// What happens, and what is to be seen after it.
    fn step(&self, what: usize) -> String {
        let told = match what {
            0 => self.me.try_tell(Msg::Nothing).is_ok(),
            1 | 2 => self.me.try_tell(Msg::Fail).is_ok(),
            3 => self.me.try_tell(Msg::Panic).is_ok(),
            4 => self.me.try_tell(Msg::End).is_ok(),
            5 => {
                self.me.kill();
                true
            }
            6 | 7 => {
                self.clock.advance(Duration::from_secs(1));
                true
            }
            8 => {
                self.clock.advance(WINDOW * 2);
                true
            }
            9 => {
                self.me.stop();
                true
            }
            10 => {
                self.me.stop_now();
                true
            }
            _ => true,
        };
        let runs = self.task.poll();
        let seen = (self.me.incarnations(), self.me.len(), self.me.is_closed());
        let (ended, timers) = (self.me.has_ended(), self.clock.timers());
        format!("{told} {runs} {seen:?} {ended} {timers} {:?}", self.log.borrow())
    }
}

trait HasEnded {
    fn has_ended(&self) -> bool;
}

impl HasEnded for ActorRef<Msg> {
    fn has_ended(&self) -> bool {
        let closed = core::pin::pin!(self.closed());
        closed.poll(&mut Context::from_waker(Waker::noop())).is_ready()
    }
}

#[test]
fn it_decides_and_tells_as_any_supervisor_of_one_child() {
    let (mut ended, mut restarted, mut gave_up) = (0, 0, 0);
    for seed in 0..2_000 {
        let mut dice = Dice(seed);
        dice.below(2);
        let restart = [Restart::Never, Restart::OnFailure, Restart::Always][dice.below(3)];
        let (max_restarts, delayed) = (dice.below(4), dice.below(2) == 0);
        let settings = Settings { seed, restart, max_restarts, delayed };
        let (one, other) = (settings.alone(), settings.among_others());
        for step in 0..24 {
            // It is stopped late, and seldom.
            let what = if step == 0 { 11 } else { dice.below(if step < 18 { 9 } else { 12 }) };
            assert_eq!(one.step(what), other.step(what), "seed {seed}, step {step}: {what}");
        }
        let log = one.log.borrow();
        ended += usize::from(log.iter().any(|event| event.starts_with("Ended")));
        restarted += usize::from(log.iter().any(|event| event.starts_with("Restarting")));
        gave_up += usize::from(log.iter().any(|event| event.starts_with("GaveUp")));
    }
    assert!(ended > 100 && restarted > 100 && gave_up > 100, "{ended} {restarted} {gave_up}");
}

#[test]
fn the_mailbox_is_closed_with_a_task_that_never_ran() {
    let settings = Settings { seed: 1, restart: Restart::Always, max_restarts: 1, delayed: false };
    let one = settings.alone();
    assert!(!one.me.is_closed());
    one.task.0.take();
    assert!(one.me.is_closed() && one.me.has_ended());
}

/// Notes whether the mailbox was open when it was dropped, and panics if told to.
struct Witness {
    me: ActorRef<Msg>,
    open: Rc<Cell<bool>>,
    panics: bool,
}

impl Drop for Witness {
    fn drop(&mut self) {
        self.open.set(!self.me.is_closed());
        if self.panics {
            resume_unwind(Box::new("a destructor"));
        }
    }
}

impl Actor for Witness {
    type Msg = Msg;
    type Error = Failed;

    async fn handle(&mut self, _: Msg, _: &mut Ctx<'_, Msg>) -> Result<(), Failed> {
        Ok(())
    }
}

#[test]
fn the_mailbox_of_a_dropped_task_is_closed_after_the_destructors_also_if_one_panics() {
    for panics in [false, true] {
        let (task, open) = (One::default(), Rc::new(Cell::new(false)));
        let rt = Runtime::new(task.clone(), VirtualClock::new());
        let seen = open.clone();
        let me = rt
            .spawn_actor(move |me: ActorRef<Msg>| {
                serve(Witness { me: me.clone(), open: seen.clone(), panics }, me)
            })
            .start()
            .unwrap();
        assert!(task.poll());
        let dropped = task.0.take();
        let unwound = std::panic::catch_unwind(core::panic::AssertUnwindSafe(|| drop(dropped)));
        assert_eq!(unwound.is_err(), panics);
        assert!(open.get() && me.is_closed() && me.has_ended());
    }
}

#[test]
fn an_incarnation_may_serve_another_mailbox_which_is_closed_at_the_end() {
    let task = One::default();
    let rt = Runtime::new(task.clone(), VirtualClock::new());
    let others: [ActorRef<Msg>; 2] = [mailbox(4), mailbox(4)];
    let mut next = others.clone().into_iter();
    let me = rt
        .spawn_actor(move |me: ActorRef<Msg>| {
            serve(Scripted(Start::Well), next.next().unwrap_or(me))
        })
        .restart(Restart::Always)
        .max_restarts(9)
        .start()
        .unwrap();
    assert!(task.poll());
    assert!(me.has_ended(), "nobody will serve it");
    assert!(!others[0].is_closed());
    others[0].try_tell(Msg::Fail).unwrap();
    assert!(task.poll());
    assert!(others[0].has_ended() && !others[1].is_closed());
    others[1].stop();
    assert!(!task.poll());
    assert!(others[1].has_ended());
}

#[test]
fn an_actor_that_fails_at_every_start_gives_others_their_turn() {
    let task = One::default();
    let rt = Runtime::new(task.clone(), VirtualClock::new());
    let me = rt
        .spawn_actor(|me: ActorRef<Msg>| serve(Scripted(Start::Well), me))
        .max_restarts(usize::MAX)
        .capacity(100)
        .start()
        .unwrap();
    (0..100).for_each(|_| me.try_tell(Msg::Fail).unwrap());
    assert!(task.poll());
    let first = me.incarnations();
    assert!((2..50).contains(&first), "{first} in one poll");
    assert!(task.poll());
    assert!(me.incarnations() > first, "it goes on");
}

/// Counts how often it is read.
#[derive(Clone)]
struct Read(Rc<Cell<usize>>, VirtualClock);

impl Clock for Read {
    type Sleep = virtual_clock::VirtualSleep;

    fn now(&self) -> Instant {
        self.0.set(self.0.get() + 1);
        self.1.now()
    }

    fn sleep_until(&self, deadline: Instant) -> Self::Sleep {
        self.1.sleep_until(deadline)
    }
}

#[test]
fn the_clock_is_read_only_for_restarts() {
    let (task, reads) = (One::default(), Rc::new(Cell::new(0)));
    let rt = Runtime::new(task.clone(), Read(reads.clone(), VirtualClock::new()));
    let start = || {
        let actor = rt.spawn_actor(|me: ActorRef<Msg>| serve(Scripted(Start::Well), me));
        actor.start().unwrap()
    };
    let me = start();
    me.try_tell(Msg::Nothing).unwrap();
    me.stop();
    assert!(!task.poll());
    assert_eq!(reads.get(), 0);
    let me = start();
    me.try_tell(Msg::Fail).unwrap();
    assert!(task.poll());
    assert!((1..=2).contains(&reads.get()), "{}", reads.get());
    me.stop();
    assert!(!task.poll());
}

/// A child that ran for longer than the window begins its delays anew, so when it began has to be known.
#[test]
fn how_long_an_incarnation_ran_counts_for_its_delays() {
    let clock = VirtualClock::new();
    let task = One::default();
    let rt = Runtime::new(task.clone(), clock.clone());
    clock.advance(WINDOW * 10); // its first incarnation does not begin with the clock
    let me = rt
        .spawn_actor(|me: ActorRef<Msg>| serve(Scripted(Start::Well), me))
        .restart_window(WINDOW)
        .max_restarts(9)
        .backoff(delays())
        .start()
        .unwrap();
    assert!(task.poll());
    me.try_tell(Msg::Fail).unwrap();
    assert!(task.poll(), "at once, and the first is none after a quiet time");
    me.try_tell(Msg::Fail).unwrap();
    assert!(task.poll());
    assert_eq!((clock.timers(), me.incarnations()), (1, 2));
    clock.advance(Duration::from_secs(1));
    assert!(task.poll());
    clock.advance(WINDOW * 2);
    me.try_tell(Msg::Fail).unwrap();
    assert!(task.poll(), "after a quiet time it begins anew");
    assert_eq!((clock.timers(), me.incarnations()), (0, 4));
}
