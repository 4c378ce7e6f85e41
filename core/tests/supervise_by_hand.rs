//! What a running supervisor can be asked to do with single children, in both forms.

#![cfg(feature = "std")]

mod executor;
mod probe;
mod supervised;
mod virtual_clock;

use core::{
    cell::RefCell,
    convert::Infallible,
    pin::Pin,
    task::{Context, Poll, Waker},
};
use klaw::{
    Restart, Shutdown, Strategy, Supervisor,
    supervise::{
        AnyChild, ChildCounts, ChildId, ChildInfo, ChildSpec, ChildState, Group, Refused, Request,
        Requests,
    },
};
use probe::{Msg, tell};
use std::{collections::VecDeque, rc::Rc};
use supervised::{Bench, NOTHING, SECOND, SEEDS, actor, in_both_forms, lives, supervisor};

type Boxed = Pin<Box<dyn AnyChild>>;

/// Requests and answers, kept outside the supervisor.
struct Hand<N>(Rc<RefCell<State<N>>>);

struct State<N> {
    requests: VecDeque<Request<N>>,
    over: bool,
    waker: Option<Waker>,
    answers: Vec<Result<(), Refused>>,
    given_back: Vec<N>,
    listed: Vec<ChildInfo>,
}

impl<N> Clone for Hand<N> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<N> Hand<N> {
    fn new() -> Self {
        Self(Rc::new(RefCell::new(State {
            requests: VecDeque::new(),
            over: false,
            waker: None,
            answers: vec![],
            given_back: vec![],
            listed: vec![],
        })))
    }

    fn ask(&self, request: Request<N>) {
        self.0.borrow_mut().requests.push_back(request);
        self.wake();
    }

    fn let_go(&self) {
        self.0.borrow_mut().over = true;
        self.wake();
    }

    fn wake(&self) {
        let waker = self.0.borrow_mut().waker.take();
        waker.into_iter().for_each(Waker::wake);
    }

    /// The answers since the last call.
    fn answers(&self) -> Vec<Result<(), Refused>> {
        core::mem::take(&mut self.0.borrow_mut().answers)
    }

    fn listed(&self) -> Vec<ChildInfo> {
        core::mem::take(&mut self.0.borrow_mut().listed)
    }
}

impl<N> Requests<N> for Hand<N> {
    fn poll_request(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Request<N>>> {
        let mut state = self.0.borrow_mut();
        match state.requests.pop_front() {
            Some(request) => Poll::Ready(Some(request)),
            None if state.over => Poll::Ready(None),
            None => {
                state.waker = Some(cx.waker().clone());
                Poll::Pending
            }
        }
    }

    fn answer(self: Pin<&mut Self>, answer: Result<(), Refused>) {
        self.0.borrow_mut().answers.push(answer);
    }

    fn give_back(self: Pin<&mut Self>, child: N, why: Refused) {
        self.0.borrow_mut().answers.push(Err(why));
        self.0.borrow_mut().given_back.push(child);
    }

    fn list(self: Pin<&mut Self>, children: &mut dyn Iterator<Item = ChildInfo>) {
        self.0.borrow_mut().listed.extend(children);
    }
}

const fn id(name: &'static str) -> ChildId {
    ChildId { name, index: None }
}

in_both_forms! {
    fn otp_s23_a_stopped_child_stays_down_and_can_be_restarted(bench) {
        let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children = supervisor()
            .max_restarts(0)
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b);
        let hand = Hand::<Infallible>::new();
        let running = bench.run_asked(children, hand.clone());
        bench.log.take();
        hand.ask(Request::Stop(id("a")));
        bench.executor.run();
        assert_eq!(hand.answers(), [Ok(())]);
        assert_eq!(bench.log.take(), ["a stopped Normal", "a gone"]);
        tell(&a_ref, Msg::Note(7)); // its mailbox is open, for it may be restarted
        bench.executor.run();
        assert_eq!((a_ref.incarnations(), a_ref.len()), (1, 1));
        hand.ask(Request::Restart(id("a")));
        hand.ask(Request::Restart(id("a")));
        hand.ask(Request::Stop(id("none")));
        bench.executor.run();
        assert_eq!(hand.answers(), [Ok(()), Err(Refused::Running), Err(Refused::NotFound)]);
        assert_eq!((a_ref.incarnations(), a_ref.len(), b_ref.incarnations()), (2, 0, 1));
        assert!(!running.result.is_ready());
    }

    fn otp_s23_a_child_that_does_not_stop_in_time_is_killed(bench) {
        let (a_ref, a) = actor!(bench, "a");
        let children = supervisor()
            .observe(bench.log.observer())
            .shutdown(Shutdown::Drain(SECOND))
            .child("a", Restart::Always, a);
        let hand = Hand::<Infallible>::new();
        let running = bench.run_asked(children, hand.clone());
        tell(&a_ref, Msg::Hang);
        bench.executor.run();
        bench.log.take();
        hand.ask(Request::Stop(id("a")));
        bench.executor.run();
        assert_eq!(hand.answers(), []);
        bench.advance(SECOND);
        assert_eq!(hand.answers(), [Ok(())]);
        assert_eq!(bench.log.take(), ["Killed a", "a gone", "Ended a"]);
        assert!(!running.result.is_ready());
    }

    fn otp_s06_a_child_that_ended_normally_can_be_restarted(bench) {
        let (a_ref, a) = actor!(bench, "a");
        let hand = Hand::<Infallible>::new();
        let children = supervisor().child("a", Restart::OnFailure, a);
        let running = bench.run_asked(children, hand.clone());
        tell(&a_ref, Msg::End);
        bench.executor.run();
        assert!(!running.result.is_ready() && !a_ref.is_closed());
        hand.ask(Request::Restart(id("a")));
        bench.executor.run();
        assert_eq!((hand.answers(), a_ref.incarnations()), (vec![Ok(())], 2));
    }

    fn otp_s13_a_group_restart_starts_those_that_were_stopped_by_hand(bench) {
        let ((a_ref, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children = Supervisor::new(Strategy::OneForAll)
            .child("a", Restart::Always, a)
            .child("b", Restart::Always, b);
        let hand = Hand::<Infallible>::new();
        let running = bench.run_asked(children, hand.clone());
        hand.ask(Request::Stop(id("b")));
        bench.executor.run();
        tell(&a_ref, Msg::Fail);
        bench.executor.run();
        assert_eq!((a_ref.incarnations(), b_ref.incarnations()), (2, 2));
        drop(running);
    }

    fn otp_s24_an_added_child_is_started_last(bench) {
        let ((_a, a), (b_ref, b), (same_ref, same)) =
            (actor!(bench, "a"), actor!(bench, "b"), actor!(bench, "same"));
        let (bad_ref, bad) = actor!(bench, "bad", |probe| probe.fail_in_started());
        let driver = bench.driver();
        let hand = Hand::<Boxed>::new();
        let children = supervisor()
            .max_restarts(0)
            .child("a", Restart::Always, a)
            .group(Group::<dyn AnyChild>::new());
        let running = bench.run_asked(children, hand.clone());
        let spec = ChildSpec::new(id("b"), Restart::Always, Shutdown::Infinite, b);
        hand.ask(Request::Start(Box::pin(spec.build(&driver))));
        bench.executor.run();
        assert_eq!((hand.answers(), b_ref.incarnations()), (vec![Ok(())], 1));

        // A name that is taken.
        let spec = ChildSpec::new(id("b"), Restart::Always, Shutdown::Infinite, same);
        hand.ask(Request::Start(Box::pin(spec.build(&driver))));
        bench.executor.run();
        assert_eq!(hand.answers(), [Err(Refused::AlreadyRunning)]);
        hand.ask(Request::Stop(id("b")));
        let same = hand.0.borrow_mut().given_back.pop().expect("it comes back");
        hand.ask(Request::Start(same));
        bench.executor.run();
        assert_eq!(hand.answers(), [Ok(()), Err(Refused::AlreadyPresent)]);
        assert!(!same_ref.is_closed(), "it was not touched");

        // Once the name is free it can be had.
        let same = hand.0.borrow_mut().given_back.pop().expect("it comes back");
        hand.ask(Request::Delete(id("b")));
        hand.ask(Request::Start(same));
        bench.executor.run();
        assert_eq!((hand.answers(), same_ref.incarnations()), (vec![Ok(()), Ok(())], 1));
        assert!(b_ref.is_closed(), "it was deleted");

        // A start that fails keeps nothing.
        let spec = ChildSpec::new(id("bad"), Restart::Always, Shutdown::Infinite, bad);
        hand.ask(Request::Start(Box::pin(spec.build(&driver))));
        hand.ask(Request::List);
        bench.executor.run();
        assert_eq!(hand.answers(), [Err(Refused::StartFailed)]);
        let names: Vec<_> = hand.listed().iter().map(|info| info.child.name).collect();
        assert_eq!(names, ["a", "b"]);
        assert_eq!((bad_ref.incarnations(), bad_ref.is_closed()), (1, true));

        bench.log.take();
        bench.stop(&running);
        let gone: Vec<_> =
            lives(&bench.log).into_iter().filter(|line| line.ends_with("gone")).collect();
        assert_eq!(gone, ["same gone", "a gone"]);
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn otp_s25_only_a_stopped_child_can_be_deleted(bench) {
        let ((a_ref, a), (_b, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let children =
            supervisor().child("a", Restart::Always, a).child("b", Restart::Always, b);
        let hand = Hand::<Infallible>::new();
        let running = bench.run_asked(children, hand.clone());
        for request in [
            Request::Delete(id("a")), Request::Stop(id("a")), Request::Delete(id("a")),
            Request::Restart(id("a")), Request::Delete(id("a")),
        ] {
            hand.ask(request);
        }
        bench.executor.run();
        let gone = Err(Refused::NotFound);
        assert_eq!(hand.answers(), [Err(Refused::Running), Ok(()), Ok(()), gone, gone]);
        assert!(a_ref.is_closed(), "no further incarnation will come");
        drop(running);
    }

    fn children_are_listed_and_counted(bench) {
        let gate = klaw::CancelToken::new();
        let ((_a, a), (b_ref, b)) = (actor!(bench, "a"), actor!(bench, "b"));
        let (_c, c) = actor!(bench, "c", |probe| probe.wait_in_started(&gate));
        let (_d, d) = actor!(bench, "d");
        let children = supervisor()
            .child("a", Restart::Always, a)
            .child("b", Restart::OnFailure, b)
            .child("c", Restart::Always, c)
            .child("d", Restart::Never, d);
        let hand = Hand::<Infallible>::new();
        let running = bench.run_asked(children, hand.clone());
        tell(&b_ref, Msg::End);
        bench.executor.run();
        hand.ask(Request::List);
        bench.executor.run();
        let listed = hand.listed();
        let states: Vec<_> = listed.iter().map(|info| (info.child.name, info.state)).collect();
        let expected = [
            ("a", ChildState::Running), ("b", ChildState::Stopped),
            ("c", ChildState::Starting), ("d", ChildState::Waiting),
        ];
        assert_eq!(states, expected);
        let counts: ChildCounts = listed.into_iter().collect();
        assert_eq!((counts.specs, counts.active), (4, 2));
        drop(running);
    }

    fn a_supervisor_ends_once_no_requests_can_come(bench) {
        let hand = Hand::<Infallible>::new();
        let running = bench.run_asked(supervisor(), hand.clone());
        assert!(!running.result.is_ready(), "children may be restarted by hand");
        hand.let_go();
        bench.executor.run();
        assert_eq!(running.result.take(), Some(Ok(())));
    }

    fn otp_s38_all_children_are_stopped_at_the_same_time(bench) {
        let tokens = [(); 3].map(|()| klaw::CancelToken::new());
        let hand = Hand::<Boxed>::new();
        let children =
            supervisor().stop_at_once().group(Group::<dyn AnyChild>::new());
        let running = bench.run_asked(children, hand.clone());
        for (number, token) in tokens.iter().enumerate() {
            let (gate, log) = (token.clone(), bench.log.clone());
            let factory = move || {
                let (stop, gate, log) = (klaw::CancelToken::new(), gate.clone(), log.clone());
                let asked = stop.clone();
                klaw::task(async move {
                    asked.cancelled().await;
                    log.add(format!("asked {number}"));
                    gate.cancelled().await;
                }).stop_with(stop)
            };
            let spec = ChildSpec::new(
                ChildId { name: "x", index: Some(number) },
                Restart::Always,
                Shutdown::Infinite,
                factory,
            );
            hand.ask(Request::Start(Box::pin(spec.build(&bench.driver()))));
        }
        bench.executor.run();
        assert_eq!(hand.answers(), [Ok(()); 3]);
        assert_eq!(bench.log.take(), NOTHING);
        bench.stop(&running);
        let mut asked = bench.log.take();
        asked.sort();
        assert_eq!(asked, ["asked 0", "asked 1", "asked 2"], "none has ended");
        assert!(tokens.iter().all(|token| token.cancel("end")));
        bench.executor.run();
        assert_eq!(running.result.take(), Some(Ok(())));
    }
}
