//! What users of other actor libraries complain of, as tests; each is named after its report.

#![cfg(feature = "std")]

mod by_hand;
mod counting;
mod executor;
mod probe;
mod virtual_clock;

use by_hand::ByHand;
use core::{future::pending, time::Duration};
use counting::allocations;
use executor::{Executor, Output};
use klaw::{
    Actor, ActorRef, AskError, Backoff, CancelToken, Ctx, Reply, Restart, Strategy, Supervisor,
    SupervisorError, mailbox, mailbox_named, serve,
    supervise::{Build, ChildSet, InPlace, Observer, RestartDelays, task},
};
use probe::{Log, Msg, Probe, tell};
use std::rc::Rc;
use virtual_clock::VirtualClock;

const SECOND: Duration = Duration::from_secs(1);
const SEEDS: u64 = if cfg!(miri) { 1 } else { 16 };

/// Where a supervisor and its actors run, in one order of tasks.
struct Stage {
    executor: Executor,
    clock: VirtualClock,
    log: Log,
}

impl Stage {
    fn new(seed: u64) -> Self {
        Self { executor: Executor::new(seed), clock: VirtualClock::new(), log: Log::default() }
    }

    /// Runs `supervisor` until nothing is left to do; cancelling the token stops it.
    fn run<Set, O>(
        &self,
        supervisor: Supervisor<Set, O>,
    ) -> (CancelToken, Output<Result<(), SupervisorError>>)
    where
        Set: Build<InPlace>,
        Set::Set: ChildSet + 'static,
        O: Observer + 'static,
    {
        let stop = CancelToken::new();
        let running = supervisor.run_with(InPlace, &self.clock).until(stop.cancelled());
        let result = self.executor.start(running);
        self.executor.run();
        (stop, result)
    }

    fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
        self.executor.run();
    }

    fn notes(&self, me: &ActorRef<Msg>) -> Option<Result<Vec<u32>, AskError>> {
        let me = me.clone();
        self.executor.settle(async move { me.ask(Msg::Notes).await })
    }
}

/// `probe!(stage, "a")`: makes incarnations of a probe that writes into the stage's log.
macro_rules! probe {
    ($stage:ident, $name:literal) => {{
        let log = $stage.log.clone();
        move |me| serve(Probe::new($name, &log), me)
    }};
}

/// Declares tests that run in many orders of tasks.
macro_rules! in_many_orders {
    ($($(#[$meta:meta])* fn $name:ident($stage:ident) $body:block)*) => {$(
        $(#[$meta])*
        #[test]
        fn $name() {
            for seed in 0..SEEDS {
                let $stage = Stage::new(seed);
                $body
            }
        }
    )*};
}

fn one_for_one() -> Supervisor {
    Supervisor::new(Strategy::OneForOne)
}

// Lost or stale state over a restart.

in_many_orders! {
    fn kameo_335_queued_messages_survive_a_restart(stage) {
        let me = mailbox_named("a", 8);
        for msg in [Msg::Note(1), Msg::Fail, Msg::Note(2), Msg::Panic, Msg::Note(3)] {
            tell(&me, msg);
        }
        stage.run(
            one_for_one().max_restarts(2).actor(&me, Restart::OnFailure, probe!(stage, "a")),
        );
        assert_eq!((stage.notes(&me), me.incarnations()), (Some(Ok(vec![3])), 3));
    }

    fn kameo_351_a_queued_question_is_answered_after_the_restart(stage) {
        let me = mailbox_named("a", 8);
        tell(&me, Msg::Fail);
        let mut queued = ByHand::parked(me.ask(Msg::Notes));
        stage.run(one_for_one().actor(&me, Restart::OnFailure, probe!(stage, "a")));
        assert_eq!(queued.ready(), Ok(vec![]));
        assert_eq!(me.incarnations(), 2);
    }

    fn kameo_364_who_waits_is_told_when_the_budget_is_spent(stage) {
        let me = mailbox_named("a", 2);
        tell(&me, Msg::Fail);
        let mut queued = ByHand::parked(me.ask(Msg::Notes));
        let mut outside = ByHand::parked(me.ask(Msg::Notes)); // waits for room
        let supervisor = one_for_one().max_restarts(0);
        let (_, result) =
            stage.run(supervisor.actor(&me, Restart::OnFailure, probe!(stage, "a")));
        assert!(result.take().unwrap().is_err());
        assert_eq!((queued.wakes(), queued.ready()), (1, Err(AskError::NoReply)));
        assert!(outside.ready().is_err());
        assert_eq!(stage.notes(&me), Some(Err(AskError::Closed)));
    }

    fn kameo_387_the_old_incarnation_has_ended_before_the_new_one_starts(stage) {
        let me = mailbox_named("a", 8);
        stage.run(one_for_one().actor(&me, Restart::OnFailure, probe!(stage, "a")));
        tell(&me, Msg::Fail);
        stage.executor.run();
        let expected =
            ["a up 0", "a stopped Failed(\"told to fail\")", "a gone", "a up 1"];
        assert_eq!(stage.log.take(), expected);
    }

    fn kameo_392_a_reference_from_before_the_restart_kills_what_runs_now(stage) {
        let me = mailbox_named("a", 8);
        let before = me.clone();
        let supervisor = one_for_one().max_restarts(2);
        stage.run(supervisor.actor(&me, Restart::OnFailure, probe!(stage, "a")));
        tell(&me, Msg::Fail);
        stage.executor.run();
        tell(&me, Msg::Hang);
        stage.executor.run();
        stage.log.take();
        before.kill();
        stage.executor.run();
        assert_eq!(stage.log.take(), ["a gone", "a up 2"]);
    }

    fn bastion_287_a_restarted_child_is_reached_as_before(stage) {
        let me = mailbox_named("a", 8);
        let before = me.clone();
        stage.run(one_for_one().actor(&me, Restart::OnFailure, probe!(stage, "a")));
        tell(&me, Msg::Panic);
        stage.executor.run();
        tell(&before, Msg::Note(1));
        assert_eq!((stage.notes(&before), before.incarnations()), (Some(Ok(vec![1])), 2));
    }
}

in_many_orders! {
    fn bastion_139_a_mailbox_is_kept_while_nobody_serves_it(stage) {
        let me = mailbox_named("a", 8);
        let supervisor = one_for_one().actor(&me, Restart::OnFailure, probe!(stage, "a"));
        stage.run(supervisor.backoff(RestartDelays::new(Backoff::constant(SECOND)).first_too()));
        [Msg::Panic, Msg::Note(1)].into_iter().for_each(|msg| tell(&me, msg));
        stage.executor.run();
        tell(&me, Msg::Note(2)); // there is no incarnation now
        assert_eq!((me.len(), me.incarnations()), (2, 1));
        stage.advance(SECOND);
        assert_eq!((stage.notes(&me), me.incarnations()), (Some(Ok(vec![1, 2])), 2));
    }
}

// Stops that skip cleanup.

in_many_orders! {
    fn ractor_226_children_of_a_stopped_supervisor_run_stopped(stage) {
        let (a, b) = (mailbox_named("a", 8), mailbox_named("b", 8));
        let children = one_for_one()
            .actor(&a, Restart::Always, probe!(stage, "a"))
            .actor(&b, Restart::Always, probe!(stage, "b"));
        let (stop, result) = stage.run(children);
        stage.log.take();
        stop.cancel("the test is over");
        stage.executor.run();
        assert_eq!(result.take(), Some(Ok(())));
        assert_eq!(stage.log.take(), ["b stopped Stopped", "b gone", "a stopped Stopped", "a gone"]);
    }

    fn ractor_398_children_of_a_nested_supervisor_run_stopped(stage) {
        let (log, clock) = (stage.log.clone(), stage.clock.clone());
        let nested = move || {
            let (stop, log) = (CancelToken::new(), log.clone());
            let inner = one_for_one().actor(&mailbox_named("a", 8), Restart::Always, move |me| {
                serve(Probe::new("a", &log), me)
            });
            task(inner.run(&clock).until(stop.cancelled())).stop_with(stop)
        };
        let (stop, result) = stage.run(one_for_one().child("inner", Restart::Always, nested));
        stop.cancel("the test is over");
        stage.executor.run();
        assert_eq!(result.take(), Some(Ok(())));
        assert_eq!(stage.log.take(), ["a up 0", "a stopped Stopped", "a gone"]);
    }

    fn ractor_107_a_stopped_child_does_not_stop_its_supervisor(stage) {
        let (a, b) = (mailbox_named("a", 8), mailbox_named("b", 8));
        let children = one_for_one()
            .actor(&a, Restart::Always, probe!(stage, "a"))
            .actor(&b, Restart::Always, probe!(stage, "b"));
        let (_, result) = stage.run(children);
        a.stop();
        tell(&b, Msg::Note(1));
        assert_eq!(stage.notes(&b), Some(Ok(vec![1])));
        assert!(!result.is_ready());
    }

    fn kameo_a_child_that_is_never_restarted_takes_nobody_down(stage) {
        let (a, b) = (mailbox_named("a", 8), mailbox_named("b", 8));
        let children = one_for_one()
            .actor(&a, Restart::Never, probe!(stage, "a"))
            .actor(&b, Restart::Always, probe!(stage, "b"));
        let (_, result) = stage.run(children);
        tell(&a, Msg::Panic);
        stage.executor.run();
        assert!(a.is_closed() && !b.is_closed() && !result.is_ready());
        assert_eq!((stage.notes(&b), b.incarnations()), (Some(Ok(vec![])), 1));
    }

    fn speare_a_question_to_an_actor_that_is_just_ending_does_not_hang(stage) {
        let me = mailbox_named("a", 8);
        let (stop, _) = stage.run(one_for_one().actor(&me, Restart::Always, probe!(stage, "a")));
        let asker = me.clone();
        let asked = stage.executor.start(async move { asker.ask(Msg::Notes).await });
        stage.executor.start(async move { stop.cancel("meanwhile") });
        stage.executor.run();
        // Whichever came first, there is an answer and the actor has ended.
        assert!(asked.is_ready() && me.is_closed());
        assert_eq!(stage.executor.tasks(), 0);
    }
}

// Panics.

in_many_orders! {
    fn actix_301_a_panic_leads_to_a_restart(stage) {
        let me = mailbox_named("a", 8);
        stage.run(one_for_one().actor(&me, Restart::OnFailure, probe!(stage, "a")));
        tell(&me, Msg::Panic);
        assert_eq!((stage.notes(&me), me.incarnations()), (Some(Ok(vec![])), 2));
    }

    fn speare_who_asked_is_told_of_a_panic_at_once(stage) {
        let me = mailbox_named("a", 8);
        stage.run(one_for_one().actor(&me, Restart::OnFailure, probe!(stage, "a")));
        let mut asked = ByHand::parked(me.ask(Msg::PanicAsked));
        stage.executor.run();
        assert_eq!(stage.clock.timers(), 0);
        assert_eq!((asked.wakes(), asked.ready()), (1, Err(AskError::NoReply)));
    }

    fn wavelength_1123_state_that_a_panic_left_behind_is_discarded(stage) {
        let me = mailbox_named("a", 8);
        stage.run(one_for_one().actor(&me, Restart::OnFailure, probe!(stage, "a")));
        [Msg::Note(1), Msg::Panic, Msg::Note(2)].into_iter().for_each(|msg| tell(&me, msg));
        assert_eq!(stage.notes(&me), Some(Ok(vec![2])));
    }

    fn acton_11_a_panic_is_reported(stage) {
        let me = mailbox_named("a", 8);
        let supervisor = one_for_one().observe(stage.log.observer());
        stage.run(supervisor.actor(&me, Restart::OnFailure, probe!(stage, "a")));
        tell(&me, Msg::Panic);
        stage.executor.run();
        let said = stage.log.take();
        let reports = said.iter().filter(|line| line.starts_with("Failed a"));
        assert_eq!(reports.count(), 1, "{said:?}");
        assert!(said.iter().any(|line| line.contains("told to panic")), "{said:?}");
    }
}

// Budgets and their windows.

in_many_orders! {
    fn erlang_1287_restarts_wait_longer_each_time(stage) {
        let me = mailbox_named("a", 8);
        let supervisor = one_for_one().max_restarts(9).actor(&me, Restart::Always, probe!(stage, "a"));
        stage.run(supervisor.backoff(RestartDelays::new(Backoff::exponential(SECOND))));
        (0..4).for_each(|_| tell(&me, Msg::Fail));
        stage.executor.run();
        // At once, then after one, two and four seconds.
        let after = [0, 1, 1, 1, 1, 1, 1, 1].map(|seconds| {
            stage.advance(SECOND * seconds);
            me.incarnations()
        });
        assert_eq!(after, [2, 3, 3, 4, 4, 4, 4, 5]);
    }

    fn goakt_1268_a_message_that_went_well_does_not_give_the_budget_back(stage) {
        let me = mailbox_named("a", 8);
        let supervisor = one_for_one().max_restarts(2).restart_window(SECOND);
        let (_, result) = stage.run(supervisor.actor(&me, Restart::Always, probe!(stage, "a")));
        for _ in 0..2 {
            tell(&me, Msg::Fail);
            assert_eq!(stage.notes(&me), Some(Ok(vec![])));
        }
        assert!(!result.is_ready());
        tell(&me, Msg::Fail);
        stage.executor.run();
        assert!(matches!(result.take(), Some(Err(SupervisorError::GaveUp(_)))) && me.is_closed());
    }

    fn kameo_crashes_that_are_far_enough_apart_go_on_for_ever(stage) {
        let me = mailbox_named("a", 8);
        let supervisor = one_for_one().max_restarts(2).restart_window(SECOND * 2);
        let (_, result) = stage.run(supervisor.actor(&me, Restart::Always, probe!(stage, "a")));
        for crash in 1..20 {
            tell(&me, Msg::Fail);
            stage.executor.run();
            assert_eq!((me.incarnations(), result.is_ready()), (crash + 1, false));
            stage.advance(SECOND * 3 / 2); // never quiet for as long as the window
        }
    }
}

// Groups.

in_many_orders! {
    fn kameo_a_group_stops_in_reverse_and_starts_in_order(stage) {
        let [a, b, c] = ["a", "b", "c"].map(|name| mailbox_named(name, 8));
        let children = Supervisor::new(Strategy::OneForAll)
            .actor(&a, Restart::Always, probe!(stage, "a"))
            .actor(&b, Restart::Always, probe!(stage, "b"))
            .actor(&c, Restart::Always, probe!(stage, "c"));
        stage.run(children);
        stage.log.take();
        tell(&b, Msg::Panic);
        stage.executor.run();
        let said = stage.log.take();
        let moves: Vec<_> = said.iter().filter(|line| !line.contains("stopped")).collect();
        assert_eq!(moves, ["b gone", "c gone", "a gone", "a up 1", "b up 1", "c up 1"]);
    }
}

// Queues.

/// Polled once, whatever came of it.
fn polled_once<F: Future>(future: F) -> ByHand<F> {
    let mut by_hand = ByHand::new(future);
    let _sent = by_hand.poll();
    by_hand
}

#[test]
fn ractor_84_a_mailbox_never_holds_more_than_its_bound() {
    let me = mailbox::<u32>(3);
    let waiting: Vec<_> = (0..100).map(|note| polled_once(me.tell(note))).collect();
    assert_eq!((me.len(), me.capacity()), (3, 3));
    drop(waiting);
    assert_eq!(me.len(), 3, "who waits for room is not in the queue");
}

#[test]
fn actor_ts_1148_control_needs_no_room_in_a_full_mailbox() {
    let (me, log) = (mailbox_named("a", 1), Log::default());
    let mut running = ByHand::parked(serve(Probe::new("a", &log), me.clone()));
    tell(&me, Msg::Hang);
    assert!(running.poll().is_pending());
    tell(&me, Msg::Note(1)); // full, behind a handler that never returns
    me.kill();
    assert!(running.is_woken());
    assert!(running.ready().is_failure());
    assert_eq!(log.take(), ["a up 0", "a gone"]);
}

#[test]
fn spawned_170_a_slow_actor_slows_its_senders() {
    let (me, log) = (mailbox_named("a", 2), Log::default());
    let mut running = ByHand::parked(serve(Probe::new("a", &log), me.clone()));
    (1..3).for_each(|note| tell(&me, Msg::Note(note)));
    let mut third = ByHand::parked(me.tell(Msg::Note(3)));
    assert_eq!((me.len(), third.is_woken()), (2, false));
    assert!(running.poll().is_pending());
    assert!(third.is_woken() && third.ready().is_ok());
}

// Handlers and boxes.

/// Lends its own state to what it waits for.
struct Lender {
    text: String,
    lent: Rc<core::cell::Cell<usize>>,
}

impl Actor for Lender {
    type Msg = char;
    type Error = &'static str;

    async fn handle(&mut self, letter: char, _: &mut Ctx<'_, char>) -> Result<(), &'static str> {
        let Self { text, lent } = self;
        if letter == '?' {
            let before: &mut String = text;
            before.push(letter);
            pending::<()>().await;
            before.clear();
        }
        text.push(letter);
        lent.set(text.len());
        Ok(())
    }
}

#[test]
fn actix_308_a_handler_borrows_its_actor_across_an_await() {
    let lent = Rc::default();
    let me = mailbox(4);
    let lender = Lender { text: String::new(), lent: Rc::clone(&lent) };
    let mut running = ByHand::parked(serve(lender, me.clone()));
    "ab?c".chars().for_each(|letter| me.try_tell(letter).unwrap());
    assert!(running.poll().is_pending());
    // It waits with its state lent out; what is behind has to wait too.
    assert_eq!((lent.get(), me.len()), (2, 1));
}

#[test]
fn ractor_205_no_message_and_no_handler_is_boxed() {
    let me = mailbox(4);
    let lender = Lender { text: String::with_capacity(1000), lent: Rc::default() };
    let mut running = core::pin::pin!(serve(lender, me.clone()));
    let mut turn = || {
        me.try_tell('a').unwrap();
        assert!(counting::poll(running.as_mut()).is_pending());
    };
    turn(); // the mailbox gets its memory
    assert_eq!(allocations(|| (0..100).for_each(|_| turn())), 0);
}

#[test]
fn ractor_343_what_makes_a_question_need_not_be_send() {
    let (me, log) = (mailbox_named("a", 4), Log::default());
    let mut running = ByHand::parked(serve(Probe::new("a", &log), me.clone()));
    let asked = Rc::new(());
    let here = Rc::clone(&asked);
    let mut asking = ByHand::parked(me.ask(move |reply: Reply<Vec<u32>>| {
        drop(here);
        Msg::Notes(reply)
    }));
    assert_eq!(Rc::strong_count(&asked), 1, "made when it is asked, not later");
    assert!(running.poll().is_pending());
    assert_eq!(asking.ready(), Ok(vec![]));
}
