//! The combinators of results, by the numbers of their rules; under a virtual clock.

#![cfg(feature = "std")]

mod block_on;
mod by_hand;
mod counting;
mod virtual_clock;

use block_on::block_on;
use by_hand::{ByHand, now};
use core::{
    cell::{Cell, RefCell},
    error::Error,
    fmt,
    future::{pending, poll_fn, ready},
    num::NonZeroUsize,
    pin::pin,
    task::{Context, Poll, Waker},
    time::Duration,
};
use counting::allocations;
use klaw::{
    CancelToken, Cancelled, Clock, Instant,
    cancel::TimeoutError,
    combine::{
        AllFailed, AsyncResult, collect, filter_ok, first_ok, limit, partition, race_ok,
        try_collect,
    },
    retry::{Backoff, retry},
};
use proptest::prelude::*;
use std::rc::Rc;
use virtual_clock::{VirtualClock, VirtualSleep};

const MS: Duration = Duration::from_millis(1);

/// What one future does: how long it takes, and what it gives.
type Plan = (u32, Result<u32, u32>);

/// Makes futures after plans, and counts those that are alive.
#[derive(Clone)]
struct Lab {
    clock: VirtualClock,
    alive: Rc<Cell<usize>>,
    most: Rc<Cell<usize>>,
    polled: Rc<RefCell<Vec<u32>>>,
}

struct Alive(Rc<Cell<usize>>);

impl Drop for Alive {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl Lab {
    fn new() -> Self {
        let clock = VirtualClock::new();
        Self { clock, alive: Rc::default(), most: Rc::default(), polled: Rc::default() }
    }

    fn future(&self, (time, result): Plan) -> impl Future<Output = Result<u32, u32>> + use<> {
        self.alive.set(self.alive.get() + 1);
        self.most.set(self.most.get().max(self.alive.get()));
        let (alive, lab) = (Alive(self.alive.clone()), self.clone());
        let mut sleep: Option<VirtualSleep> = None;
        poll_fn(move |cx| {
            let _alive = &alive;
            lab.polled.borrow_mut().push(result.unwrap_or_else(|error| error));
            // Its time begins with its first poll.
            let sleep = sleep.get_or_insert_with(|| lab.clock.sleep(MS * time));
            pin!(sleep).poll(cx).map(|()| result)
        })
    }

    fn now(&self) -> u32 {
        self.clock.now().saturating_since(Instant::EPOCH).as_millis() as u32
    }

    /// The output, and when it came; nothing is left alive by then, though the future still is.
    fn finish<F: Future>(&self, future: F) -> (F::Output, u32) {
        let began = self.now();
        let mut future = ByHand::new(future);
        loop {
            if let Poll::Ready(output) = future.poll() {
                assert_eq!((self.alive.get(), self.clock.timers()), (0, 0), "losers are left");
                return (output, self.now() - began);
            }
            assert!(self.clock.timers() > 0, "it waits for nothing");
            self.clock.advance(MS);
        }
    }

    fn vec(&self, plans: &[Plan]) -> Vec<impl Future<Output = Result<u32, u32>> + use<>> {
        plans.iter().map(|&plan| self.future(plan)).collect()
    }

    fn array<const N: usize>(
        &self,
        plans: &[Plan],
    ) -> [impl Future<Output = Result<u32, u32>> + use<N>; N] {
        core::array::from_fn(|at| self.future(plans[at]))
    }
}

macro_rules! tuple {
    ($lab:expr, $plans:expr) => {{
        let [a, b, c, d] = [0, 1, 2, 3].map(|at| $lab.future($plans[at]));
        (a, b, c, d)
    }};
}

/// Plans whose results are numbers by input order.
fn plans(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<Plan>> {
    prop::collection::vec((0..4_u32, any::<bool>()), count).prop_map(|plans| {
        let plans = plans.into_iter().zip(0..);
        plans.map(|((time, ok), at)| (time, if ok { Ok(at) } else { Err(at) })).collect()
    })
}

fn values(plans: &[Plan]) -> Vec<u32> {
    plans.iter().filter_map(|plan| plan.1.ok()).collect()
}

fn errors(plans: &[Plan]) -> Vec<u32> {
    plans.iter().filter_map(|plan| plan.1.err()).collect()
}

fn longest(plans: &[Plan]) -> u32 {
    plans.iter().map(|plan| plan.0).max().unwrap_or(0)
}

/// The time of the first that ends so, if any does.
fn earliest(plans: &[Plan], ok: bool) -> Option<u32> {
    plans.iter().filter(|plan| plan.1.is_ok() == ok).map(|plan| plan.0).min()
}

/// Whether `at` is one of those that end so at `time`.
fn is_one_of(plans: &[Plan], at: u32, ok: bool, time: u32) -> bool {
    plans[at as usize] == (time, if ok { Ok(at) } else { Err(at) })
}

fn expected_collect(plans: &[Plan]) -> Result<Vec<u32>, u32> {
    errors(plans).first().map_or_else(|| Ok(values(plans)), |&error| Err(error))
}

/// What `try_collect` and, with the roles changed, `race_ok` may give, and when.
fn check_first(
    plans: &[Plan],
    first: bool,
    (result, time): (Result<u32, Vec<u32>>, u32),
) -> Result<(), TestCaseError> {
    match (earliest(plans, first), result) {
        (Some(earliest), Ok(at)) => {
            prop_assert_eq!(time, earliest);
            prop_assert!(is_one_of(plans, at, first, time));
        }
        (None, Err(all)) => {
            prop_assert_eq!(all, (0..plans.len() as u32).collect::<Vec<_>>());
            prop_assert_eq!(time, longest(plans));
        }
        (expected, result) => prop_assert!(false, "{expected:?}, {result:?}"),
    }
    Ok(())
}

fn swapped<T, E>(result: Result<T, E>) -> Result<E, T> {
    match result {
        Ok(value) => Err(value),
        Err(error) => Ok(error),
    }
}

proptest! {
    #[test]
    fn i1_collect_runs_all_and_gives_the_first_error_by_input_order(plans in plans(0..12)) {
        let lab = Lab::new();
        let expected = (expected_collect(&plans), longest(&plans));
        prop_assert_eq!(lab.finish(collect(lab.vec(&plans))), expected);
    }

    #[test]
    fn i1_collect_of_arrays_and_tuples_is_the_same(plans in plans(4)) {
        let lab = Lab::new();
        let expected = (expected_collect(&plans), longest(&plans));
        let (array, time) = lab.finish(collect(lab.array::<4>(&plans)));
        prop_assert_eq!(&(array.map(Vec::from), time), &expected);
        let (tuple, time) = lab.finish(collect(tuple!(lab, plans)));
        prop_assert_eq!((tuple.map(|(a, b, c, d)| vec![a, b, c, d]), time), expected);
    }

    #[test]
    fn i1_try_collect_fails_at_once(plans in plans(4)) {
        let lab = Lab::new();
        let (vec, time) = lab.finish(try_collect(lab.vec(&plans)));
        check_first(&plans, false, (swapped(vec), time))?;
        let (array, time) = lab.finish(try_collect(lab.array::<4>(&plans)));
        check_first(&plans, false, (swapped(array.map(Vec::from)), time))?;
        let (tuple, time) = lab.finish(try_collect(tuple!(lab, plans)));
        let tuple = tuple.map(|(a, b, c, d)| vec![a, b, c, d]);
        check_first(&plans, false, (swapped(tuple), time))?;
    }

    #[test]
    fn i4_race_ok_drops_the_losers_before_it_returns(plans in plans(4)) {
        let lab = Lab::new();
        let (vec, time) = lab.finish(race_ok(lab.vec(&plans)));
        check_first(&plans, true, (vec.map_err(|failed| failed.errors), time))?;
        let (array, time) = lab.finish(race_ok(lab.array::<4>(&plans)));
        check_first(&plans, true, (array.map_err(|failed| failed.errors.into()), time))?;
        let (tuple, time) = lab.finish(race_ok(tuple!(lab, plans)));
        check_first(&plans, true, (tuple.map_err(|failed| failed.errors.into()), time))?;
    }

    #[test]
    fn i3_first_ok_never_polls_the_later_ones(plans in plans(4)) {
        let lab = Lab::new();
        let before = plans.iter().position(|plan| plan.1.is_ok()).map_or(4, |at| at + 1);
        let expected = values(&plans).first().copied().ok_or_else(|| errors(&plans));
        let expected = (expected, plans[..before].iter().map(|plan| plan.0).sum::<u32>());

        let (vec, time) = lab.finish(first_ok(lab.vec(&plans)));
        prop_assert_eq!(&(vec.map_err(|failed| failed.errors), time), &expected);
        let (array, time) = lab.finish(first_ok(lab.array::<4>(&plans)));
        prop_assert_eq!(&(array.map_err(|failed| failed.errors.into()), time), &expected);
        let (tuple, time) = lab.finish(first_ok(tuple!(lab, plans)));
        prop_assert_eq!(&(tuple.map_err(|failed| failed.errors.into()), time), &expected);
        prop_assert!(lab.polled.borrow().iter().all(|&at| (at as usize) < before));
    }

    #[test]
    fn i5_partition_and_filter_ok_keep_input_order(plans in plans(4)) {
        let lab = Lab::new();
        let both = ((values(&plans), errors(&plans)), longest(&plans));
        prop_assert_eq!(&lab.finish(partition(lab.vec(&plans))), &both);
        prop_assert_eq!(&lab.finish(partition(lab.array::<4>(&plans))), &both);
        prop_assert_eq!(&lab.finish(partition(tuple!(lab, plans))), &both);
        let ok = (values(&plans), longest(&plans));
        prop_assert_eq!(&lab.finish(filter_ok(lab.vec(&plans))), &ok);
        prop_assert_eq!(&lab.finish(filter_ok(lab.array::<4>(&plans))), &ok);
        prop_assert_eq!(&lab.finish(filter_ok(tuple!(lab, plans))), &ok);
    }

    #[test]
    fn i5_a_limit_changes_the_time_not_the_result(plans in plans(0..12), width in 1..6_usize) {
        let lab = Lab::new();
        let at_once = limit(NonZeroUsize::new(width).unwrap());
        let made = || plans.iter().map(|&plan| lab.future(plan));
        let end = schedule(&plans, width).into_iter().max().unwrap_or(0);

        prop_assert_eq!(lab.finish(at_once.collect(made())), (expected_collect(&plans), end));
        let both = ((values(&plans), errors(&plans)), end);
        prop_assert_eq!(lab.finish(at_once.partition(made())), both);
        prop_assert_eq!(lab.finish(at_once.filter_ok(made())), (values(&plans), end));
        prop_assert_eq!(lab.most.get(), width.min(plans.len()), "as many at a time");
    }

    #[test]
    fn i4_a_limited_race_drops_the_losers_and_makes_no_more(
        plans in plans(0..12),
        width in 1..6_usize,
    ) {
        let lab = Lab::new();
        let at_once = limit(NonZeroUsize::new(width).unwrap());
        let made = Cell::new(0);
        let source = || plans.iter().map(|&plan| {
            made.set(made.get() + 1);
            lab.future(plan)
        });
        let ends = schedule(&plans, width);
        // The same plans, by the time of their ends.
        let timed: Vec<Plan> = plans.iter().zip(&ends).map(|(plan, &end)| (end, plan.1)).collect();

        let (raced, time) = lab.finish(at_once.race_ok(source()));
        check_first(&timed, true, (raced.map_err(|failed| failed.errors), time))?;
        let begun = |time: u32| {
            ends.iter().zip(&plans).filter(|&(end, plan)| end - plan.0 <= time).count()
        };
        prop_assert!(made.take() <= begun(time));
        let (collected, time) = lab.finish(at_once.try_collect(source()));
        check_first(&timed, false, (swapped(collected), time))?;
        prop_assert!(made.take() <= begun(time));
        prop_assert!(lab.most.get() <= width);
    }
}

/// When each ends if `width` run at a time, begun in input order.
fn schedule(plans: &[Plan], width: usize) -> Vec<u32> {
    let mut free = vec![0; width];
    let ends = plans.iter().map(|plan| {
        let place = free.iter_mut().min().unwrap();
        *place += plan.0;
        *place
    });
    ends.collect()
}

#[test]
fn i2_nothing_is_ok_and_a_race_of_nobody_is_lost() {
    type Never = core::future::Pending<Result<u32, u32>>;
    let none = || -> [Never; 0] { [] };
    assert_eq!(now(collect(none())), Some(Ok([])));
    assert_eq!(now(try_collect(none())), Some(Ok([])));
    assert_eq!(now(race_ok(none())), Some(Err(AllFailed { errors: [] })));
    assert_eq!(now(first_ok(none())), Some(Err(AllFailed { errors: [] })));
    assert_eq!(now(partition(none())), Some((vec![], vec![])));
    assert_eq!(now(filter_ok(none())), Some(Vec::new()));
    assert_eq!(now(collect(Vec::<Never>::new())), Some(Ok(vec![])));
    let one = limit(NonZeroUsize::MIN);
    assert_eq!(now(one.collect(none())), Some(Ok(vec![])));
    assert_eq!(now(one.race_ok(none())), Some(Err(AllFailed { errors: vec![] })));
}

#[test]
fn i4_an_error_names_every_future() {
    #[derive(Debug)]
    struct Failure(&'static str);
    impl fmt::Display for Failure {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.0)
        }
    }
    impl Error for Failure {}
    let fail = |text| ready(Err::<(), _>(Failure(text)));
    let failed = now(race_ok((fail("no route"), fail("refused")))).unwrap().unwrap_err();
    assert_eq!(failed.to_string(), "none of 2 succeeded: [0] no route; [1] refused");
    assert_eq!(failed.source().unwrap().to_string(), "no route");
    let failed = now(first_ok(vec![fail("gone")])).unwrap().unwrap_err();
    assert_eq!(failed.to_string(), "none of 1 succeeded: [0] gone");
}

#[test]
fn i4_results_that_nobody_gets_are_dropped_before_it_returns() {
    let alive = Rc::new(Cell::new(0));
    let result = |ok: bool| {
        alive.set(alive.get() + 1);
        let value = Alive(alive.clone());
        ready(if ok { Ok(value) } else { Err(value) })
    };
    // What is given is alive; the futures that gave the rest are still there, but nothing else is.
    let mut late = ByHand::new(collect([result(true), result(false), result(false)]));
    let _error = late.ready().err().unwrap();
    assert_eq!(alive.get(), 1);
    let mut fast = ByHand::new(try_collect((result(true), result(false), result(true))));
    let _error = fast.ready().err().unwrap();
    assert_eq!(alive.get(), 2);
    let mut race = ByHand::new(race_ok(vec![result(false), result(true), result(false)]));
    let _value = race.ready().ok().unwrap();
    assert_eq!(alive.get(), 3);
    let mut first = ByHand::new(first_ok([result(false), result(true), result(false)]));
    let _value = first.ready().ok().unwrap();
    assert_eq!(alive.get(), 4);
}

#[test]
fn i4_dropping_it_half_done_drops_everything_once() {
    let lab = Lab::new();
    let plans = [(0, Err(0)), (5, Ok(1)), (0, Ok(2)), (5, Err(3))];
    for width in [1, 2, 4] {
        let mut limited = ByHand::parked({
            let futures: Vec<_> = lab.vec(&plans);
            limit(NonZeroUsize::new(width).unwrap()).collect(futures)
        });
        assert!(limited.poll().is_pending());
        drop(limited);
        assert_eq!((lab.alive.get(), lab.clock.timers()), (0, 0));
    }
    drop(ByHand::parked(collect(lab.vec(&plans))));
    drop(ByHand::parked(race_ok(lab.array::<2>(&plans))));
    drop(ByHand::parked(try_collect(tuple!(lab, [(0, Ok(0)), plans[1], plans[2], plans[3]]))));
    assert_eq!((lab.alive.get(), lab.clock.timers()), (0, 0));
}

#[test]
fn i6_memory_is_taken_for_the_width_only() {
    let four = limit(NonZeroUsize::new(4).unwrap());
    let run = |count: u32| {
        allocations(|| {
            let futures = (0..count).map(|n| async move { Err::<u32, _>(n) });
            let mut run = pin!(four.filter_ok(futures));
            let polled = run.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(polled, Poll::Ready(vec![]));
        })
    };
    // A box for each place, and the vector of them.
    assert_eq!(run(4), 5);
    assert_eq!(run(1_000), 5);
}

#[test]
fn i6_arrays_and_tuples_allocate_nothing() {
    let polled = |run: &mut dyn FnMut(&mut Context<'_>)| {
        allocations(|| run(&mut Context::from_waker(Waker::noop())))
    };
    let count = polled(&mut |cx| {
        let array = pin!(collect([1, 2].map(async |n| Ok::<_, ()>(n)))).poll(cx);
        assert_eq!(array, Poll::Ready(Ok([1, 2])));
        let tuple = pin!(race_ok((pending(), async { Ok::<_, ()>(3) }))).poll(cx);
        assert_eq!(tuple, Poll::Ready(Ok(3)));
        let first = pin!(first_ok([Err(1), Ok(2)].map(ready))).poll(cx);
        assert_eq!(first, Poll::Ready(Ok(2)));
        type Some4 = heapless::Vec<u8, 4>;
        let split = pin!(partition([Err(1), Ok(2)].map(ready))).poll(cx);
        let split: Poll<(Some4, Some4)> = split;
        assert_eq!(split, Poll::Ready((Some4::from_array([2]), Some4::from_array([1]))));
    });
    assert_eq!(count, 0);
}

#[test]
fn each_poll_begins_at_another_future() {
    let order = RefCell::new(vec![]);
    let futures = [0, 1, 2].map(|at| {
        let order = &order;
        poll_fn(move |_| -> Poll<Result<(), ()>> {
            order.borrow_mut().push(at);
            Poll::Pending
        })
    });
    let mut run = ByHand::new(collect(futures));
    for expected in [[0, 1, 2], [1, 2, 0], [2, 0, 1], [0, 1, 2]] {
        assert!(run.poll().is_pending());
        assert_eq!(order.take(), expected);
    }
}

#[test]
fn k3_they_are_polled_with_the_tasks_own_waker() {
    let child = || poll_fn(|cx| Poll::Ready(Ok::<_, ()>(cx.waker().will_wake(Waker::noop()))));
    let cx = &mut Context::from_waker(Waker::noop());
    assert_eq!(pin!(collect((child(), child()))).poll(cx), Poll::Ready(Ok((true, true))));
    assert_eq!(pin!(race_ok(vec![child()])).poll(cx), Poll::Ready(Ok(true)));
    let limited = limit(NonZeroUsize::MIN).collect([child()]);
    assert_eq!(pin!(limited).poll(cx), Poll::Ready(Ok(vec![true])));
}

fn cancelled() -> Cancelled {
    let token = CancelToken::new();
    token.cancel("shutdown");
    token.checkpoint().unwrap_err()
}

#[test]
fn s20_or_else_passes_cancelled_on() {
    let asked = Cell::new(0);
    let instead = |_| {
        asked.set(asked.get() + 1);
        ready(Ok(7))
    };
    let stop = cancelled();
    let stopped = ready(Err::<u8, _>(stop));
    assert_eq!(now(stopped.or_else(instead)), Some(Err(stop)));
    assert_eq!(asked.get(), 0);
    let elapsed = ready(Err::<u8, _>(klaw::Elapsed));
    assert_eq!(now(elapsed.or_else(|_| ready(Ok(7)))), Some(Ok(7)));
}

#[test]
fn s20_a_lost_race_that_was_cancelled_is_not_run_again() {
    let clock = VirtualClock::new();
    let race = || {
        let other = ready(Err::<(), _>(TimeoutError::Elapsed));
        race_ok((other, ready(Err(TimeoutError::Failed(cancelled())))))
    };
    let failed = now(retry(Backoff::constant(MS)).run(&clock, race)).expect("nobody waits");
    assert_eq!(failed.unwrap_err().attempts.get(), 1);
}

#[test]
fn a_future_of_a_result_has_what_a_result_has() {
    let (ok, err) = (|| ready(Ok::<_, &str>(20)), || ready(Err::<u32, _>("no")));
    assert_eq!(now(ok().map_ok(|n| n + 1)), Some(Ok(21)));
    assert_eq!(now(err().map_ok(|n| n + 1)), Some(Err("no")));
    assert_eq!(now(ok().map_err(str::len)), Some(Ok(20)));
    assert_eq!(now(err().map_err(str::len)), Some(Err(2)));
    assert_eq!(now(ok().and_then(|n| ready(Ok(n * 2)))), Some(Ok(40)));
    assert_eq!(now(ok().and_then(|_| ready(Err::<(), _>("later")))), Some(Err("later")));
    assert_eq!(
        now(err().and_then(async |_| -> Result<(), _> { panic!("polled") })),
        Some(Err("no"))
    );
}

#[test]
fn a_future_of_a_result_may_be_given_a_limit() {
    let lab = Lab::new();
    let limited = |plan| lab.finish(lab.future(plan).timeout(&lab.clock, MS * 3));
    assert_eq!(limited((2, Ok(1))), (Ok(1), 2));
    assert_eq!(limited((2, Err(1))), (Err(TimeoutError::Failed(1)), 2));
    assert_eq!(limited((4, Ok(1))), (Err(TimeoutError::Elapsed), 3));
}

#[test]
fn what_is_made_of_futures_that_may_be_sent_may_be_sent() {
    fn sent<T: Send>(future: T) -> T {
        future
    }
    fn generic<F: Future<Output = Result<u8, u8>> + Send>(future: F) -> Option<Result<u8, u8>> {
        now(sent(future.map_ok(|n| n + 1).map_err(|n| n)))
    }
    assert_eq!(generic(ready(Ok(1))), Some(Ok(2)));
    let limited = limit(NonZeroUsize::MIN).collect([ready(Ok::<_, ()>(1))]);
    assert_eq!(now(sent(limited)), Some(Ok(vec![1])));
    assert_eq!(now(sent(race_ok((ready(Ok::<_, ()>(1)), pending())))), Some(Ok(1)));
}

/// For Miri: polling one future leaves the references that another holds into itself intact.
#[test]
fn what_is_combined_may_refer_to_itself() {
    async fn counting(rounds: u32, ok: bool) -> Result<u32, u32> {
        let mut sum = 0;
        let into = &mut sum;
        for round in 0..rounds {
            let mut polled = false;
            poll_fn(|cx| {
                cx.waker().wake_by_ref();
                let before = core::mem::replace(&mut polled, true);
                if before { Poll::Ready(()) } else { Poll::Pending }
            })
            .await;
            *into += round;
        }
        if ok { Ok(sum) } else { Err(sum) }
    }
    let array = || [counting(3, true), counting(5, true)];
    assert_eq!(block_on(collect(array())), Ok([3, 10]));
    assert_eq!(block_on(try_collect(array())), Ok([3, 10]));
    assert_eq!(block_on(race_ok(Vec::from(array()))), Ok(3));
    assert_eq!(block_on(first_ok([counting(3, false), counting(5, true)])), Ok(10));
    assert_eq!(block_on(partition(array())), (vec![3, 10], vec![]));
    assert_eq!(block_on(filter_ok::<_, Vec<_>>(array())), vec![3, 10]);
    let tuple = (counting(3, true), async { counting(5, true).await });
    assert_eq!(block_on(collect(tuple)), Ok((3, 10)));
}
